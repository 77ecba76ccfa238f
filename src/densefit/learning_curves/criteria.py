"""The published criteria by which a learning curve is read, as functions of arrays.

Notation: ``v`` is what is judged (validation loss, or error rate) at the epochs 1 … E, ``t`` the
same on the training data, both of shape (E,). Nothing here has a unit: ``v`` and ``c·v`` give the
same criteria.

References: L. Prechelt, Early Stopping - But When?, in: Neural Networks: Tricks of the Trade, LNCS
1524, Springer 1998, pp. 55-69 (GL, P_k, PQ, UP). H. B. Mann, Nonparametric Tests Against Trend,
Econometrica 13 (1945), 245-259. T. Gasser, L. Sroka and C. Jennen-Steinmetz, Residual Variance and
Residual Pattern in Nonlinear Regression, Biometrika 73 (1986), 625-633 (noise from differences).
"""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "generalization_loss",
    "half_window",
    "mann_kendall",
    "noise",
    "normal_cdf",
    "progress_quotient",
    "rising_strips",
    "run_around",
    "scale_of",
    "smooth",
    "training_progress",
]

Array = NDArray[np.float64]
#: Points that the trend test compares pair by pair; longer curves are averaged down to these.
TREND_POINTS = 100


def half_window(epochs: int) -> int:
    """h = E // 20 from 1 to 3; curves of fewer than 10 epochs are taken as they are."""
    return 0 if epochs < 10 else min(max(1, epochs // 20), 3)


def smooth(v: Array, half: int) -> Array:
    """Centred moving mean over ``2·half + 1`` values, fewer towards the ends; (E,) → (E,)."""
    n, least = len(v), v.min()
    sums = np.concatenate([[0.0], np.cumsum(v - least)])  # of a constant: exactly 0
    at = np.arange(n)
    reach = np.minimum(half, np.minimum(at, n - 1 - at))
    means = (sums[at + reach + 1] - sums[at - reach]) / (2 * reach + 1)
    smoothed: Array = means + least
    return smoothed


def noise(v: Array) -> float:
    """σ = 1.4826 · median |v[i-1] - 2 v[i] + v[i+1]| / √6; 0 for fewer than three values.

    Second differences remove the trend; that of independent noise has the variance 6σ².
    """
    if len(v) < 3:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(v, n=2))) / np.sqrt(6.0))


def scale_of(v: Array) -> float:
    """What per cent are counted of: min |v|, at least a hundredth of the fall since epoch 1.

    The floor keeps a loss that ends at 0, or below, from turning every ripple into 100 per cent.
    """
    least = float(v.min())
    floor = max(0.01 * (float(v[0]) - least), 1e-6 * float(np.abs(v).max()))
    return max(abs(least), floor, np.finfo(float).tiny)


def generalization_loss(v: Array) -> Array:
    """GL(e) = 100 · (v[e] / min v[1…e] - 1), per cent; (E,) → (E,) (Prechelt 1998)."""
    return 100 * (v - np.minimum.accumulate(v)) / scale_of(v)


def training_progress(t: Array, strip: int) -> float:
    """P_k = 1000 · (mean / min - 1) of the last ``strip`` training losses (Prechelt 1998)."""
    last = t[-strip:]
    return float(1000 * (last.mean() - last.min()) / scale_of(last))


def progress_quotient(v: Array, t: Array, strip: int) -> float:
    """PQ = GL / P_k at the last epoch; large when validation loses more than training gains."""
    return float(generalization_loss(v)[-1]) / max(training_progress(t, strip), 1e-3)


def rising_strips(v: Array, strip: int) -> int:
    """UP: the largest s such that each of the last s strips of ``strip`` epochs ended higher."""
    ends = v[::-1][::strip]
    rises = ends[:-1] > ends[1:]
    return int(len(rises) if rises.all() else np.argmin(rises))


def mann_kendall(v: Array) -> float:
    """P(a rising trend): Φ of the Mann-Kendall statistic, 0.5 for no trend at all; (E,) → 0 … 1."""
    n = len(v)
    if n < 3:
        return 0.5
    if n > TREND_POINTS:
        cuts = np.arange(TREND_POINTS) * n // TREND_POINTS
        v = np.add.reduceat(v, cuts) / np.diff(cuts, append=n)
        n = TREND_POINTS
    statistic = float(np.triu(np.sign(v[None, :] - v[:, None])).sum())
    deviation = sqrt(n * (n - 1) * (2 * n + 5) / 18)
    return normal_cdf((statistic - np.sign(statistic)) / deviation)


def normal_cdf(z: float) -> float:
    """Φ(z) = (1 + erf(z / √2)) / 2."""
    return (1 + erf(z / sqrt(2))) / 2


def run_around(index: int, inside: NDArray[np.bool_]) -> tuple[int, int]:
    """First and last index of the run of True that holds ``index``."""
    outside = np.flatnonzero(~inside)
    before, after = outside[outside < index], outside[outside > index]
    first = int(before[-1]) + 1 if len(before) else 0
    last = int(after[0]) - 1 if len(after) else len(inside) - 1
    return first, last
