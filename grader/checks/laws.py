"""Laws that hold for many functions; an assignment adds those that are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from grader import tolerances
from grader.checks.model import (
    Answers,
    Array,
    Judge,
    Law,
    Problem,
    Reference,
    Transform,
    as_tuple,
)
from grader.checks.shown import Element, Lines, Shown, differing
from grader.i18n import Text, text
from grader.strategies import Example
from grader.tolerances import Bound

# Elements; below this a second call costs nothing.
SMALL = 300


def first_difference(
    output: str, got: Any, expected: Any, bound: Any, message: Text
) -> Problem | None:
    """The first element of ``got`` farther than ``bound`` from ``expected``, if there is one."""
    got64 = np.asarray(got, np.float64)
    expected64 = np.asarray(expected, np.float64)
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(got64 - expected64) <= bound)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    want = float(np.broadcast_to(expected64, got64.shape)[index])
    room = float(np.broadcast_to(bound, got64.shape)[index])
    element = Element(output, index, float(got64[index]), want, got64.shape, room)
    return Problem(message, element)


def seen(problem: Problem, lines: Lines, got: str, expected: str) -> Problem:
    """The problem, to be seen after some lines: the variable ``got`` is not ``expected``."""
    if problem.element is None:
        return problem
    return replace(problem, shown=differing(lines, got, expected, problem.element))


def agreement(outputs: tuple[str, ...], references: tuple[Reference, ...], bound: Bound) -> Law:
    """Every output agrees with the float64 reference within the operation's rounding error.

    With several references the submission may follow any of them, but one throughout. Small
    examples are called again with every array reversed: the same shapes, other numbers.
    """
    plain = text("A value differs from what the formula gives.")
    again = text(
        "A second call with other numbers (every array reversed) gives a wrong value. Does the "
        "function keep something from an earlier call?"
    )

    def judge_by(reference: Reference) -> Judge:
        def compare(args: tuple[Any, ...], got: tuple[Any, ...], message: Text) -> Problem | None:
            expected = as_tuple(reference(*args))
            bounds = bound(args, tolerances.coarsest(*args, *got))
            for name, value, want, near in zip(outputs, got, expected, bounds, strict=True):
                problem = first_difference(name, value, want, near, message)
                if problem is not None:
                    return problem
            return None

        def judge(example: Example, answers: Answers) -> Problem | None:
            problem = compare(example.args, answers.outputs, plain)
            for args, got in zip(reversed_arrays(example), answers.extra, strict=False):
                problem = problem or _seen_again(compare(args, got, again), example)
            return problem

        return judge

    judges = tuple(map(judge_by, references))
    title = text("agrees with the formula")
    return Law("agreement", title, judges, reversed_arrays, on_all=True)


def _seen_again(problem: Problem | None, example: Example) -> Problem | None:
    if problem is None or problem.element is None:
        return problem
    arrays = [k for k, v in example.arguments.items() if isinstance(v, np.ndarray)]
    turned = {name: f"np.flip({name})" for name in arrays}
    return seen(
        problem,
        lambda calls: [calls.line(), calls.line("2", **turned)],
        f"{problem.element.output}2",
        repr(problem.element.expected),
    )


def reversed_arrays(example: Example) -> list[tuple[Any, ...]]:
    """The arguments with every array reversed along every axis; nothing for large examples."""
    arrays = {k: v for k, v in example.arguments.items() if isinstance(v, np.ndarray)}
    if sum(array.size for array in arrays.values()) > SMALL:
        return []
    return [example.replace(**{name: np.flip(array) for name, array in arrays.items()})]


def precision(example: Example, outputs: tuple[Any, ...]) -> tolerances.Precision:
    """The coarsest precision of what went in and came out."""
    return tolerances.coarsest(*example.args, *outputs)


def finite(outputs: tuple[str, ...]) -> Law:
    """No output holds nan or inf, because no input does."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        for name, got in zip(outputs, answers.outputs, strict=True):
            wrong = ~np.isfinite(got)
            if wrong.any():
                index = tuple(int(i) for i in np.argwhere(wrong)[0])
                element = Element(name, index, float(got[index]), None, got.shape)
                return Problem(text("A value is not finite, though every input is."), element)
        return None

    return Law("finite", text("stays finite"), (judge,))


def inputs_untouched(message: Text | None = None) -> Law:
    """The call leaves its arguments as they were."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        changed = [list(example.arguments)[i] for i in answers.call.mutated_args]
        if not changed:
            return None
        return Problem(
            message
            or text(
                "The call changed its argument {names}. Work on a copy: later steps need the "
                "values as they were.",
                names=", ".join(changed),
            ),
            shown=kept(changed[0]),
        )

    return Law("inputs-untouched", text("leaves its inputs as they were"), (judge,))


def kept(argument: str) -> Shown:
    """Lines that show that a call changes an argument."""
    return Shown(
        lambda calls: [
            f"before = {argument}.copy()",
            calls.without_copies.line(),
            f"assert np.array_equal({argument}, before), {argument}",
        ]
    )


def owns_result() -> Law:
    """No result shares memory with an argument: a later change of one would change the other."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        shared = [list(example.arguments)[i] for i in answers.call.aliased_args]
        if not shared:
            return None
        return Problem(
            text(
                "The result is a view of the argument {names}: changing one changes the other. "
                "Return a new array.",
                names=", ".join(shared),
            ),
            shown=Shown(
                lambda calls: [
                    calls.without_copies.line(),
                    *(f"assert not np.shares_memory({o}, {shared[0]})" for o in calls.outputs),
                ]
            ),
        )

    return Law("owns-result", text("returns new arrays"), (judge,))


def deterministic(outputs: tuple[str, ...]) -> Law:
    """The same call again gives the same bits."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        for name, got, again in zip(outputs, answers.outputs, answers.extra[0], strict=True):
            if got.shape != again.shape or not np.array_equal(got, again, equal_nan=True):
                return Problem(
                    text("The same call twice gave two different results in {name}.", name=name),
                    shown=_twice(name),
                )
        return None

    return Law(
        "deterministic",
        text("gives the same result for the same inputs"),
        (judge,),
        lambda example: [example.args],
    )


def _twice(output: str) -> Shown:
    one, two = f"{output}1", f"{output}2"
    return Shown(
        lambda calls: [
            calls.line("1"),
            calls.line("2"),
            f"assert np.array_equal({one}, {two}, equal_nan=True), ({one}, {two})",
        ]
    )


def equivariant(
    name: str,
    title: Text,
    outputs: tuple[str, ...],
    calls: Transform,
    relate: Relation,
    written: Written | None = None,
) -> Law:
    """The outputs of a transformed call are related to those of the plain one.

    ``relate(example, outputs, others)`` yields, for each output in turn, what it is compared with
    and the allowed distance: ``(other, expected, bound)``. ``written`` says the same in NumPy, for
    a counterexample that shows both calls: the arguments of the transformed call, and what its
    output must then be, ``({"dz": "2 * dz"}, lambda output: f"2 * {output}")``.
    """

    def judge(example: Example, answers: Answers) -> Problem | None:
        pairs = relate(example, answers.outputs, answers.extra[0])
        for output, (got, expected, bound) in zip(outputs, pairs, strict=True):
            problem = first_difference(
                output, got, expected, bound, text("It does not hold that it {law}.", law=title)
            )
            if problem is not None:
                return _seen_transformed(problem, output, written)
        return None

    return Law(name, title, (judge,), calls)


def _seen_transformed(problem: Problem, output: str, written: Written | None) -> Problem:
    if written is None:
        return problem
    changed, expected = written
    return seen(
        problem,
        lambda calls: [calls.line(), calls.line("2", **changed)],
        f"{output}2",
        expected(output),
    )


def permuted(
    arguments: tuple[str, ...], outputs: tuple[str, ...], moved: tuple[bool, ...], bound: Bound
) -> Law:
    """Samples in another order give their own results in that order, and the same sums over them.

    ``moved`` says which outputs have a row for each sample.
    """

    def turn(value: Any) -> Any:
        return np.roll(value, -1, axis=0)

    def relate(example: Example, got: tuple[Array, ...], others: tuple[Array, ...]) -> Related:
        near = bound(example.args, precision(example, got))
        return [
            (other, turn(own) if moves else own, 2 * (turn(room) if moves else room))
            for own, other, room, moves in zip(got, others, near, moved, strict=True)
        ]

    title = text("treats every sample alike")
    calls = lambda example: [  # noqa: E731
        example.replace(**{name: turn(example[name]) for name in arguments})
    ]
    rolled = dict(zip(outputs, moved, strict=True))
    written = (
        {name: f"np.roll({name}, -1, axis=0)" for name in arguments},
        lambda output: f"np.roll({output}, -1, axis=0)" if rolled[output] else output,
    )
    return equivariant("samples-alike", title, outputs, calls, relate, written)


def double(value: Any) -> Array:
    """The value in float64, in which the judge computes."""
    return np.asarray(value, np.float64)


def direction(like: Array) -> Array:
    """A direction in the space of an array: of its dtype, every element another."""
    steps = np.cos(1.0 + np.arange(like.size, dtype=np.float64)).reshape(like.shape)
    return steps.astype(like.dtype if like.dtype.kind == "f" else np.float64)


Written = tuple[dict[str, str], Callable[[str], str]]
Related = list[tuple[Array, Array, Array]]
Relation = Callable[[Example, tuple[Array, ...], tuple[Array, ...]], Related]
