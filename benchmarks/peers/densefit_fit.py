"""densefit as a user calls it: ``Sequential.fit``, shuffling and looking through ``x`` included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import densefit
from benchmarks.peers.base import ADAM, Rows, Trainer
from densefit import Sequential, _kernels
from densefit.layers import Dense, Input
from densefit.optimizers import SGD, Adam, Optimizer

__all__ = ["DensefitTrainer", "network"]


def network(widths: tuple[int, ...]) -> Sequential:
    """ReLU layers with a softmax at the end."""
    hidden = [Dense(units, activation="relu") for units in widths[1:-1]]
    layers = [Input(shape=(widths[0],)), *hidden, Dense(widths[-1], activation="softmax")]
    return Sequential(layers)


class DensefitTrainer(Trainer):
    """The order of the samples is that of ``fit(seed=...)``."""

    @staticmethod
    def versions() -> dict[str, str]:
        """densefit's."""
        return {"densefit": densefit.__version__}

    @staticmethod
    def product(
        x: NDArray[np.float32], w: NDArray[np.float32], threads: int
    ) -> Callable[[], object]:
        """The dense forward kernel, one thread; the checks of the arguments are left out."""
        z, b = np.empty((len(x), w.shape[1]), np.float32), np.zeros(w.shape[1], np.float32)
        return lambda: _kernels.dense_forward(x, w, b, z)

    def prepare(self, rows: Rows) -> None:
        """Build the network."""
        self._rows = rows
        self._model = network(self.workload.widths)

    def _optimizer(self) -> Optimizer:
        rate = self.workload.learning_rate
        if self.workload.optimizer == "sgd":
            return SGD(rate)
        return Adam(rate, ADAM["beta_1"], ADAM["beta_2"], ADAM["epsilon"])

    def reset(self) -> None:
        """Set the weights and compile with a new optimizer."""
        self._model.set_weights(self.initial)
        self._model.compile(self._optimizer(), "sparse_categorical_crossentropy")

    def run(self) -> None:
        """One call of ``fit``."""
        rows = self._rows
        self._model.fit(
            rows.x,
            rows.y,
            batch_size=self.workload.batch_size,
            epochs=rows.epochs,
            seed=rows.seed,
            verbose=0,
        )

    def weights(self) -> list[NDArray[Any]]:
        """``get_weights``."""
        return list(self._model.get_weights())
