"""Changing the learning rate between epochs."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from densefit.callbacks.base import Callback, Logs
from densefit.callbacks.monitor import Monitor
from densefit.optimizers import Optimizer

__all__ = ["LearningRateScheduler", "ReduceLROnPlateau"]


def _rate(optimizer: Optimizer, who: str) -> float:
    rate = optimizer.learning_rate
    if not isinstance(rate, float):
        raise ValueError(
            f"{who} needs an optimizer with a plain learning_rate; this one follows"
            f" {type(rate).__name__}: use one of the two"
        )
    return rate


class LearningRateScheduler(Callback):
    """Sets the learning rate of each epoch to ``schedule(epoch, rate)`` or ``schedule(epoch)``."""

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the epoch's rate."""
        arguments = (epoch, _rate(self.model.optimizer, "LearningRateScheduler"))
        try:
            inspect.signature(self.schedule).bind(*arguments)
        except TypeError:
            arguments = arguments[:1]  # type: ignore[assignment]
        self.model.optimizer.learning_rate = self.schedule(*arguments)
        if self.verbose:
            rate = self.model.optimizer.learning_rate
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Report the rate as ``learning_rate``."""
        if logs is not None:
            logs["learning_rate"] = _rate(self.model.optimizer, "LearningRateScheduler")


class ReduceLROnPlateau(Callback):
    """Multiplies the rate by ``factor`` when ``monitor`` has not improved for ``patience`` epochs.

    After that it waits ``cooldown`` epochs before it counts again, and never goes below
    ``min_lr``. Raises ValueError unless 0 < factor < 1.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        if not 0 < factor < 1:
            raise ValueError(f"factor must be between 0 and 1, got {factor!r}")
        self.monitor = monitor
        self.factor, self.patience, self.cooldown, self.min_lr = factor, patience, cooldown, min_lr
        self.verbose = verbose
        self._settings = (monitor, mode, min_delta)
        self._watched = Monitor(*self._settings)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget an earlier training."""
        self._watched = Monitor(*self._settings)
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, report the rate as ``learning_rate``, and lower it on a plateau."""
        value = self._watched.value(logs, self.params)
        rate = _rate(self.model.optimizer, "ReduceLROnPlateau")
        if logs is not None:
            logs["learning_rate"] = rate
        if value is None:
            return
        cooling = self.cooldown_counter > 0
        if cooling:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._watched.improves(value):
            self.wait = 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self._reduce(epoch, rate)

    def _reduce(self, epoch: int, rate: float) -> None:
        lower = max(rate * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = lower
        self.cooldown_counter, self.wait = self.cooldown, 0
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {lower}.")
