"""Stateless functions of a multilayer perceptron, with the names of assignment 4's contract.

They compute with the compiled kernels, in float32 where every array is float32 and in float64
otherwise, and give the same bits on every machine. :mod:`densefit.reference` has the same functions
in a few lines of NumPy each.

Shapes: ``N`` samples, ``D`` inputs, ``M`` units, ``C`` classes. Inputs are never changed. All raise
``TypeError`` for input that does not hold numbers and ``ValueError`` for shapes that do not fit and
for NaN or infinity, naming the argument, what was expected and what came.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit import ops

__all__ = [
    "dense_backward",
    "dense_forward",
    "minibatches",
    "relu_backward",
    "relu_forward",
    "sgd_update",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax",
    "softmax_cross_entropy",
    "tanh_backward",
    "tanh_forward",
]

Floats = NDArray[Any]


def dense_forward(x: ArrayLike, w: ArrayLike, b: ArrayLike) -> Floats:
    """z = x·w + b, shapes (N, D), (D, M), (M,) → (N, M)."""
    return ops.dense_forward(x, w, b)


def dense_backward(dz: ArrayLike, x: ArrayLike, w: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """dx = dz·wᵀ, dw = xᵀ·dz, db = Σₙ dz, shapes (N, M), (N, D), (D, M) → (N, D), (D, M), (M,)."""
    return ops.dense_backward(dz, x, w)


def relu_forward(z: ArrayLike) -> Floats:
    """a = max(z, 0), any shape."""
    return ops.activation_forward("relu", z)


def relu_backward(da: ArrayLike, z: ArrayLike) -> Floats:
    """dz = da where z > 0, else 0; at the kink z = 0 the gradient is 0."""
    return ops.activation_backward("relu", da, z)


def tanh_forward(z: ArrayLike) -> Floats:
    """a = tanh(z), any shape; error below 2 ulp."""
    return ops.activation_forward("tanh", z)


def tanh_backward(da: ArrayLike, z: ArrayLike) -> Floats:
    """dz = da · (1 - tanh²(z))."""
    return ops.activation_backward("tanh", da, z)


def sigmoid_forward(z: ArrayLike) -> Floats:
    """a = 1 / (1 + exp(-z)), any shape, without overflow; error below 3 ulp.

    Below the smallest normal number (z < -87.3 in float32, z < -708.4 in float64) it is 0.
    """
    return ops.activation_forward("sigmoid", z)


def sigmoid_backward(da: ArrayLike, z: ArrayLike) -> Floats:
    """dz = da · a · (1 - a) with a = sigmoid(z)."""
    return ops.activation_backward("sigmoid", da, z)


def softmax(z: ArrayLike) -> Floats:
    """p = exp(z - max z) / Σ exp(z - max z) over each row, (N, C) → (N, C)."""
    return ops.softmax(z)


def softmax_cross_entropy(z: ArrayLike, y: ArrayLike) -> tuple[float, Floats]:
    """loss = -(1/N) Σₙ log softmax(zₙ)[yₙ] and dz = (softmax(z) - onehot(y)) / N.

    ``y`` holds integer labels of shape (N,), or a distribution over the classes of shape (N, C),
    for which loss = -(1/N) Σₙ Σⱼ yₙⱼ log softmax(zₙ)ⱼ. A one-hot ``y`` gives the same bits as its
    labels.
    """
    return ops.softmax_cross_entropy(z, y)


def sgd_update(param: ArrayLike, grad: ArrayLike, learning_rate: float) -> Floats:
    """param - learning_rate · grad, any shape; a new array."""
    return ops.sgd_update(param, grad, learning_rate)


def minibatches(
    x: ArrayLike, y: ArrayLike, batch_size: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield ``(xb, yb)`` so that every sample comes exactly once, in an order drawn from ``rng``.

    The last batch holds what is left and may be short. Raises ``ValueError`` where ``x`` and ``y``
    differ in length or ``batch_size`` is below 1.
    """
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError(f"x and y must have the same length, got {len(x)} and {len(y)}")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    return _slices(x, y, batch_size, rng.permutation(len(x)))


def _slices(
    x: NDArray[Any], y: NDArray[Any], batch_size: int, order: NDArray[np.int64]
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]
