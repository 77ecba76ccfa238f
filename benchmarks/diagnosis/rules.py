"""The readings that are compared: ``diagnose`` and the rules of thumb in use.

Each gives a verdict and a best epoch for one curve, from the same figures and the same baseline:
all of them call a network underfitted whose best validation loss is :data:`POOR` times the
baseline's, so that they differ in how they read the curve and in nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from densefit.learning_curves import diagnose

__all__ = ["NAIVE", "OWN", "RULES", "Curve", "Reading"]

Array = NDArray[np.float64]
POOR = 1.25
GAP = 0.05


@dataclass(frozen=True)
class Curve:
    """One replicate's curves of shape (epochs,), and the baseline's least validation loss."""

    loss: Array
    val_loss: Array
    baseline: float


@dataclass(frozen=True)
class Reading:
    """What a rule says; epochs count from 1."""

    verdict: str
    best_epoch: int


def by_diagnose(curve: Curve) -> Reading:
    """The library's own reading."""
    history = {"loss": curve.loss, "val_loss": curve.val_loss}
    found = diagnose(history, baseline=curve.baseline)
    return Reading(found.verdict, found.best_epoch)


def by_diagnose_alone(curve: Curve) -> Reading:
    """The same without the baseline."""
    found = diagnose({"loss": curve.loss, "val_loss": curve.val_loss})
    return Reading(found.verdict, found.best_epoch)


def _by_turn(curve: Curve, best: int, turned: bool) -> Reading:
    """A verdict from the best epoch and whether the curve is said to have turned after it."""
    poor = curve.val_loss.min() >= POOR * curve.baseline
    if turned:
        return Reading("overfitting", best)
    improving = best == len(curve.val_loss)
    return Reading("underfitting" if poor or improving else "good_fit", best)


def by_argmin(curve: Curve) -> Reading:
    """The least validation loss; overfitting when it lies in the first nine tenths."""
    best = int(curve.val_loss.argmin()) + 1
    return _by_turn(curve, best, best <= 0.9 * len(curve.val_loss))


def by_gap(curve: Curve) -> Reading:
    """Overfitting when validation loss exceeds training loss by 5 %; best: the last before."""
    wide = curve.val_loss > (1 + GAP) * curve.loss
    if not wide[-1]:
        return _by_turn(curve, len(wide), False)
    narrow = np.flatnonzero(~wide)
    return Reading("overfitting", int(narrow[-1]) + 1 if len(narrow) else 1)


def by_early_stopping(patience: int) -> Callable[[Curve], Reading]:
    """Keras's EarlyStopping: overfitting when it stops training before the end."""

    def rule(curve: Curve) -> Reading:
        best, least = 0, np.inf
        for epoch, value in enumerate(curve.val_loss):
            if value < least:
                best, least = epoch, value
            elif epoch - best >= patience:
                return Reading("overfitting", best + 1)
        return _by_turn(curve, best + 1, False)

    return rule


OWN = "diagnose"
NAIVE = ("argmin", "gap > 5 %", "EarlyStopping(3)", "EarlyStopping(10)")
RULES: dict[str, Callable[[Curve], Reading]] = {
    OWN: by_diagnose,
    "without baseline": by_diagnose_alone,
    "argmin": by_argmin,
    "gap > 5 %": by_gap,
    "EarlyStopping(3)": by_early_stopping(3),
    "EarlyStopping(10)": by_early_stopping(10),
}
