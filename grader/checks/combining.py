"""Two mistakes at once: what a function gives that makes both.

Each output that only one of the mistakes touches is that mistake's. Where both touch an output
there are several ways to make both, of which the submission may have taken any: the changes may
add up (``a + b - right``), multiply (``a · b / right``), or multiply as steps away from an
argument (an updated parameter). Everything is computed in float64.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from grader.checks.laws import double
from grader.checks.model import Array, FunctionChecks, as_tuple
from grader.i18n import join, text
from grader.misconception import Misconception
from grader.tolerances import DOUBLE

SAME = 1e-9
Way = Callable[[Array, Array, Array, tuple[Any, ...]], Array]


class NoCombinationError(Exception):
    """The two mistakes do not go together on this example."""


def combinations(spec: FunctionChecks, bank: Sequence[Misconception]) -> Iterator[Misconception]:
    """Every two misconceptions of a function, made at once in every way."""
    own = [m for m in bank if m.function == spec.function and m.experiment is None]
    if spec.reference is not None:
        for one, other in itertools.combinations(own, 2):
            for way in WAYS:
                yield both(spec, one, other, way)


def both(spec: FunctionChecks, one: Misconception, other: Misconception, way: Way) -> Misconception:
    """One misconception made of two."""

    def wrong(*args: Any) -> Any:
        return _both(spec, one, other, way, args)

    return Misconception(
        id=f"{one.id}+{other.id}",
        function=spec.function,
        wrong=wrong,
        title=text("Two mistakes: {one}; {other}", one=one.title, other=other.title),
        explanation=join([one.explanation, other.explanation]),
        hint=join([one.hint, other.hint]),
    )


def apart(spec: FunctionChecks, one: Misconception, other: Misconception, args: Any) -> bool:
    """Whether, on this example, no output is touched by both: how to make both is then certain."""
    try:
        right, a, b = (_called(f, args)[0] for f in (spec.reference, one.wrong, other.wrong))
    except Exception:  # mistaken code may raise anything
        return False
    if not len(right) == len(a) == len(b):
        return False
    return all(_same(x, r) or _same(y, r) for x, y, r in zip(a, b, right, strict=True))


def go_together(spec: FunctionChecks, one: Misconception, other: Misconception, args: Any) -> bool:
    """Whether, on this example, both can be made at once: results that both change must add up."""
    try:
        _both(spec, one, other, _add, tuple(copy.deepcopy(args)))
    except NoCombinationError:
        return False
    except Exception:  # code that makes one of the mistakes and raises does so with both
        return True
    return True


def _both(
    spec: FunctionChecks, one: Misconception, other: Misconception, way: Way, args: Any
) -> Any:
    right, _ = _called(spec.reference, args)
    a, after_a = _called(one.wrong, args)
    b, after_b = _called(other.wrong, args)
    if not len(right) == len(a) == len(b):
        raise NoCombinationError
    for arg, first, second in zip(args, after_a, after_b, strict=True):
        if isinstance(arg, np.ndarray):
            changed = first if not np.array_equal(first, arg) else second
            arg[...] = changed
    with np.errstate(all="ignore"):
        outputs = [_joined(*values, way, args) for values in zip(a, b, right, strict=True)]
    return tuple(outputs) if len(outputs) > 1 else outputs[0]


def _joined(a: Any, b: Any, right: Any, way: Way, args: tuple[Any, ...]) -> Any:
    if _same(a, right):
        return b
    if _same(b, right):
        return a
    a, b, right = double(a), double(b), double(right)
    if not a.shape == b.shape == right.shape:
        raise NoCombinationError
    return way(a, b, right, args)


def _add(a: Array, b: Array, right: Array, args: tuple[Any, ...]) -> Array:
    return np.asarray(a + b - right)


def _multiply(a: Array, b: Array, right: Array, args: tuple[Any, ...]) -> Array:
    return np.asarray(np.where(right == 0.0, a * b, a * (b / np.where(right == 0.0, 1.0, right))))


def _multiply_steps(a: Array, b: Array, right: Array, args: tuple[Any, ...]) -> Array:
    start = double(args[0])
    if start.shape != right.shape:
        raise NoCombinationError
    return start + _multiply(a - start, b - start, right - start, args)


WAYS: tuple[Way, ...] = (_add, _multiply, _multiply_steps)


def _called(
    function: Callable[..., Any] | None, args: tuple[Any, ...]
) -> tuple[tuple[Any, ...], list[Any]]:
    """The outputs of a call with copies in float64, and those copies after the call."""
    if function is None:
        raise NoCombinationError
    copies = [_copy(arg) for arg in args]
    with np.errstate(all="ignore"):
        return as_tuple(function(*copies)), copies


def _copy(arg: Any) -> Any:
    if not isinstance(arg, np.ndarray):
        return arg
    return arg.astype(np.float64) if arg.dtype.kind == "f" else arg.copy()


def _same(one: Any, other: Any) -> bool:
    try:
        a, b = double(one), double(other)
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and bool(
        np.allclose(a, b, rtol=SAME, atol=DOUBLE.tiny, equal_nan=True)
    )
