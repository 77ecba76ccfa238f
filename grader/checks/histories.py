"""Histories compared: what experiments that name a mistake of ``train`` are written with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.training import OUTPUTS
from grader.misconception import Experiment
from grader.strategies import Example

__all__ = ["NEAR", "Calls", "Lists", "Values", "alike", "by_lists", "lists"]

Array = NDArray[Any]
Lists = tuple[Array, ...]
Values = Sequence[Any]
Calls = list[tuple[Any, ...]]
NEAR = 1e-4


def lists(value: Any) -> Lists | None:
    """The four lists of a history, if it has them."""
    try:
        found = tuple(np.array([float(v) for v in value[name]]) for name in OUTPUTS)
    except (TypeError, ValueError, KeyError, IndexError):
        return None
    return found if len({len(each) for each in found}) == 1 and len(found[0]) else None


def alike(one: Any, other: Any) -> bool:
    """Equal but for the rounding of float32."""
    a, b = np.asarray(one), np.asarray(other)
    return a.shape == b.shape and np.allclose(a, b, rtol=NEAR, atol=NEAR)


def by_lists(
    calls: Callable[[Example], Calls], told: Callable[[Example, list[Lists]], bool]
) -> Experiment:
    """An experiment on histories that have their four lists; ``told`` gets the plain one first."""

    def shows(example: Example, values: Values) -> bool:
        found = [each for each in map(lists, values) if each is not None]
        return len(found) == len(values) and told(example, found)

    return Experiment(calls, shows)
