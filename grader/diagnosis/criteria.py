"""What a pair of learning curves says, by published criteria: the judge's own reading.

Notation: ``v`` is the validation loss of ``E`` epochs, epochs are counted from 1.

a. *Smoothing.* ``s`` is the centred moving mean of ``v`` over ``2h + 1`` epochs,
   ``h = min(E // 20, 3)``, the window shrinking symmetrically at both ends. Short curves
   (``E < 20``) are taken as they are.
b. *Noise.* ``σ = 1.4826 · median |v[i-1] - 2 v[i] + v[i+1]| / √6``: second differences remove the
   trend, and the second difference of independent noise has the variance 6σ².
c. *Generalisation loss* (Prechelt 1998): ``GL(t) = 100 · (s[t] / min s - 1)``, in per cent. At
   the last epoch, where the window has shrunk to one value, the mean of the last ``2h + 1`` values
   stands in for it if that is smaller: a spike in the last epoch is no overfitting.
d. *Tied epochs.* The smoothed minimum and its neighbours on both sides for as long as ``GL ≤ 1``,
   or as long as the difference is below two standard errors, ``2 σ √(2 / (2h + 1))``, of the
   difference of two smoothed values; the limit is at most 5 per cent. The epoch of the smallest
   raw ``v`` counts as tied too, because it is what EarlyStopping would have kept.
e. *Overfitting* is certain when ``GL(E) ≥ 5``, arguable from 2: Prechelt's GL_5 and GL_2. It sets
   in after the last tied epoch.
f. *Underfitting* is certain when there is no overfitting and the network is poor, ``min s`` at
   least 1.25 times the best validation loss of the baseline (softmax regression, the network
   without a hidden layer); or when it still improves, the last quarter of the epochs lowering
   ``s`` by 5 per cent. Arguable from 1.15 times and from 3 per cent.
g. Otherwise the fit is good.

L. Prechelt, Early Stopping - But When?, in: Neural Networks: Tricks of the Trade, LNCS 1524,
Springer 1998, pp. 55-69.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

VERDICTS = ("underfitting", "good_fit", "overfitting")
TIED, OVERFITTING, ARGUABLE_OVERFITTING = 1.0, 5.0, 2.0
POOR, ARGUABLY_POOR = 1.25, 1.15
IMPROVING, ARGUABLY_IMPROVING = 5.0, 3.0


@dataclass(frozen=True)
class Reading:
    """What can be defended about one learning curve; epochs count from 1."""

    epochs: int
    verdicts: tuple[str, ...]
    """The defensible verdicts, the best supported first."""
    best: int
    """The epoch of the smallest smoothed validation loss."""
    tied: tuple[int, int]
    """First and last of the epochs that cannot be told from the best."""
    raw_best: int
    """The epoch of the smallest validation loss as it is."""
    onset: tuple[int, int]
    """First and last epoch at which overfitting may be said to set in."""
    rise: float
    """Generalisation loss at the last epoch, in per cent."""
    against_baseline: float
    """Smallest smoothed validation loss over the baseline's."""
    progress: float
    """By how many per cent the last quarter of the epochs lowered the validation loss."""

    def is_best(self, epoch: int) -> bool:
        """Whether ``epoch`` is tied with the best."""
        return self.tied[0] <= epoch <= self.tied[1] or epoch == self.raw_best


def smooth(v: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """Centred moving mean over ``2·half + 1`` values, fewer towards the ends; (E,) → (E,)."""
    smoothed = v.copy()
    for h in range(1, min(half, (len(v) - 1) // 2) + 1):
        smoothed[h : len(v) - h] = sliding_window_view(v, 2 * h + 1).mean(axis=1)
    return smoothed


def noise(v: NDArray[np.float64]) -> float:
    """σ = 1.4826 · median |second difference| / √6; 0 for fewer than three values."""
    if len(v) < 3:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(v, n=2))) / np.sqrt(6.0))


def _run_around(index: int, inside: NDArray[np.bool_]) -> tuple[int, int]:
    first = last = index
    while first > 0 and inside[first - 1]:
        first -= 1
    while last < len(inside) - 1 and inside[last + 1]:
        last += 1
    return first, last


def _verdicts(rise: float, against_baseline: float, progress: float) -> tuple[str, ...]:
    if rise >= OVERFITTING:
        return ("overfitting",)
    if rise >= ARGUABLE_OVERFITTING:
        return ("overfitting", "good_fit")
    if against_baseline >= POOR or progress >= IMPROVING:
        return ("underfitting",)
    if against_baseline >= ARGUABLY_POOR or progress >= ARGUABLY_IMPROVING:
        return ("good_fit", "underfitting")
    return ("good_fit",)


def read(val_loss: Sequence[float], baseline: float) -> Reading:
    """Read a validation loss of shape (E,), finite and positive, beside the baseline's best."""
    v = np.asarray(val_loss, dtype=np.float64)
    half = min(len(v) // 20, 3)
    s = smooth(v, half)
    best = int(np.argmin(s))
    least = float(s[best])
    error = 2 * noise(v) * np.sqrt(2 / (2 * half + 1))
    limit = min(max(TIED / 100 * least, error), OVERFITTING / 100 * least)
    first, last = _run_around(best, s <= least + limit)
    end = min(float(s[-1]), float(v[-1 - 2 * half :].mean()))
    rise = 100 * (end / least - 1)
    progress = 100 * (1 - end / float(s[-1 - len(v) // 4]))
    return Reading(
        epochs=len(v),
        verdicts=_verdicts(rise, least / baseline, progress),
        best=best + 1,
        tied=(first + 1, last + 1),
        raw_best=int(np.argmin(v)) + 1,
        onset=(first + 1, min(len(v), last + 2 + max(2, len(v) // 10))),
        rise=rise,
        against_baseline=least / baseline,
        progress=progress,
    )
