"""The history as a file, and callbacks from plain functions."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

from densefit.callbacks.base import Callback, Logs

__all__ = ["CSVLogger", "LambdaCallback"]


class CSVLogger(Callback):
    """Writes one line per epoch: ``epoch``, then the numbers by name in alphabetical order.

    A number that an epoch lacks is ``NA``. ``append`` goes on with a file that is there.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self._names: list[str] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Empty the file, or read the names from one that is to be gone on with."""
        self._names = []
        if not self.append:
            self.filename.write_bytes(b"")
        elif self.filename.exists():
            with self.filename.open(newline="", encoding="utf-8") as file:
                self._names = next(csv.reader(file, delimiter=self.separator), [])[1:]

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Append the epoch's line; the file is closed again, so that nothing is ever lost."""
        logs = logs or {}
        with self.filename.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=self.separator, lineterminator="\n")
            if not self._names:
                self._names = sorted({*logs, *self.params["metrics"]})
                writer.writerow(["epoch", *self._names])
            writer.writerow([epoch, *(logs.get(name, "NA") for name in self._names)])


class LambdaCallback(Callback):
    """``LambdaCallback(on_epoch_end=lambda epoch, logs: …)``: functions for any of the moments.

    Raises TypeError for a moment there is not.
    """

    def __init__(self, **functions: Callable[..., object] | None) -> None:
        for name, function in functions.items():
            if not name.startswith("on_") or not hasattr(Callback, name):
                raise TypeError(f"LambdaCallback has no moment {name!r}")
            if function is not None:
                setattr(self, name, function)
