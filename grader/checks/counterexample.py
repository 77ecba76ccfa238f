"""A failing example as lines of NumPy that can be pasted and run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.engine import Failure
from grader.checks.model import FunctionChecks
from grader.checks.shown import Calls, Shown
from grader.result import Counterexample
from grader.sandbox.protocol import Seed, layout_of
from grader.strategies import Example

ELEMENTS = 60  # more than these are not read by anybody
IMPORT = "import numpy as np"


def build(spec: FunctionChecks, failure: Failure) -> Counterexample | None:
    """The counterexample of a failure; None when no call was reached."""
    if failure.example is None:
        return None
    element = failure.problem.element if failure.problem else None
    shown = _shown(failure)
    return Counterexample(
        code=tuple(lines(spec, failure.example, shown, failure.changed)),
        shapes={
            name: list(value.shape)
            for name, value in failure.example.arguments.items()
            if isinstance(value, np.ndarray)
        },
        output=(shown.got if shown and shown.got else element.output) if element else None,
        index=element.index if element else None,
        got=_number(element.got) if element else None,
        expected=_number(element.expected) if element and element.expected is not None else None,
        shrunk=failure.shrunk,
    )


def _shown(failure: Failure) -> Shown | None:
    """The law's own lines, unless numbers too many to be written were drawn anew for them."""
    if failure.problem is None or failure.example is None:
        return None
    arrays = (v for v in failure.example.arguments.values() if isinstance(v, np.ndarray))
    return failure.problem.shown if all(a.size <= ELEMENTS for a in arrays) else None


def lines(
    spec: FunctionChecks,
    example: Example,
    shown: Shown | None = None,
    changed: frozenset[str] = frozenset(),
) -> list[str]:
    """One assignment for each argument, then the call, or the calls of a law; they run as they are.

    The results get the names by which a report speaks of them.
    """
    code = [f"{name} = {_expression(value)}" for name, value in example.arguments.items()]
    arguments, written = tuple(example.arguments), spec.written
    if spec.normalise is not None and written is None:
        written = "{call}"
    calls = Calls(spec.function, spec.outputs, arguments, changed, written)
    code += shown.lines(calls) if shown is not None else [calls.without_copies.line()]
    return [IMPORT, *code] if any("np." in line for line in code) else code


def _expression(value: Any) -> str:
    if isinstance(value, Seed):
        return f"np.random.default_rng({value.seed})"
    if not isinstance(value, np.ndarray):
        return repr(value)
    return _laid_out(value) if value.size <= ELEMENTS else _similar(value)


def _similar(value: NDArray[Any]) -> str:
    """As many numbers of the same size, for an example that only shows itself when it is large."""
    shape, dtype = value.shape, f"np.{value.dtype.name}"
    if value.dtype.kind in "iub":
        low, high = int(value.min()), int(value.max())
        drawn = f"np.random.default_rng(0).integers({low}, {high + 1}, {shape}).astype({dtype})"
    else:
        scale = float(np.sqrt(np.mean(np.square(value, dtype=np.float64))))
        drawn = f"{scale:.3g} * np.random.default_rng(0).standard_normal({shape})"
        drawn = f"({drawn}).astype({dtype})" if value.dtype != np.float64 else drawn
    return f"{drawn}  # drawn like the array that was used"


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
