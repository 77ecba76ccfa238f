"""Keep the model, or its best, on disk while it trains."""

from __future__ import annotations

import os
from pathlib import Path

from densefit.callbacks.base import Callback, Logs
from densefit.callbacks.monitor import Monitor

__all__ = ["ModelCheckpoint"]


class ModelCheckpoint(Callback):
    """Saves the model after every epoch, or with ``save_best_only`` when ``monitor`` improves.

    ``filepath`` may hold fields, ``"model-{epoch:02d}-{val_loss:.3f}.keras"``; epochs count from
    1 there. Raises ValueError for another ``save_freq`` than ``"epoch"``.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        if save_freq != "epoch":
            raise ValueError(f"save_freq must be 'epoch', got {save_freq!r}")
        self.filepath = os.fspath(filepath)
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self._watched = Monitor(monitor, mode)
        self._watched.best = initial_value_threshold

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if it is to be saved."""
        path = self._path(epoch, logs or {})
        if not self.save_best_only:
            self._save(path, f"Epoch {epoch + 1}: saving model to {path}")
            return
        before, value = self._watched.best, self._watched.value(logs, self.params)
        if value is None:
            return
        if self._watched.improves(value):
            old = "none" if before is None else f"{before:.5f}"
            change = f"{self.monitor} improved from {old} to {value:.5f}"
            self._save(path, f"Epoch {epoch + 1}: {change}, saving model to {path}")
        elif self.verbose:
            print(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {before:.5f}")

    def _path(self, epoch: int, logs: Logs) -> Path:
        try:
            return Path(self.filepath.format(epoch=epoch + 1, **logs))
        except KeyError as error:
            known = ", ".join(["epoch", *logs])
            raise ValueError(
                f"filepath {self.filepath!r} names {error}, which is not reported; known: {known}"
            ) from None

    def _save(self, path: Path, message: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.verbose:
            print(f"\n{message}")
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
