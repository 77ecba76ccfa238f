"""A queue in front of workers, first come first served: simulated, and in closed form.

Jobs wait in one line; whichever of the ``workers`` is free first takes the first of the line.
:func:`serve` follows every job through it exactly. :func:`erlang_c` and :func:`mean_wait` are the
closed form for arrivals and service times without memory (M/M/c; A. K. Erlang, 1917), which the
tests hold the simulation against.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

__all__ = ["Served", "erlang_c", "mean_wait", "percentile", "queue_lengths", "serve"]


@dataclass(frozen=True)
class Served:
    """One job's way through the queue; times in seconds."""

    arrival: float
    start: float
    finish: float
    worker: int

    @property
    def wait(self) -> float:
        """From the arrival until a worker takes the job."""
        return self.start - self.arrival


def serve(arrivals: Sequence[float], services: Sequence[float], workers: int) -> list[Served]:
    """Every job's start and finish, in the order of arrival.

    ``arrivals`` ascend; ``services`` has each job's own service time. Raises ValueError for fewer
    than one worker, for unequal lengths, and for arrivals that do not ascend.
    """
    if workers < 1:
        raise ValueError(f"workers must be 1 or more, not {workers}")
    if any(later < earlier for earlier, later in pairwise(arrivals)):
        raise ValueError("arrivals must ascend; sort them first")
    free = [(-math.inf, worker) for worker in range(workers)]  # since when, who: a heap
    served = []
    for arrival, service in zip(arrivals, services, strict=True):
        since, worker = free[0]
        start = max(arrival, since)
        served.append(Served(arrival, start, start + service, worker))
        heapq.heapreplace(free, (start + service, worker))
    return served


def queue_lengths(served: Iterable[Served]) -> list[tuple[float, int]]:
    """(time, jobs waiting from then on) at every time at which that number may change."""
    changes: dict[float, int] = {}
    for job in served:
        changes[job.arrival] = changes.get(job.arrival, 0) + 1
        changes[job.start] = changes.get(job.start, 0) - 1
    times = sorted(changes)
    return list(zip(times, accumulate(changes[time] for time in times), strict=True))


def percentile(values: Iterable[float], percent: float) -> float:
    """The least of ``values`` that at least ``percent`` of them do not exceed."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a percentile needs at least one value")
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def erlang_c(workers: int, load: float) -> float:
    """P(wait) = (aᶜ/c!)·c/(c−a) / (Σₖ₌₀ᶜ⁻¹ aᵏ/k! + (aᶜ/c!)·c/(c−a)): that an arrival must wait.

    ``load`` a is the arrival rate over the service rate; ValueError unless 0 ≤ a < c = workers.
    """
    if not 0 <= load < workers:
        raise ValueError(f"load must be at least 0 and below {workers} workers, not {load}")
    term, below = 1.0, 0.0
    for k in range(workers):
        below += term
        term *= load / (k + 1)
    waiting = term * workers / (workers - load)
    return waiting / (below + waiting)


def mean_wait(workers: int, arrival_rate: float, service_rate: float) -> float:
    """E[wait] = P(wait) / (c·µ − λ), in the unit of time of the rates."""
    waiting = erlang_c(workers, arrival_rate / service_rate)
    return waiting / (workers * service_rate - arrival_rate)
