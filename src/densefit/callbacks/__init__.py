"""Callbacks of ``fit``: called before and after training, epochs and mini-batches."""

from densefit._lookup import outside
from densefit.callbacks.base import Callback, CallbackList
from densefit.callbacks.checkpoint import ModelCheckpoint
from densefit.callbacks.early_stopping import EarlyStopping
from densefit.callbacks.history import History
from densefit.callbacks.learning_rate import LearningRateScheduler, ReduceLROnPlateau
from densefit.callbacks.logging import CSVLogger, LambdaCallback

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
]

__getattr__ = outside(
    __name__,
    {
        "TensorBoard": "use callbacks.CSVLogger() or plots.learning_curves(history)",
        "RemoteMonitor": "use callbacks.LambdaCallback(on_epoch_end=...)",
        "BackupAndRestore": "use callbacks.ModelCheckpoint()",
        "TerminateOnNaN": "use callbacks.LambdaCallback(on_epoch_end=...)",
        "ProgbarLogger": "fit(verbose=1) shows the bar",
    },
    __all__,
)
