"""From criteria to probabilities of the three verdicts.

Every verdict is a logistic function of criteria that a person can check. Its coefficients were
fitted to real trainings whose truth is known from replicate seeds, on one half of a grid of
settings, and confirmed on the other half (``python -m benchmarks.diagnosis``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from densefit.learning_curves.criteria import (
    Array,
    generalization_loss,
    half_window,
    mann_kendall,
    noise,
    normal_cdf,
    progress_quotient,
    rising_strips,
    run_around,
    scale_of,
    smooth,
    training_progress,
)
from densefit.learning_curves.diagnosis import Verdict

__all__ = ["Evidence", "evidence_of", "gain_probability", "probabilities_of"]

#: Epochs within this many per cent of the best are tied, and never beyond the second one.
TIED, NEVER_TIED = 1.0, 5.0
#: Epochs of a strip in Prechelt's criteria.
STRIP = 5
#: Ranges outside of which a criterion says no more than at their ends.
RISES, SLOPES, RATIOS = (0.0, 30.0), (-60.0, 80.0), (0.25, 4.0)

#: Slopes from which validation is falling; a network that a baseline shows to be good needs more.
LEAST_SLOPE, STEEP_SLOPE = 4.0, 14.0


@dataclass(frozen=True)
class Evidence:
    """What is measured on one curve, all but the indices in per cent; indices count from 0."""

    best: int
    tied: tuple[int, int]
    rise: float
    """Generalisation loss of the mean of the last epochs, against the smoothed minimum."""
    certainty: float
    """How sure it is that the rise is none of noise's, 0 … 1."""
    slope: float
    """How much the validation figure falls per e-fold of the epochs, over the last half."""
    training_slope: float | None
    gap: float | None
    """The share of the last validation figures that training does not have."""
    remaining: float
    """The best validation figure over that of the first epoch, 0 … 1."""
    against_baseline: float | None
    """The best figure over the baseline's."""
    criteria: Mapping[str, float]

    @property
    def gain(self) -> float:
        """What as many epochs again gain if the slope stays: ln 2 times it."""
        return log(2) * self.slope


def evidence_of(v: Array, t: Array | None, baseline: float | None) -> Evidence:
    """Measure ``v`` (validation) and ``t`` (training), both of shape (epochs,)."""
    half = half_window(len(v))
    s = smooth(v, half)
    best = int(np.argmin(s))
    scale, sigma = scale_of(s), noise(v)
    window = max(1, min(3, len(v) // 4), len(v) // 10)
    end = float(v[-window:].mean())
    rise = 100 * (end - float(s[best])) / scale
    error = 100 * sigma / scale * sqrt(1 / window + 1 / (2 * half + 1))
    trend = mann_kendall(v[best:])
    against = None if baseline is None else float(s[best]) / baseline
    last_training = None if t is None else float(t[-window:].mean())
    return Evidence(
        best=best,
        tied=_tied(s, best, scale, sigma / sqrt(2 * half + 1)),
        rise=rise,
        certainty=max(trend, normal_cdf(rise / max(error, 1e-9) - 2)),
        slope=_log_slope(v) / scale,
        training_slope=None if t is None else _log_slope(t) / scale,
        gap=None if last_training is None else 100 * (end - last_training) / max(abs(end), scale),
        remaining=_clip(float(s[best]) / max(abs(float(v[0])), scale), (1e-3, 1.0)),
        against_baseline=against,
        criteria=_published(v, t) | {"rise": rise, "trend": trend, "noise": 100 * sigma / scale},
    )


def _tied(s: Array, best: int, scale: float, error: float) -> tuple[int, int]:
    """The run of epochs around the best that differ by less than 1 %, or two standard errors."""
    limit = min(max(TIED / 100 * scale, 2 * error * sqrt(2)), NEVER_TIED / 100 * scale)
    return run_around(best, s <= s[best] + limit)


def _log_slope(figures: Array) -> float:
    """-100 · dv/d(ln epoch) over the last half, by least squares; 0 for fewer than 3 epochs."""
    n = len(figures)
    if n < 3:
        return 0.0
    last = min(n, max(3, n // 2))
    time = np.log(np.arange(n - last + 1, n + 1))
    time -= time.mean()
    return float(-100 * (time @ figures[-last:]) / (time @ time))


def _published(v: Array, t: Array | None) -> dict[str, float]:
    """The criteria of the literature at the last epoch."""
    strip = max(1, min(STRIP, len(v) // 3))
    found = {
        "generalization_loss": float(generalization_loss(v)[-1]),
        "rising_strips": float(rising_strips(v, strip)),
    }
    if t is not None:
        found["training_progress"] = training_progress(t, strip)
        found["progress_quotient"] = progress_quotient(v, t, strip)
    return found


def _logistic(z: float) -> float:
    return 1 / (1 + exp(-max(-40.0, min(40.0, z))))


def _clip(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])


def rise_probability(e: Evidence) -> float:
    """P(stopping earlier would have helped): a rise, and a gap that explains it."""
    rise, slope = _clip(e.rise, RISES), _clip(e.slope, SLOPES)
    if e.gap is None:
        z = 0.64 * rise - 0.03 * slope - 5.0
    else:
        z = 0.51 * rise + 0.053 * max(e.gap, 0.0) - 6.6
    return _logistic(z) * min(1.0, e.certainty / 0.8)


def gain_probability(e: Evidence, least: float = LEAST_SLOPE) -> float:
    """P(more epochs would help): validation falls, and training does not leave it behind."""
    slope = _clip(e.slope, SLOPES)
    falls = _logistic(0.8 * (slope - least))
    if e.gap is None or e.training_slope is None:
        return falls * _logistic(0.3 * (slope - 8.0))
    behind = _clip(e.training_slope, SLOPES) - slope
    return falls * _logistic(5.6 - 0.2 * behind - 0.055 * e.gap)


def stuck_probability(e: Evidence) -> float:
    """P(it has hardly learned): the figures barely fell, and training is no better."""
    gap = 0.0 if e.gap is None else _clip(e.gap, (0.0, 30.0))
    return _logistic(13.0 * (log(e.remaining) + 0.15)) * (1 - gap / 30)


def poor_probability(e: Evidence) -> float:
    """P(more epochs or more capacity would help), given what a simple network reaches."""
    assert e.against_baseline is not None
    ratio, slope = _clip(e.against_baseline, RATIOS), _clip(e.slope, SLOPES)
    gap = 0.0 if e.gap is None else e.gap
    return _logistic(43.0 * log(ratio) + 0.115 * (slope - gap) - 5.2)


def probabilities_of(e: Evidence) -> dict[Verdict, float]:
    """P(verdict); they sum to 1."""
    rises = rise_probability(e)
    if e.against_baseline is None:
        poor, gains = stuck_probability(e), gain_probability(e)
    else:
        poor, gains = poor_probability(e), gain_probability(e, STEEP_SLOPE)
    under = (1 - rises) * (1 - (1 - gains) * (1 - poor))
    return {"underfitting": under, "good_fit": 1 - rises - under, "overfitting": rises}
