"""The mathematics of the library in plain NumPy, float64: to be read, and to test against.

Every function here has the name and the arguments of its twin in :mod:`densefit.functional`,
which computes the same with the compiled kernels. Nothing here is fast, nothing is fused;
each body is the formula of its docstring.

Shapes: ``N`` samples, ``D`` inputs, ``M`` units, ``C`` classes; activations take any shape.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

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


def _float64(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)


def dense_forward(x: ArrayLike, w: ArrayLike, b: ArrayLike) -> Array:
    """z = x·w + b, shapes (N, D), (D, M), (M,) → (N, M)."""
    return _float64(x) @ _float64(w) + _float64(b)


def dense_backward(dz: ArrayLike, x: ArrayLike, w: ArrayLike) -> tuple[Array, Array, Array]:
    """dx = dz·wᵀ, dw = xᵀ·dz, db = Σₙ dz, shapes (N, M), (N, D), (D, M) → (N, D), (D, M), (M,)."""
    dz, x, w = _float64(dz), _float64(x), _float64(w)
    return dz @ w.T, x.T @ dz, dz.sum(axis=0)


def relu_forward(z: ArrayLike) -> Array:
    """a = max(z, 0), any shape."""
    return np.maximum(_float64(z), 0.0)


def relu_backward(da: ArrayLike, z: ArrayLike) -> Array:
    """dz = da where z > 0, else 0; at the kink z = 0 the gradient is 0."""
    return np.where(_float64(z) > 0.0, _float64(da), 0.0)


def tanh_forward(z: ArrayLike) -> Array:
    """a = tanh(z), any shape."""
    return np.tanh(_float64(z))


def tanh_backward(da: ArrayLike, z: ArrayLike) -> Array:
    """dz = da · (1 - tanh²(z))."""
    a = np.tanh(_float64(z))
    return _float64(da) * (1.0 - a * a)


def sigmoid_forward(z: ArrayLike) -> Array:
    """a = 1 / (1 + exp(-z)), any shape, without overflow for any finite z."""
    z = _float64(z)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0.0, 1.0, e) / (1.0 + e)


def sigmoid_backward(da: ArrayLike, z: ArrayLike) -> Array:
    """dz = da · a · (1 - a) with a = sigmoid(z), 1 - a taken as sigmoid(-z)."""
    z = _float64(z)
    return _float64(da) * sigmoid_forward(z) * sigmoid_forward(-z)


def softmax(z: ArrayLike) -> Array:
    """p = exp(z - max z) / Σ exp(z - max z) over the last axis, (N, C) → (N, C)."""
    z = _float64(z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p: Array = e / e.sum(axis=-1, keepdims=True)
    return p


def softmax_cross_entropy(z: ArrayLike, y: ArrayLike) -> tuple[float, Array]:
    """loss = -(1/N) Σₙ log softmax(zₙ)[yₙ] and dz = (softmax(z) - onehot(y)) / N.

    ``y`` holds integer labels of shape (N,), or a distribution over the classes of shape (N, C).
    """
    z, target = _float64(z), np.asarray(y)
    if target.ndim == 1:
        target = np.eye(z.shape[1])[target]
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    n = z.shape[0]
    loss = -float((target * log_p).sum()) / n
    return loss, (np.exp(log_p) * target.sum(axis=1, keepdims=True) - target) / n


def sgd_update(param: ArrayLike, grad: ArrayLike, learning_rate: float) -> Array:
    """param - learning_rate · grad, any shape; a new array."""
    return _float64(param) - learning_rate * _float64(grad)


def minibatches(
    x: ArrayLike, y: ArrayLike, batch_size: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.generic], NDArray[np.generic]]]:
    """Yield ``(xb, yb)`` so that every sample comes exactly once, in an order drawn from ``rng``.

    The last batch holds what is left and may be short.
    """
    x, y = np.asarray(x), np.asarray(y)
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]
