"""What a library has to do to take part: train a given network on given batches.

Every trainer gets the same data, initial weights, order of the samples and number of threads.
What a user pays once (compilation, copying rows into place) belongs into ``prepare``, what every
training pays into ``run``, and only ``run`` is timed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Workload

__all__ = ["ADAM", "Rows", "Trainer", "loss_of"]

#: For everybody. Keras adds epsilon to √v, PyTorch to √v̂; so small a one (the default of PyTorch
#: and scikit-learn) makes that difference vanish.
ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}


@dataclass(frozen=True)
class Rows:
    """Samples ``x`` (n, d), ``y`` (n,) and the order of each epoch, (epochs, n).

    ``seed`` gives that order in densefit. n is a multiple of the batch size.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    order: NDArray[np.int64]
    seed: int

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return len(self.order)

    def batches(self, batch_size: int) -> NDArray[np.int64]:
        """The rows of every mini-batch of every epoch, (epochs, steps, batch size)."""
        return self.order.reshape(self.epochs, -1, batch_size)

    def shuffled(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """All epochs' rows, copied into the order in which they are trained."""
        order = self.order.ravel()
        return self.x[order], self.y[order]


class Trainer(ABC):
    """One library, training one network."""

    def __init__(
        self, workload: Workload, weights: Sequence[NDArray[np.float32]], threads: int
    ) -> None:
        """``weights`` are the initial w, b of every layer; they stay as they are."""
        self.workload = workload
        self.initial = [w.copy() for w in weights]
        self.threads = threads

    @staticmethod
    @abstractmethod
    def versions() -> dict[str, str]:
        """The versions of what does the work."""

    @staticmethod
    def product(
        x: NDArray[np.float32], w: NDArray[np.float32], threads: int
    ) -> Callable[[], object]:
        """What computes z = x·w, again and again; NotImplementedError where it is not asked."""
        raise NotImplementedError

    @abstractmethod
    def prepare(self, rows: Rows) -> None:
        """Take what is trained on, and compile."""

    @abstractmethod
    def reset(self) -> None:
        """Back to the initial weights and an optimizer that has made no step."""

    @abstractmethod
    def run(self) -> None:
        """Train all epochs; return when the last weight is there."""

    @abstractmethod
    def weights(self) -> list[NDArray[Any]]:
        """The weights now: w, b of every layer."""


def loss_of(weights: Sequence[NDArray[Any]], x: NDArray[np.float32], y: NDArray[np.int64]) -> float:
    """Mean cross-entropy of the network with ``weights``, in plain NumPy and float64."""
    a = x.astype(np.float64)
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    for i, (w, b) in enumerate(layers):
        z = a @ w.astype(np.float64) + b
        a = np.maximum(z, 0.0) if i < len(layers) - 1 else z
    z = a - a.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]))
