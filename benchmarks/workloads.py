"""What is trained: networks, batch sizes, optimizers, and the arithmetic that each step needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.images import SIDE

__all__ = ["WORKLOADS", "Targets", "Workload", "initial_weights", "named"]

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Targets:
    """What densefit is to reach: times faster, and the dense product's share of the peak."""

    fastest: float
    keras: float
    share: float | None = None


@dataclass(frozen=True)
class Workload:
    """A network of ReLU layers with a softmax at the end, and how it is trained."""

    widths: tuple[int, ...]
    batch_size: int
    optimizer: str
    learning_rate: float
    epochs: int
    images: str = "mnist"
    targets: Targets | None = None

    @property
    def name(self) -> str:
        """Such as ``784-128-10 b32 sgd``; the images are named where they are not MNIST's."""
        widths = "-".join(map(str, self.widths))
        name = f"{widths} b{self.batch_size} {self.optimizer}"
        return name if self.images == "mnist" else f"{name} {self.images}"

    @property
    def layers(self) -> list[tuple[int, int]]:
        """(inputs, units) of every dense layer."""
        return list(pairwise(self.widths))

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum((d + 1) * m for d, m in self.layers)

    @property
    def operations(self) -> int:
        """Floating-point operations of the matrix products of one step.

        2·N·D·M each for z = x·w and dw = xᵀ·dz, and for dx = dz·wᵀ except in the first layer.
        """
        products = [d * m for d, m in self.layers]
        return 2 * self.batch_size * (2 * sum(products) + sum(products[1:]))

    @property
    def bytes_moved(self) -> int:
        """Bytes of one step that no cache saves: parameters and their state twice, and the batch.

        Adam reads and writes two further arrays of the size of the parameters.
        """
        arrays = 3 if self.optimizer == "adam" else 1
        return 4 * (2 * arrays * self.parameters + self.batch_size * self.widths[0])

    @property
    def intensity(self) -> float:
        """Floating-point operations per byte moved."""
        return self.operations / self.bytes_moved


_SMALL, _LARGE = 3, 1

WORKLOADS = (
    Workload((784, 128, 10), 32, "sgd", 0.05, _SMALL, targets=Targets(3, 20, 0.85)),
    Workload((784, 128, 10), 32, "adam", 0.001, _SMALL, targets=Targets(3, 20)),
    Workload((784, 32, 10), 64, "adam", 0.001, _SMALL, targets=Targets(3, 20)),
    Workload((784, 64, 10), 32, "adam", 0.001, _SMALL, targets=Targets(3, 15)),
    Workload(
        (784, 512, 512, 512, 512, 10), 128, "adam", 0.0003, _LARGE, targets=Targets(1.5, 3, 0.88)
    ),
    Workload((784, 4000, 10), 128, "adam", 0.0003, _LARGE, targets=Targets(1.5, 3.5, 0.88)),
    Workload((784, 128, 10), 32, "sgd", 0.05, _SMALL, images="fashion"),
)


def named(patterns: list[str]) -> list[Workload]:
    """The workloads whose name contains one of ``patterns``; all without any.

    Raises ValueError for a pattern that fits none.
    """
    for pattern in patterns:
        if not any(pattern in workload.name for workload in WORKLOADS):
            names = ", ".join(repr(workload.name) for workload in WORKLOADS)
            raise ValueError(f"no workload has {pattern!r} in its name; there are {names}")
    return [w for w in WORKLOADS if not patterns or any(p in w.name for p in patterns)]


def initial_weights(workload: Workload, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """(w, b) of every layer: Glorot's uniform weights, biases of 0."""
    if workload.widths[0] != SIDE * SIDE:
        raise ValueError(f"the images have {SIDE * SIDE} pixels, {workload.name} takes others")
    rng = np.random.default_rng(seed)
    for d, m in workload.layers:
        limit = np.sqrt(6.0 / (d + m))
        yield rng.uniform(-limit, limit, (d, m)).astype(np.float32), np.zeros(m, np.float32)
