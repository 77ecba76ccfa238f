"""The images that are trained on: MNIST where it is at hand, else the package's own, repeated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from densefit.datasets import DataNotFoundError, fashion_mnist_mini, mnist

__all__ = ["SIDE", "Images", "load"]

SIDE = 28
COUNT = 60_000


@dataclass(frozen=True)
class Images:
    """``x`` (N, 784) in [0, 1], labels ``y`` (N,), and where they are from."""

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    source: str

    @property
    def density(self) -> float:
        """Share of the pixels that are not 0."""
        return float(np.count_nonzero(self.x) / self.x.size)


def load(name: str, count: int = COUNT) -> Images:
    """``count`` images: ``mnist``, or ``fashion``, which are those in the package, repeated.

    Where MNIST can neither be found nor downloaded, the images in the package take its place.
    """
    if name == "mnist":
        try:
            (x, y), _ = mnist.load_data()
            return _images(x, y, count, "MNIST")
        except DataNotFoundError:
            pass
    (x, y), (x_test, y_test) = fashion_mnist_mini.load_data()
    x, y = np.concatenate([x, x_test]), np.concatenate([y, y_test])
    return _images(x, y, count, f"{len(x)} Fashion-MNIST images, repeated")


def _images(x: NDArray[np.uint8], y: NDArray[np.uint8], count: int, source: str) -> Images:
    chosen = np.arange(count) % len(x)
    pixels = x[chosen].reshape(count, SIDE * SIDE).astype(np.float32) / np.float32(255)
    return Images(pixels, y[chosen].astype(np.int64), source)
