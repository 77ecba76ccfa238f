"""Keras as a user calls it: ``fit``, with the backend that KERAS_BACKEND names.

The rows are put into the order of training beforehand, at no cost to Keras: ``shuffle=False``, and
several epochs' rows are one long epoch.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.base import ADAM, Rows, Trainer

__all__ = ["KerasTrainer"]


class KerasTrainer(Trainer):
    """Compiled once; a reset assigns to the variables, so that nothing is traced again."""

    @staticmethod
    def versions() -> dict[str, str]:
        """Keras's, and its backend's name."""
        return {"keras": keras.__version__, "backend": keras.backend.backend()}

    def prepare(self, rows: Rows) -> None:
        """Build and compile the network, trace it with the first batch, order the rows."""
        if keras.backend.backend() == "torch":
            import torch

            torch.set_num_threads(self.threads)
        self._x, self._y = rows.shuffled()
        if hasattr(self, "_model"):
            return
        widths = self.workload.widths
        layers = [keras.layers.Dense(m, activation="relu") for m in widths[1:-1]]
        last = keras.layers.Dense(widths[-1], activation="softmax")
        self._model = keras.Sequential([keras.Input((widths[0],)), *layers, last])
        self._model.compile(self._optimizer(), "sparse_categorical_crossentropy")
        self._fit(self.workload.batch_size)
        variables = self._model.optimizer.variables
        # Moments and the count of steps begin at 0; the rate is a variable as well.
        self._state = [v for v in variables if "learning_rate" not in v.path]

    def _optimizer(self) -> Any:
        rate = self.workload.learning_rate
        if self.workload.optimizer == "sgd":
            return keras.optimizers.SGD(rate)
        return keras.optimizers.Adam(rate, **ADAM)

    def reset(self) -> None:
        """Assign the initial weights, and 0 to the optimizer's state."""
        self._model.set_weights(self.initial)
        for variable in self._state:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def _fit(self, count: int) -> None:
        size = self.workload.batch_size
        self._model.fit(self._x[:count], self._y[:count], size, shuffle=False, verbose=0)

    def run(self) -> None:
        """One call of ``fit``."""
        self._fit(len(self._x))

    def weights(self) -> list[NDArray[Any]]:
        """``get_weights``."""
        return list(self._model.get_weights())
