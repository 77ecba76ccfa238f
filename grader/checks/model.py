"""What a ``checks.py`` is written in: functions, their checks, and the laws each check stands for.

A *check* earns points. It holds when every one of its *laws* holds on every example drawn. Laws
say what must be true of a function's results; agreement with the reference is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.shown import Element, Shown
from grader.i18n import Text
from grader.sandbox.process import CallResult
from grader.strategies import Example, Inputs
from grader.tolerances import Bound

Array = NDArray[Any]
Reference = Callable[..., Any]


@dataclass(frozen=True)
class Problem:
    """Why a law does not hold for an example; ``element`` where single numbers show it.

    ``shown`` are the lines of NumPy that show it, where the plain call does not.
    """

    message: Text
    element: Element | None = None
    shown: Shown | None = None


@dataclass(frozen=True)
class Answers:
    """What the submission answered for one example.

    ``outputs`` are the values of the plain call, checked for number, shape and dtype;
    ``call`` is that call as it came back; ``extra`` the results of the law's own calls.
    """

    outputs: tuple[Any, ...]
    call: CallResult
    extra: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """A further call, of another function of the same submission.

    Its value reaches the law unchecked; if it fails, the law has nothing to say, because that
    failure belongs to the other function.
    """

    function: str
    args: tuple[Any, ...]


Judge = Callable[[Example, Answers], Problem | None]
FurtherCalls = Sequence["tuple[Any, ...] | Elsewhere"]
Transform = Callable[[Example], FurtherCalls]


def no_calls(example: Example) -> FurtherCalls:
    """For laws that need only the plain call."""
    return []


@dataclass(frozen=True)
class Law:
    """One statement about a function.

    ``judges`` are alternatives, each allowed by the contract: the law holds if one of them
    accepts *every* example, so that a choice must be made once and kept. ``calls`` gives the
    arguments of further calls of the same function (or :class:`Elsewhere`), ``judge`` gets their
    outputs in ``extra``. They are made for the first ``examples`` only: what they can find shows
    on nearly every one, and calls are what grading costs. Without them a law has nothing to say,
    unless it is ``on_all`` examples; a law that makes no calls always is.
    """

    name: str
    title: Text
    judges: tuple[Judge, ...]
    calls: Transform = no_calls
    shrink: bool = True
    examples: int = 5
    on_all: bool = False


@dataclass(frozen=True)
class Check:
    """Laws that earn points together.

    ``examples`` are drawn from ``inputs`` in the first pass. ``requires`` names an earlier check of
    the same function: without it there is nothing here to reward.
    """

    name: str
    title: Text
    inputs: Inputs
    laws: tuple[Law, ...]
    examples: int = 20
    requires: str | None = None


Normalise = Callable[[Example, Any], "tuple[Any, ...] | Problem"]


@dataclass(frozen=True)
class FunctionChecks:
    """Everything that is checked of one function.

    ``outputs`` names the values it returns. ``normalise`` turns what came back into that many
    values, or says what is wrong with it; without one, arrays and numbers are expected. ``written``
    is then the statement that a counterexample prints: ``"batches = list({call})"``.
    """

    function: str
    outputs: tuple[str, ...]
    checks: tuple[Check, ...]
    reference: Reference | None = None
    bound: Bound | None = None
    normalise: Normalise | None = None
    written: str | None = None


def named(checks: Sequence[FunctionChecks]) -> dict[tuple[str, str], tuple[FunctionChecks, Check]]:
    """Every check by (function, name)."""
    return {(f.function, check.name): (f, check) for f in checks for check in f.checks}


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Several returned values as a tuple; one value as a tuple of one."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def is_number(value: Any) -> bool:
    """A real number, as Python or NumPy has it; no truth value."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
