"""What replicate seeds say about a variant: tied epochs, defensible verdicts, onset, gap.

Every replicate trains as long as the student did. Unless that is plainly too long, some train twice
as long, and a wider network as long, so that it is known whether more training or more capacity
would have lowered the validation loss.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.experiment.family import Family, Setting
from grader.experiment.replay import replicate, train

__all__ = ["METHOD", "Statistics", "measure", "significantly_less"]

Array = NDArray[np.float64]
#: Shares of the validation loss: an effect is absent below the first, clear from the second on.
LESS, MORE, CAPACITY = (0.02, 0.05), (0.03, 0.06), (0.05, 0.12)
SAME, WIDER, WIDER_RUNS, LONGER_RUNS = 0.01, 128, 4, 5
SMOOTHING = 2
#: Changes when the same trainings would be summed up otherwise: what was prepared is then too old.
METHOD = 2


@dataclass(frozen=True)
class Statistics:
    """What can be defended about a variant; epochs count from 1."""

    verdicts: tuple[str, ...]
    best: int
    tied: tuple[int, int]
    onset: tuple[int, int] | None
    less: float
    more: float | None
    capacity: float | None
    """What twice the epochs, and a wider network, gain; None where training was too long."""
    gap_at_best: float
    gap_at_end: float
    replicates: int

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Statistics:
        """The inverse of :meth:`as_dict`."""
        lists = {key: tuple(table[key]) for key in ("verdicts", "tied")}
        onset = None if table["onset"] is None else tuple(table["onset"])
        return cls(**{**table, **lists, "onset": onset})


def measure(family: Family, number: int, replicates: int) -> Statistics:
    """Train ``replicates`` seeds of a variant and say what they have in common."""
    setting = family.setting(number)
    seeds = [family.seed(number, r) for r in range(1, replicates + 1)]
    runs = [replicate(setting, seed) for seed in seeds]
    v = np.array([run["val_loss"] for run in runs])
    t = np.array([run["loss"] for run in runs])
    smooth = _smooth(v)
    mean = smooth.mean(axis=0)
    best, epochs = int(mean.argmin()), setting.epochs
    less = float(v[:, epochs - max(1, epochs // 10) :].mean() / mean[best] - 1)
    more = capacity = None
    if less < LESS[1]:
        longer = _mean_curve(replace(setting, epochs=2 * epochs), seeds[:LONGER_RUNS])
        more = float(1 - longer[epochs:].min() / mean[best])
        wider = _mean_curve(replace(setting, units=(WIDER,)), seeds[:WIDER_RUNS])
        capacity = float(1 - wider.min() / mean[best])
    verdicts = _verdicts(less, more, capacity)
    first, last = _tied(smooth, best)
    arguable = "overfitting" in verdicts
    onset = (first + 1, min(epochs, last + 2 + max(2, epochs // 10))) if arguable else None
    gap = v.mean(axis=0) - t.mean(axis=0)
    return Statistics(
        verdicts=verdicts,
        best=best + 1,
        tied=(first + 1, last + 1),
        onset=onset,
        less=less,
        more=more,
        capacity=capacity,
        gap_at_best=float(gap[best]),
        gap_at_end=float(gap[epochs - 1]),
        replicates=len(v),
    )


def _mean_curve(setting: Setting, seeds: Sequence[int]) -> Array:
    """The smoothed validation loss, averaged over the seeds."""
    curves = np.array([train(setting, seed)["val_loss"] for seed in seeds])
    return np.asarray(_smooth(curves).mean(axis=0))


def _smooth(v: Array) -> Array:
    """Centred moving mean along the epochs, shrinking towards the ends."""
    smoothed = v.copy()
    for h in range(1, min(SMOOTHING, (v.shape[1] - 1) // 2) + 1):
        windows = np.lib.stride_tricks.sliding_window_view(v, 2 * h + 1, axis=1)
        smoothed[:, h : v.shape[1] - h] = windows.mean(axis=-1)
    return smoothed


def _tied(runs: Array, best: int) -> tuple[int, int]:
    """The run of epochs around the best that a paired t test, or 1 %, cannot tell from it."""
    worse = runs - runs[:, best : best + 1]
    limit = np.maximum(
        student_t(len(runs) - 1) * worse.std(axis=0, ddof=1) / math.sqrt(len(runs)),
        SAME * runs[:, best].mean(),
    )
    outside = np.flatnonzero(worse.mean(axis=0) > limit)
    before, after = outside[outside < best], outside[outside > best]
    first = int(before[-1]) + 1 if len(before) else 0
    return first, int(after[0]) - 1 if len(after) else runs.shape[1] - 1


def _verdicts(less: float, more: float | None, capacity: float | None) -> tuple[str, ...]:
    """The defensible verdicts: all that neither effect rules out."""
    if more is None or capacity is None:
        return ("overfitting",)
    found = []
    if less > LESS[0] and more < MORE[1]:
        found.append("overfitting")
    if more > MORE[0] or capacity > CAPACITY[0]:
        found.append("underfitting")
    if more < MORE[1] and capacity < CAPACITY[1]:
        found.append("good_fit")
    return tuple(found) or ("good_fit",)


def student_t(freedom: int) -> float:
    """The two-sided 5 % point of Student's t, by the expansion of Cornish and Fisher.

    G. W. Hill, Algorithm 396, Comm. ACM 13 (1970), 619-620, has the same series; its error from 4
    degrees of freedom on is below 1 %.
    """
    z = 1.959964
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def significantly_less(after: Array, before: Array, share: float) -> bool:
    """Whether ``after`` is less than ``before``, pair by pair: by ``share`` and significantly."""
    gain = before - after
    error = gain.std(ddof=1) / math.sqrt(len(gain))
    material = gain.mean() >= share * abs(before.mean())
    return bool(material and gain.mean() > student_t(len(gain) - 1) * error)
