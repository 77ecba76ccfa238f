"""What a teacher wants to know of a class: points, checks, mistakes, time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from grader.i18n import Text

BINS = 10
STATUSES = ("passed", "failed", "error", "skipped")
Document = dict[str, Any]


@dataclass(frozen=True)
class Bin:
    """One bar of the histogram: ``low`` <= points < ``high``, the last one up to ``high``."""

    low: float
    high: float
    count: int


@dataclass
class CheckStatistics:
    """How a class did on one check."""

    function: str
    title: Text
    max_points: float
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))

    @property
    def passed(self) -> float:
        """The part of the class that passed, from 0 to 1."""
        return self.counts["passed"] / max(1, sum(self.counts.values()))


@dataclass
class MisconceptionStatistics:
    """Who made a mistake the grader knows, by index in the class."""

    title: Text
    functions: set[str] = field(default_factory=set)
    who: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class ClassStatistics:
    """Everything about a class that was graded; ``points`` are in its order."""

    points: tuple[float, ...]
    max_points: float
    bins: tuple[Bin, ...]
    checks: tuple[CheckStatistics, ...]
    misconceptions: tuple[MisconceptionStatistics, ...]
    seconds: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean of the points."""
        return fmean(self.points) if self.points else 0.0

    @property
    def median(self) -> float:
        """The median of the points."""
        return median(self.points) if self.points else 0.0


def of_class(documents: Sequence[Document], points: Sequence[float]) -> ClassStatistics:
    """The statistics of results, and of the points that count (overrides included)."""
    most = max((float(document["max_score"]) for document in documents), default=0.0)
    return ClassStatistics(
        points=tuple(points),
        max_points=most,
        bins=histogram(points, most),
        checks=_checks(documents),
        misconceptions=_misconceptions(documents),
        seconds=tuple(float(document["seconds"]) for document in documents),
    )


def histogram(points: Sequence[float], most: float) -> tuple[Bin, ...]:
    """Bars of equal width from 0 to ``most``; points above (a teacher may) are in the last."""
    width = most / BINS
    if width <= 0:
        return ()
    counts = [0] * BINS
    for value in points:
        counts[min(BINS - 1, int(value / width))] += 1
    return tuple(Bin(i * width, (i + 1) * width, count) for i, count in enumerate(counts))


def _checks(documents: Sequence[Document]) -> tuple[CheckStatistics, ...]:
    found: dict[tuple[str, str], CheckStatistics] = {}
    for document in documents:
        for check in document["checks"]:
            key = (check["function"], check["name"])
            row = found.setdefault(
                key, CheckStatistics(check["function"], check["title"], check["max_points"])
            )
            row.counts[check["status"]] += 1
    return tuple(found.values())


def _misconceptions(documents: Sequence[Document]) -> tuple[MisconceptionStatistics, ...]:
    found: dict[str, MisconceptionStatistics] = {}
    for index, document in enumerate(documents):
        for check in document["checks"]:
            named = check["misconception"]
            if named is None:
                continue
            row = found.setdefault(named["id"], MisconceptionStatistics(named["title"]))
            row.functions.add(check["function"])
            row.who.add(index)
    return tuple(sorted(found.values(), key=lambda row: (-len(row.who), row.title["en"])))
