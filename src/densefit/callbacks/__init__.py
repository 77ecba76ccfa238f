"""Callbacks of ``fit``: called before and after training, epochs and mini-batches."""

from densefit.callbacks.base import Callback, CallbackList
from densefit.callbacks.history import History

__all__ = ["Callback", "CallbackList", "History"]
