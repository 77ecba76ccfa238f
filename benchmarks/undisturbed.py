"""Runs a peer while the machine gives all it can, or says that it did not.

A virtual machine's processors are at times two halves of one. So the fused multiply-adds of all
threads are measured before and after every run; a run in which they fell short is made again, a few
times, whoever's it is, and the least disturbed one counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from benchmarks.limits import Limits

__all__ = ["ENOUGH", "Run", "Watch"]

#: The share of the machine's peak from which on a run counts as undisturbed.
ENOUGH = 0.9
_TRIES = 4
_SECONDS = 0.04
_FIRST_LOOKS = 12
#: Threads of many a library spin for a while after their work: that is no disturbance.
_REST = 0.3

T = TypeVar("T")


@dataclass(frozen=True)
class Run(Generic[T]):
    """What a run gave, and the share of the machine's peak that it was sure to have."""

    answer: T
    share: float


class Watch:
    """Measures the machine's share around runs; without ``limits`` it takes it to be whole."""

    def __init__(self, limits: Limits, threads: int) -> None:
        self._limits = limits
        self._threads = threads
        self._peak = 0.0
        for _ in range(_FIRST_LOOKS if limits else 0):
            self._look()

    def _look(self) -> float:
        """Operations per second now; the most there ever were is the peak."""
        if not self._limits:
            return 1.0
        now = self._limits.measure(self._threads, _SECONDS)["operations"]
        self._peak = max(self._peak, now)
        return now

    def run(self, once: Callable[[], T]) -> Run[T]:
        """The least disturbed of up to four runs of ``once``; the first undisturbed one ends it."""
        runs: list[Run[T]] = []
        before = self._look()
        while not runs or (len(runs) < _TRIES and runs[-1].share < ENOUGH):
            answer = once()
            time.sleep(_REST)
            after = self._look()
            runs.append(Run(answer, min(before, after) / (self._peak or 1.0)))
            before = after
        return max(runs, key=lambda run: run.share)
