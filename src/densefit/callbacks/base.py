"""The protocol of callbacks: what training calls, when, with which numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from densefit.sequential import Sequential

__all__ = ["Callback", "CallbackList", "Logs"]

Logs = dict[str, float]

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


class Callback:
    """Base of callbacks: override the moments of interest.

    ``self.model`` is the model in training, ``self.params`` what ``fit`` was given. ``logs``
    holds the numbers so far by their names in ``History.history``. Setting
    ``self.model.stop_training = True`` ends training after the epoch.
    """

    model: Sequential
    params: dict[str, Any]

    def set_model(self, model: Sequential) -> None:
        """Called once, before training."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once, before training, with epochs, steps, seed and more."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last epoch, with its logs."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before epoch ``epoch``, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After epoch ``epoch`` and its validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before mini-batch ``batch`` of the epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After mini-batch ``batch``, with the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of ``on_train_batch_begin``."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of ``on_train_batch_end``."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before a validation or ``evaluate``."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After a validation or ``evaluate``, with its numbers."""

    @property
    def wants_batches(self) -> bool:
        """Whether a batch hook is overridden; if none is, batches are trained many at a time."""
        return any(
            hook in vars(self) or getattr(type(self), hook) is not getattr(Callback, hook)
            for hook in _BATCH_HOOKS
        )


class CallbackList:
    """Calls several callbacks in order."""

    def __init__(self, callbacks: Iterable[Callback], model: Sequential, params: dict[str, Any]):
        """Raise TypeError for an entry that is not a callback object."""
        self.callbacks = list(callbacks)
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise TypeError(
                    f"callbacks must be objects such as callbacks.EarlyStopping(), got {callback!r}"
                )
            callback.set_model(model)
            callback.set_params(params)

    @property
    def wants_batches(self) -> bool:
        """Whether any of them has to be called for every mini-batch."""
        return any(callback.wants_batches for callback in self.callbacks)

    def call(self, moment: str, *args: Any) -> None:
        """``call("on_epoch_end", epoch, logs)`` on each."""
        for callback in self.callbacks:
            getattr(callback, moment)(*args)
