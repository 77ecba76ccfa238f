"""A history in its one checked form, whichever of the accepted ones it came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["CheckedRun", "Curves", "HasHistory", "Run", "Runs", "checked_runs"]

Curves = Mapping[str, Sequence[float]]


class HasHistory(Protocol):
    """What ``fit`` returns: ``history`` maps each metric to one value per epoch."""

    @property
    def history(self) -> Curves: ...


Run = HasHistory | Curves
Runs = Run | Mapping[str, Run]

#: Older Keras and the lectures' notebooks say ``acc``.
ALIASES = {"acc": "accuracy", "val_acc": "val_accuracy"}


@dataclass(frozen=True)
class CheckedRun:
    """One checked history: canonical metric names, all curves of the same length."""

    name: str
    curves: Mapping[str, NDArray[np.float64]]

    @property
    def epochs(self) -> int:
        return max(len(curve) for curve in self.curves.values())

    def best_epoch(self) -> int | None:
        """The first epoch (from 1) of least validation loss, else of most validation accuracy."""
        for metric, sign in (("val_loss", 1.0), ("val_accuracy", -1.0)):
            curve = sign * self.curves.get(metric, np.empty(0))
            if np.isfinite(curve).any():
                return int(np.argmin(np.where(np.isfinite(curve), curve, np.inf))) + 1
        return None


def checked_runs(history: Runs) -> list[CheckedRun]:
    """``history`` in its one checked form, whichever of the accepted ones it came in."""
    curves = _curves_of(history)
    if not isinstance(curves, Mapping):
        raise TypeError(
            "history must be what fit() returns, its dict of lists, or a dict of several of them "
            f"by name; got {type(history).__name__}"
        )
    if curves and all(isinstance(_curves_of(run), Mapping) for run in curves.values()):
        return [_run(str(name), _curves_of(run)) for name, run in curves.items()]
    return [_run("", curves)]


def _curves_of(run: object) -> Any:
    """The dict of a History object; anything else is itself."""
    return getattr(run, "history", run)


def _run(name: str, curves: Curves) -> CheckedRun:
    """A checked run; raises as :func:`learning_curves` promises."""
    of_run = f" of run {name!r}" if name else ""
    checked = {ALIASES.get(key, key): _curve(key + of_run, curves[key]) for key in curves}
    lengths = {key: len(curve) for key, curve in checked.items()}
    if not lengths or max(lengths.values()) == 0:
        raise ValueError(f"the history{of_run} is empty: train for at least one epoch")
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the lists{of_run} must have one value per epoch each, got {lengths}")
    return CheckedRun(name, checked)


def _curve(name: str, values: Sequence[float]) -> NDArray[np.float64]:
    try:
        curve = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        curve = np.empty((0, 0))
    if curve.ndim != 1:
        raise TypeError(f"{name} must be a list of numbers, one per epoch; got {values!r:.80}")
    return curve
