"""The history as a file, and callbacks from plain functions."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

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
        self._file: TextIO | None = None
        self._names: list[str] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        self._close()
        going_on = self.append and self.filename.exists() and self.filename.stat().st_size > 0
        self._names = self._header() if going_on else []
        self._file = self.filename.open("a" if self.append else "w", newline="", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write and flush the epoch's line."""
        logs = logs or {}
        if self._file is None:
            return
        writer = csv.writer(self._file, delimiter=self.separator, lineterminator="\n")
        if not self._names:
            self._names = sorted({*logs, *self.params["metrics"]})
            writer.writerow(["epoch", *self._names])
        writer.writerow([epoch, *(logs.get(name, "NA") for name in self._names)])
        self._file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        self._close()

    def _header(self) -> list[str]:
        with self.filename.open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file, delimiter=self.separator))[1:]

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


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
