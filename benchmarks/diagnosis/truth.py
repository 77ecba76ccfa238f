"""What the experiment says about a curve, from replicate seeds and from the neighbours in the grid.

For a setting trained E epochs, every effect is a share of the least mean validation loss:

* *less*: what stopping at the best epoch saves against stopping at E;
* *more*: what training up to 2E epochs gains;
* *capacity*: what the best wider network of the same grid line gains within E epochs;
* *regularisation*: what dropout gains within E epochs.

Overfitting is true where less training helps, underfitting where more training or more capacity
does, and the fit is good where none of them does. Where the replicates disagree, where an effect is
neither clear nor clearly absent, and where both less and more would help, the truth is ambiguous
and nobody is asked about the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.diagnosis.grid import WIDTHS, Curves, Setting

__all__ = ["Truth", "truth_of"]

Array = NDArray[np.float64]
#: (clearly not, clearly): shares of the validation loss.
LESS, MORE, CAPACITY = (0.02, 0.06), (0.03, 0.08), (0.05, 0.15)
#: The share of the replicates that an effect must show itself on.
AGREEING = 0.9
#: Epochs within this share of the best are tied whatever the statistics say.
SAME = 0.01
#: Two-sided 5 % of Student's t with 9 degrees of freedom: ten replicates.
STUDENT = 2.262


@dataclass(frozen=True)
class Truth:
    """The experiment's word on one setting and number of epochs."""

    verdict: str | None
    """None where it is ambiguous."""
    best_epoch: int
    tied: NDArray[np.bool_]
    """Of shape (epochs,): which cannot be told from the best one."""
    less: float
    more: float
    capacity: float
    regularisation: float


def _smooth(v: Array) -> Array:
    """Centred moving mean along the last axis over about a twentieth of it, ends shrinking."""
    half = min(v.shape[-1] // 20, 3)
    smoothed = v.copy()
    for h in range(1, half + 1):
        windows = np.lib.stride_tricks.sliding_window_view(v, 2 * h + 1, axis=-1)
        smoothed[..., h : v.shape[-1] - h] = windows.mean(axis=-1)
    return smoothed


def _tied(runs: Array, best: int) -> NDArray[np.bool_]:
    """Paired t test of every epoch against the best one, and :data:`SAME`."""
    worse = runs - runs[:, best : best + 1]
    error = worse.std(axis=0, ddof=1) / np.sqrt(len(runs))
    limit = np.maximum(STUDENT * error, SAME * runs[:, best].mean())
    return np.asarray(worse.mean(axis=0) <= limit)


def _decided(effect: Array, limits: tuple[float, float]) -> bool | None:
    """Whether it helps, clearly: on average, and on nine replicates of ten; None in between."""
    little, much = limits
    if effect.mean() >= much and (effect > little).mean() >= AGREEING:
        return True
    if effect.mean() <= little and (effect < much).mean() >= AGREEING:
        return False
    return None


def _verdict(less: Array, more: Array, capacity: Array) -> str | None:
    over = _decided(less, LESS)
    under = [_decided(more, MORE), _decided(capacity, CAPACITY)]
    if over is True and under[0] is False and under[1] is not True:
        return "overfitting"
    if over is False and True in under:
        return "underfitting"
    if over is False and under == [False, False]:
        return "good_fit"
    return None


def _at_best(curves: Curves, first: int, last: int) -> Array:
    """Every run's smoothed loss at the best epoch of the mean among ``first`` + 1 … ``last``.

    The epoch is the same for all runs: a least value of its own would flatter a noisy run.
    """
    runs = _smooth(curves.val_loss[:, :last])[:, first:]
    found: Array = runs[:, runs.mean(axis=0).argmin()]
    return found


def truth_of(grid: Mapping[Setting, Curves], setting: Setting, epochs: int) -> Truth:
    """What the grid says about one setting trained for ``epochs`` epochs."""
    curves = grid[setting]
    runs = _smooth(curves.val_loss[:, :epochs])
    best = int(np.argmin(runs.mean(axis=0)))
    least = runs[:, best]
    end = curves.val_loss[:, epochs - max(1, epochs // 10) : epochs].mean(axis=1)
    wider = [grid[replace(setting, width=w)] for w in WIDTHS if w > setting.width]
    gains = [1 - _at_best(other, 0, epochs) / least for other in wider]
    less, more = end / least - 1, 1 - _at_best(curves, epochs, 2 * epochs) / least
    capacity = max(gains, key=lambda gain: gain.mean(), default=np.zeros(len(runs)))
    dropped = grid[replace(setting, regularisation="dropout")]
    return Truth(
        verdict=_verdict(less, more, capacity),
        best_epoch=best + 1,
        tied=_tied(runs, best),
        less=float(less.mean()),
        more=float(more.mean()),
        capacity=float(capacity.mean()),
        regularisation=float((1 - _at_best(dropped, 0, epochs) / least).mean()),
    )
