"""The evening of a deadline: who hands in when, how long each grading takes, and who waits.

Half of the students hand in evenly over the hours before the last one, half within the last hour,
at a rate that grows as (time into the hour)^(sharpness − 1). Gradings take what measured ones
took, drawn evenly, but for one in fifty that never ends and is stopped by the time limit.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.queueing import Served, percentile, queue_lengths, serve

__all__ = [
    "ENDLESS",
    "ENDLESS_SHARE",
    "EVENINGS",
    "HOURS",
    "SHARPNESS",
    "STUDENTS",
    "TARGET",
    "Evening",
    "Kinds",
    "drawn_evenings",
    "saturated_rate",
    "service_times",
    "summarised",
]

#: For every kind of submission, the figures of each grading by what they measure.
Kinds = Mapping[str, Mapping[str, list[float]]]
#: The kind that is stopped by the time limit.
ENDLESS = "endless loop"
STUDENTS = 10_000
#: The length of the evening; the deadline is its end.
HOURS = 6
#: Evenings simulated for every figure, each with its own seed; the worst of them is reported.
EVENINGS = 5
ENDLESS_SHARE = 0.02
#: A wait that is still good, in seconds.
TARGET = 60.0
SHARPNESS = {"rising": 2.0, "rush": 12.0}


@dataclass(frozen=True)
class Evening:
    """What is known before anybody is graded: arrivals and service times in seconds."""

    arrivals: list[float]
    services: list[float]

    @classmethod
    def drawn(
        cls, seed: int, sharpness: float, usual: Sequence[float], endless: Sequence[float],
        students: int = STUDENTS,
    ) -> Evening:  # fmt: skip
        """Deterministic in its arguments; ``usual`` and ``endless`` are measured service times."""
        numbers = random.Random(seed)
        last = (HOURS - 1) * 3600.0
        early = [last * numbers.random() for _ in range(students - students // 2)]
        late = [last + 3600 * numbers.random() ** (1 / sharpness) for _ in range(students // 2)]
        services = [
            numbers.choice(endless if numbers.random() < ENDLESS_SHARE else usual)
            for _ in range(students)
        ]
        return cls(sorted(early + late), services)

    def with_workers(self, workers: int) -> list[Served]:
        """Everybody served by ``workers``."""
        return serve(self.arrivals, self.services, workers)


def service_times(kinds: Kinds) -> tuple[list[float], list[float]]:
    """Seconds of the usual gradings, and of the endless ones."""
    usual = [s for name, kind in kinds.items() if name != ENDLESS for s in kind["seconds"]]
    return usual, kinds[ENDLESS]["seconds"]


def drawn_evenings(kinds: Kinds, law: str, count: int = EVENINGS) -> list[Evening]:
    """Evenings with the seeds 0, 1, … and the measured times."""
    times = service_times(kinds)
    return [Evening.drawn(seed, SHARPNESS[law], *times) for seed in range(count)]


def summarised(evenings: Sequence[Evening], workers: int) -> dict[str, Any]:
    """The worst of ``evenings`` with ``workers``: waits in seconds, longest queue, core-hours."""
    served = [evening.with_workers(workers) for evening in evenings]
    waits = [[job.wait for job in jobs] for jobs in served]
    last = max(jobs[-1].finish for jobs in served)
    return {
        "workers": workers,
        "mean": max(sum(each) / len(each) for each in waits),
        "p95": max(percentile(each, 95) for each in waits),
        "longest": max(max(each) for each in waits),
        "queue": max(max(length for _, length in queue_lengths(jobs)) for jobs in served),
        "core_hours_held": workers * max(HOURS, last / 3600),
        "core_hours_busy": max(sum(evening.services) for evening in evenings) / 3600,
    }


def saturated_rate(usual: Sequence[float], workers: int, jobs: int = 2_000) -> float:
    """Gradings a second where the line never empties, until the last is done."""
    services = random.Random(0).choices(usual, k=jobs)
    return jobs / max(job.finish for job in serve([0.0] * jobs, services, workers))
