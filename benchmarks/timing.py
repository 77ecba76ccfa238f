"""Times that a noisy machine cannot falsify: medians, spreads, and the fastest of many."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Summary", "fastest", "ratio", "summary"]


@dataclass(frozen=True)
class Summary:
    """Median, least and greatest of some figures, and their spread (greatest - least) / median."""

    median: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """0 where all figures are the same."""
        return (self.high - self.low) / self.median if self.median else 0.0


def summary(figures: Sequence[float]) -> Summary:
    """The summary of at least one figure; ValueError without any."""
    if not figures:
        raise ValueError("a summary needs at least one figure")
    return Summary(statistics.median(figures), min(figures), max(figures))


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How many times longer theirs takes: the median of the ratios within each repetition.

    Both were measured one after the other in every repetition, so that what slows a whole
    repetition down leaves its ratio as it is.
    """
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


def fastest(call: Callable[[], object], seconds: float) -> float:
    """Seconds of the fastest of the calls made within ``seconds``, at least three."""
    best = float("inf")
    stop = time.perf_counter() + seconds
    made = 0
    while made < 3 or time.perf_counter() < stop:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
        made += 1
    return best
