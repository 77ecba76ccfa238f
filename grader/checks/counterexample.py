"""A failing example as lines of NumPy that can be pasted and run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.engine import Failure
from grader.result import Counterexample
from grader.sandbox.protocol import Seed, layout_of
from grader.strategies import Example

ELEMENTS = 60  # more than these are not read by anybody


def build(function: str, failure: Failure) -> Counterexample | None:
    """The counterexample of a failure; None when no call was reached."""
    if failure.example is None:
        return None
    element = failure.problem.element if failure.problem else None
    return Counterexample(
        code=tuple(lines(function, failure.example)),
        shapes={
            name: list(value.shape)
            for name, value in failure.example.arguments.items()
            if isinstance(value, np.ndarray)
        },
        output=element.output if element else None,
        index=element.index if element else None,
        got=_number(element.got) if element else None,
        expected=_number(element.expected) if element and element.expected is not None else None,
        shrunk=failure.shrunk,
    )


def lines(function: str, example: Example) -> list[str]:
    """One assignment for each argument, then the call."""
    code = [f"{name} = {_expression(value)}" for name, value in example.arguments.items()]
    return [*code, f"{function}({', '.join(example.arguments)})"]


def _expression(value: Any) -> str:
    if isinstance(value, Seed):
        return f"np.random.default_rng({value.seed})"
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > ELEMENTS:
        shape = "×".join(map(str, value.shape))
        return f"...  # {shape} {value.dtype.name}; see the shapes, and the seed"
    return _laid_out(value)


def _laid_out(value: NDArray[Any]) -> str:
    """An expression that rebuilds the memory layout too, where that is not the usual one."""
    match layout_of(value):
        case "F":
            return f"np.asfortranarray({_literal(value)})"
        case "reversed":
            back = ", ".join(["::-1"] * value.ndim)
            return f"{_literal(np.flip(value))}[{back}]"
        case "strided":
            wide = value
            for axis in range(value.ndim):
                wide = np.repeat(wide, 2, axis=axis)
            step = ", ".join(["::2"] * value.ndim)
            return f"{_literal(wide)}[{step}]" if wide.size <= ELEMENTS else _literal(value)
    return _literal(value)


def _literal(value: NDArray[Any]) -> str:
    dtype = "" if value.dtype in (np.float64, np.int64) else f", dtype=np.{value.dtype.name}"
    if value.size == 0:
        return f"np.zeros({value.shape}, dtype=np.{value.dtype.name})"
    return f"np.array({_nested(value)}{dtype})"


def _nested(value: NDArray[Any]) -> str:
    if value.ndim == 0:
        return str(value[()])  # the shortest digits that give this number in its own dtype
    return "[" + ", ".join(_nested(item) for item in value) + "]"


def _number(value: float) -> str:
    return f"{value:.10g}"
