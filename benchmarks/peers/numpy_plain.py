"""Plain NumPy, as a course would write it once it knows ``out=`` and in-place updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.base import ADAM, Rows, Trainer

__all__ = ["NumpyTrainer"]

Floats = NDArray[Any]


class NumpyTrainer(Trainer):
    """Forward, backward and update, one formula per line."""

    @staticmethod
    def versions() -> dict[str, str]:
        """NumPy's and its BLAS's."""
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {"numpy": np.__version__, blas["name"]: blas["version"]}

    @staticmethod
    def product(
        x: NDArray[np.float32], w: NDArray[np.float32], threads: int
    ) -> Callable[[], object]:
        """Its BLAS's sgemm, whose threads the environment has set."""
        z = np.empty((len(x), w.shape[1]), np.float32)
        return lambda: np.matmul(x, w, out=z)

    def prepare(self, rows: Rows) -> None:
        """Keep the rows."""
        self._rows = rows

    def reset(self) -> None:
        """Copy the initial weights; the moments are 0."""
        self._weights = [w.copy() for w in self.initial]
        self._m = [np.zeros_like(w) for w in self.initial]
        self._v = [np.zeros_like(w) for w in self.initial]
        self._steps = 0

    def run(self) -> None:
        """Gather, compute the gradients, update: batch after batch."""
        update = self._sgd if self.workload.optimizer == "sgd" else self._adam
        for epoch in self._rows.batches(self.workload.batch_size):
            for batch in epoch:
                update(self._gradients(self._rows.x[batch], self._rows.y[batch]))

    def _gradients(self, x: Floats, y: NDArray[np.int64]) -> list[Floats]:
        activations = [x]
        last = len(self._weights) - 2
        for i in range(0, last + 1, 2):
            z = activations[-1] @ self._weights[i]
            z += self._weights[i + 1]
            activations.append(np.maximum(z, 0, out=z) if i < last else z)
        dz = activations.pop()
        dz -= dz.max(axis=1, keepdims=True)
        np.exp(dz, out=dz)
        dz /= dz.sum(axis=1, keepdims=True)
        dz[np.arange(len(y)), y] -= 1
        dz /= len(y)
        gradients: list[Floats] = []
        for i in range(last, -1, -2):
            a = activations.pop()
            gradients[:0] = [a.T @ dz, dz.sum(axis=0)]
            if i:
                dz = dz @ self._weights[i].T
                dz *= a > 0
        return gradients

    def _sgd(self, gradients: list[Floats]) -> None:
        for w, dw in zip(self._weights, gradients, strict=True):
            dw *= self.workload.learning_rate
            w -= dw

    def _adam(self, gradients: list[Floats]) -> None:
        self._steps += 1
        beta_1, beta_2 = ADAM["beta_1"], ADAM["beta_2"]
        scale = np.sqrt(1 - beta_2**self._steps) / (1 - beta_1**self._steps)
        rate = np.float32(self.workload.learning_rate * scale)
        for w, dw, m, v in zip(self._weights, gradients, self._m, self._v, strict=True):
            m *= beta_1
            m += (1 - beta_1) * dw
            v *= beta_2
            np.square(dw, out=dw)
            dw *= 1 - beta_2
            v += dw
            np.sqrt(v, out=dw)
            dw += np.float32(ADAM["epsilon"])
            np.divide(m, dw, out=dw)
            dw *= rate
            w -= dw

    def weights(self) -> list[Floats]:
        """The arrays themselves."""
        return self._weights
