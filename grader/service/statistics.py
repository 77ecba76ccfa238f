"""What a teacher wants to know of a class: points, the hardest checks, the common mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.i18n import Text
from grader.store.grades import Grade

BINS = 10


@dataclass(frozen=True)
class Hard:
    """A check, and how many of those who reached it failed it."""

    function: str
    title: Text
    failed: int
    tried: int


@dataclass(frozen=True)
class Mistake:
    """A misconception that was named, and to how many."""

    title: Text
    function: str
    people: int


@dataclass(frozen=True)
class ClassStatistics:
    """A class at one assignment, by each person's counting attempt."""

    graded: int
    mean: float
    median: float
    most: float
    histogram: Sequence[int]
    hardest: Sequence[Hard]
    mistakes: Sequence[Mistake]


def class_statistics(found: Sequence[Grade]) -> ClassStatistics:
    """The statistics of grades, one for each person."""
    documents = [grade.grading.document for grade in found if grade.grading is not None]
    most = max((float(document["max_score"]) for document in documents), default=0.0)
    points = sorted(float(grade.points) for grade in found if grade.points is not None)
    return ClassStatistics(
        graded=len(points),
        mean=sum(points) / len(points) if points else 0.0,
        median=_median(points),
        most=most,
        histogram=histogram(points, most),
        hardest=_hardest(documents),
        mistakes=_mistakes(documents),
    )


def histogram(points: Iterable[float], most: float) -> list[int]:
    """How many have 0 to 10 %, …, 90 to 100 % of the points; full marks are in the last."""
    counts = [0] * BINS
    for value in points:
        share = value / most if most else 0.0
        counts[min(int(share * BINS + 1e-9), BINS - 1)] += 1
    return counts


def _median(values: Sequence[float]) -> float:
    if not values:
        return 0.0
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def _hardest(documents: Sequence[dict[str, Any]]) -> list[Hard]:
    failed: Counter[tuple[str, str]] = Counter()
    tried: Counter[tuple[str, str]] = Counter()
    titles: dict[tuple[str, str], Text] = {}
    for check in (check for document in documents for check in document["checks"]):
        name = check["function"], check["name"]
        titles[name] = check["title"]
        tried[name] += check["status"] != "skipped"
        failed[name] += check["status"] in ("failed", "error")
    hard = [Hard(n[0], titles[n], failed[n], tried[n]) for n in titles if failed[n]]
    return sorted(hard, key=lambda one: (-one.failed / one.tried, -one.failed, one.function))


def _mistakes(documents: Sequence[dict[str, Any]]) -> list[Mistake]:
    people: Counter[str] = Counter()
    known: dict[str, tuple[Text, str]] = {}
    for document in documents:
        named = {c["misconception"]["id"]: c for c in document["checks"] if c["misconception"]}
        for identifier, check in named.items():
            known[identifier] = check["misconception"]["title"], check["function"]
        people.update(named.keys())
    return [Mistake(*known[name], count) for name, count in people.most_common()]
