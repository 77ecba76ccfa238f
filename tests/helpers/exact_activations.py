"""Elementwise activations and their slopes in NumPy: the oracle of the kernels' activations."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from exact_losses import sigmoid

Array = NDArray[np.float64]
ValueAndSlope = tuple[Array, Array]
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def elu(z: Array, alpha: float) -> ValueAndSlope:
    below = alpha * np.expm1(np.minimum(z, 0))
    return np.where(z > 0, z, below), np.where(z > 0, 1, below + alpha)


def selu(z: Array, alpha: float) -> ValueAndSlope:
    value, slope = elu(z, SELU_ALPHA)
    return SELU_SCALE * value, SELU_SCALE * slope


def leaky_relu(z: Array, alpha: float) -> ValueAndSlope:
    return np.where(z > 0, z, alpha * z), np.where(z > 0, 1, alpha)


def gelu(z: Array, alpha: float) -> ValueAndSlope:
    share = 0.5 * _erfc(-z / math.sqrt(2))
    return z * share, share + z * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def gelu_tanh(z: Array, alpha: float) -> ValueAndSlope:
    rate = 2 * math.sqrt(2 / math.pi)
    share = sigmoid(rate * (z + 0.044715 * z**3))
    slope = share * (1 - share) * rate * (1 + 3 * 0.044715 * z * z)
    return z * share, share + z * slope


CURVES: dict[str, Callable[[Array, float], ValueAndSlope]] = {
    "elu": elu,
    "selu": selu,
    "leaky_relu": leaky_relu,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
}
