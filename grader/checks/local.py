"""Answers calls in this process: for code that comes with the assignment, not with a student."""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.errors import MissingFunction, StudentException
from grader.i18n import plain
from grader.sandbox.process import Call, CallResult, Outcome
from grader.sandbox.protocol import Iterated, Seed, arrange, layout_of

ITEMS = 10_000


class LocalStudent:
    """Calls functions as a worker would: fresh arguments each time, changes to them noted."""

    def __init__(self, functions: dict[str, Callable[..., Any]]) -> None:
        self.functions = functions

    def call_many(self, calls: Sequence[Call]) -> list[Outcome]:
        """An outcome for each call."""
        shared: dict[int, np.random.Generator] = {}
        return [
            self._call(self.functions[name], args, shared)
            if name in self.functions
            else MissingFunction(plain(name))
            for name, args in calls
        ]

    def _call(
        self,
        function: Callable[..., Any],
        given: tuple[Any, ...],
        shared: dict[int, np.random.Generator],
    ) -> Outcome:
        args = [_local(arg, shared) for arg in given]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                value = function(*args)
                if hasattr(value, "__next__"):
                    items = list(itertools.islice(value, ITEMS + 1))
                    value = Iterated(items[:ITEMS], len(items) <= ITEMS)
            except Exception as error:
                return StudentException(plain(f"{type(error).__name__}: {error}"))
        changed = [i for i, arg in enumerate(args) if _differs(arg, given[i])]
        aliased = [i for i, arg in enumerate(args) if _shares(value, arg)]
        return CallResult(copy.deepcopy(value), tuple(changed), tuple(aliased), 0.0)


def _local(arg: Any, shared: dict[int, np.random.Generator]) -> Any:
    if isinstance(arg, Seed):
        fresh = np.random.default_rng(arg.seed)
        return fresh if arg.shared is None else shared.setdefault(arg.shared, fresh)
    if isinstance(arg, np.ndarray):
        return arrange(arg, layout_of(arg))
    return copy.deepcopy(arg)


def _differs(after: Any, before: Any) -> bool:
    if isinstance(before, np.ndarray):
        return bool(after.shape != before.shape or after.tobytes() != before.tobytes())
    return isinstance(before, list) and bool(after != before)


def _shares(value: Any, arg: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_shares(item, arg) for item in value)
    both = isinstance(value, np.ndarray) and isinstance(arg, np.ndarray)
    return both and bool(np.may_share_memory(value, arg))
