"""Losses and their gradients in NumPy, from the formulas: the oracle of the kernels' losses.

Each takes the outputs (N, C) and targets (N, C) in float64 and returns the losses (N,) and their
gradients with respect to the outputs (N, C).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LossAndGradient = tuple[Array, Array]
EPSILON = 1e-7


def sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, e) / (1.0 + e))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def class_logits(z: Array, y: Array) -> LossAndGradient:
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(y * log_p).sum(axis=1), softmax(z) * y.sum(axis=1, keepdims=True) - y


def class_probabilities(p: Array, y: Array, epsilon: float = EPSILON) -> LossAndGradient:
    total = p.sum(axis=1, keepdims=True)
    share = p / total
    kept = np.clip(share, epsilon, 1 - epsilon)
    g = np.where(kept == share, -y / kept, 0)
    gradient = (g - (g * share).sum(axis=1, keepdims=True)) / total
    return -(y * np.log(kept)).sum(axis=1), gradient


def binary_logits(z: Array, y: Array) -> LossAndGradient:
    loss = np.logaddexp(0, z) - z * y
    return loss.mean(axis=1), (sigmoid(z) - y) / z.shape[1]


def binary_probabilities(p: Array, y: Array, epsilon: float = EPSILON) -> LossAndGradient:
    q = np.clip(p, epsilon, 1 - epsilon)
    loss = -(y * np.log(q) + (1 - y) * np.log(1 - q))
    return loss.mean(axis=1), np.where(p == q, (q - y) / (q * (1 - q)), 0) / p.shape[1]


def squared_error(p: Array, y: Array) -> LossAndGradient:
    return ((p - y) ** 2).mean(axis=1), 2 * (p - y) / p.shape[1]


def absolute_error(p: Array, y: Array) -> LossAndGradient:
    return np.abs(p - y).mean(axis=1), np.sign(p - y) / p.shape[1]


def hinge(p: Array, y: Array) -> LossAndGradient:
    side = np.where(y == 0, -1, y)
    margin = 1 - side * p
    return np.maximum(margin, 0).mean(axis=1), np.where(margin > 0, -side, 0) / p.shape[1]


def divergence(p: Array, y: Array) -> LossAndGradient:
    q, target = np.clip(p, EPSILON, 1), np.clip(y, EPSILON, 1)
    return (target * np.log(target / q)).sum(axis=1), np.where(p == q, -target / q, 0)


def cosine(p: Array, y: Array) -> LossAndGradient:
    np_, ny = (np.linalg.norm(a, axis=1, keepdims=True) for a in (p, y))
    cos = (p * y).sum(axis=1, keepdims=True) / (np_ * ny)
    return -cos[:, 0], cos * p / np_**2 - y / (np_ * ny)


ON_OUTPUTS: dict[str, Callable[[Array, Array], LossAndGradient]] = {
    "sparse_categorical_crossentropy": class_probabilities,
    "categorical_crossentropy": class_probabilities,
    "binary_crossentropy": binary_probabilities,
    "mean_squared_error": squared_error,
    "mean_absolute_error": absolute_error,
    "hinge": hinge,
    "kl_divergence": divergence,
    "cosine_similarity": cosine,
}
ON_LOGITS: dict[str, Callable[[Array, Array], LossAndGradient]] = {
    "sparse_categorical_crossentropy": class_logits,
    "categorical_crossentropy": class_logits,
    "binary_crossentropy": binary_logits,
}
