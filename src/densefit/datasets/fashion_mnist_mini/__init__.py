"""Fashion-MNIST in small, part of the package: 900 real images, 90 of each of the ten classes.

The classes are interleaved (0, 1, …, 9, 0, 1, …), so that every prefix is balanced.
Source: https://github.com/zalandoresearch/fashion-mnist (MIT licence, Zalando SE; see NOTICE).
"""

from __future__ import annotations

import gzip
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from densefit.datasets._idx import parse_idx
from densefit.datasets._source import Split
from densefit.datasets.fashion_mnist import CLASS_NAMES, CLASS_NAMES_JA

__all__ = ["CLASS_NAMES", "CLASS_NAMES_JA", "load_data"]

TRAINING_IMAGES = 700


def load_data() -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)``: uint8, images (700 | 200, 28, 28), labels (N,)."""
    x, y = _read("images-idx3-ubyte.gz", ndim=3), _read("labels-idx1-ubyte.gz", ndim=1)
    return (x[:TRAINING_IMAGES], y[:TRAINING_IMAGES]), (x[TRAINING_IMAGES:], y[TRAINING_IMAGES:])


def _read(name: str, ndim: int) -> NDArray[np.uint8]:
    return parse_idx(gzip.decompress((files(__package__) / name).read_bytes()), ndim, name)
