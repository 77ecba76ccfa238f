"""Simple relations between wrong results and right ones: a factor, a sign, a transpose.

Where no misconception of the bank explains a result, "your dw is N times the right one" often
does. A relation is said only if it holds on every example drawn, if no other one holds as well,
and if the other outputs are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.laws import double
from grader.checks.model import Array, FunctionChecks, as_tuple
from grader.i18n import Text, plain, text
from grader.misconception import Misconception
from grader.strategies import Example
from grader.tolerances import coarsest

SLACK = 4.0
CONSTANTS = (-1.0, 2.0, 0.5, -2.0, -0.5, 3.0, 4.0, 0.25)
Answer = tuple[Example, Any]


@dataclass(frozen=True)
class Relation:
    """``apply(right, example)`` is what came; ``said`` is how a report says it."""

    id: str
    said: Text
    hint: Text
    apply: Callable[[Array, Example], Array]


def find_relation(spec: FunctionChecks, answers: Sequence[Answer]) -> Misconception | None:
    """The one relation that explains every answer, as something to be named; None otherwise."""
    if spec.reference is None or spec.bound is None or not answers:
        return None
    symbols = [name for name in answers[0][0].dimensions if name.isalpha()]
    varying = [s for s in symbols if len({example.dimensions[s] for example, _ in answers}) > 1]
    values = [as_tuple(value) for _, value in answers]
    if any(len(each) != len(spec.outputs) for each in values):
        return None
    found: list[tuple[str, Relation]] = []
    for place, name in enumerate(spec.outputs):
        if _holds(spec, answers, place, RIGHT):
            continue
        fitting = [r for r in _candidates(varying) if _holds(spec, answers, place, r)]
        if len(fitting) != 1:
            return None
        found.append((name, fitting[0]))
    return _named(spec, found) if found else None


def _named(spec: FunctionChecks, found: list[tuple[str, Relation]]) -> Misconception:
    def unknown(*args: Any) -> Any:
        raise NotImplementedError("a relation is found by comparing, not by calling")

    titles = [text(r"{output} is {relation}", output=name, relation=r.said) for name, r in found]
    said = {lang: "; ".join(title[lang] for title in titles) for lang in titles[0]}
    return Misconception(
        id="relation:" + ",".join(f"{name}={relation.id}" for name, relation in found),
        function=spec.function,
        wrong=unknown,
        title=said,
        explanation=text(
            "This holds on every example that was drawn, and everything else is right."
        ),
        hint=found[0][1].hint,
    )


RIGHT = Relation("right", plain(""), plain(""), lambda right, example: right)


def _candidates(symbols: Sequence[str]) -> Iterator[Relation]:
    sign = text("Which way does the loss change when you raise one element a little?")
    constant = text("Look for a factor in your formula, or a term that is counted twice.")
    for factor in CONSTANTS:
        yield Relation(
            f"{factor:g}",
            text("{factor} times the right one", factor=f"{factor:g}"),
            sign if factor == -1.0 else constant,
            lambda right, example, factor=factor: factor * right,  # type: ignore[misc]
        )
    sums = text("Where is a sum taken and where a mean, and how often is there a division?")
    for symbol in symbols:
        for power, written in ((1, symbol), (-1, f"1/{symbol}"), (2, f"{symbol}²")):
            for signed in (1.0, -1.0):
                shown = written if signed > 0 else f"-{written}"
                yield Relation(
                    shown,
                    text("{factor} times the right one", factor=shown),
                    sums,
                    _power(symbol, power, signed),
                )
    nothing = text("Where is this result computed, and does what is computed reach the return?")
    yield Relation("0", text("zero everywhere"), nothing, lambda right, example: 0.0 * right)
    turn = text("Compare the shapes of your factors with the shape that must come out.")
    yield Relation(
        "transposed", text("the right one transposed"), turn, lambda right, example: right.T
    )


def _power(symbol: str, power: int, sign: float) -> Callable[[Array, Example], Array]:
    return lambda right, example: sign * float(example.dimensions[symbol]) ** power * right


def _holds(spec: FunctionChecks, answers: Sequence[Answer], place: int, relation: Relation) -> bool:
    return all(_holds_for(spec, example, value, place, relation) for example, value in answers)


def _holds_for(
    spec: FunctionChecks, example: Example, value: Any, place: int, relation: Relation
) -> bool:
    if spec.reference is None or spec.bound is None:
        return False
    values = as_tuple(value)
    got = values[place]
    if not isinstance(got, (np.ndarray, float, np.floating)):
        return False
    right = double(as_tuple(spec.reference(*example.args))[place])
    near = double(spec.bound(example.args, coarsest(*example.args, *values))[place])
    with np.errstate(all="ignore"):
        wanted = double(relation.apply(right, example))
        room = np.abs(double(relation.apply(near, example)))
        got = double(got)
        return got.shape == wanted.shape and bool((np.abs(got - wanted) <= SLACK * room).all())
