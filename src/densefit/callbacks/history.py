"""The record of a training."""

from __future__ import annotations

from densefit._html import history_html
from densefit.callbacks.base import Callback, Logs

__all__ = ["History"]


class History(Callback):
    """What ``fit`` returns: ``history`` maps each name to a list with one number per epoch.

    ``epoch`` lists the epochs trained, ``params`` says with what: among others ``seed`` and
    ``weights_seed``, from which the same machine or any other repeats the run bit for bit.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Append the epoch's numbers."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        """Class, number of epochs and names."""
        names = ", ".join(self.history) or "nothing yet"
        count = len(self.epoch)
        return f"<{type(self).__name__} of {count} epoch{'' if count == 1 else 's'}: {names}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: last and best values and a small curve for each metric."""
        return history_html(self)
