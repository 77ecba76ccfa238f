"""Stop when the validation no longer gets better."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from densefit.callbacks.base import Callback, Logs
from densefit.callbacks.monitor import Monitor

__all__ = ["EarlyStopping"]


class EarlyStopping(Callback):
    """Stops training once ``monitor`` has not improved for ``patience`` epochs.

    ``restore_best_weights`` gives the model the weights of the best epoch when training ends.
    An improvement is one by more than ``min_delta``; with ``baseline`` it must also beat that.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        self.monitor = monitor
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._settings = (monitor, mode, min_delta)
        self._watched = Monitor(*self._settings)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget an earlier training."""
        self._watched = Monitor(*self._settings)
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best_weights: list[NDArray[Any]] | None = None

    @property
    def best(self) -> float | None:
        """The best value of the monitored number."""
        return self._watched.best

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and stop training if patience is at its end."""
        value = self._watched.value(logs, self.params)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        improved = self._watched.improves(value)
        if improved or (self.restore_best_weights and self.best_weights is None):
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
        if improved:
            if self.baseline is None or self._watched.better(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Say so, and restore the best weights if asked to."""
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is None:
            return
        if self.verbose:
            best = self.best_epoch + 1
            print(f"Restoring model weights from the end of the best epoch: {best}.")
        self.model.set_weights(self.best_weights)
