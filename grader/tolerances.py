"""How far a correct result may be from the exact one: a rounding-error bound for each operation.

Derivation (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., chapters 2 to 4).
Each floating-point operation errs by a factor 1 + δ, |δ| ≤ u, with u = 2⁻²⁴ (float32) or 2⁻⁵³
(float64). n such factors together differ from 1 by at most γₙ = n·u / (1 - n·u). A sum of n
products, *in any order*, errs by at most γₙ · Σ|products|: the bound scales with the terms and
not with the result, so cancellation is allowed for and a wrong tiny gradient is not.
``u`` is the coarsest of the precisions of what went in and what came out: a loop that stores
float32 products in a float64 array is honest work. Two more factors pay for rounding the inputs
to the submission's own precision. Results below the smallest normal number lose relative
precision; ``tiny`` times the number of terms pays for that.

================================  ================================================================
``dense_forward``                 γ_(D+4) · (|x|·|w| + |b|)
``dense_backward``                γ_(M+4) · |dz|·|w|ᵀ,  γ_(N+4) · |x|ᵀ·|dz|,  γ_(N+4) · Σ|dz|
``relu_forward, relu_backward``   γ₄ · |result|
``softmax``                       pᵢ · (exp(rᵢ + Σⱼ pⱼ·rⱼ) - 1), rᵢ = γ_(C+12) + 4u·(|zᵢ| + max|z|):
                                  an error ε in the exponent is a factor exp(ε), and rounding a
                                  logit is an error u·|zᵢ| in the exponent
``softmax_cross_entropy``         loss: (1/N) Σₙ (γ_(C+N+12) · (1 + |lossₙ| + log C) + 8u·max|zₙ|);
                                  dz: (softmax bound + γ₄ · (p + onehot)) / N
``sgd_update``                    γ₆ · (|param| + |learning_rate · grad|)
================================  ================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Precision:
    """Unit roundoff and smallest normal number of a floating-point type."""

    unit: float
    tiny: float

    def gamma(self, n: int) -> float:
        """γₙ = n·u / (1 - n·u)."""
        return n * self.unit / (1.0 - n * self.unit)


SINGLE = Precision(2.0**-24, float(np.finfo(np.float32).tiny))
DOUBLE = Precision(2.0**-53, float(np.finfo(np.float64).tiny))

Bound = Callable[[tuple[Any, ...], Precision], tuple[Array, ...]]


def coarsest(*values: Any) -> Precision:
    """The precision of the coarsest floating-point value among ``values``."""
    kinds = [v.dtype for v in values if hasattr(v, "dtype")]
    return SINGLE if any(kind == np.float32 for kind in kinds) else DOUBLE


def dense_forward(args: tuple[Any, ...], precision: Precision) -> tuple[Array, ...]:
    """γ_(D+4) · (|x|·|w| + |b|)."""
    x, w, b = _magnitudes(args)
    n = w.shape[0] + 4
    return (precision.gamma(n) * (x @ w + b) + n * precision.tiny,)


def dense_backward(args: tuple[Any, ...], precision: Precision) -> tuple[Array, ...]:
    """γ_(M+4) · |dz|·|w|ᵀ, γ_(N+4) · |x|ᵀ·|dz|, γ_(N+4) · Σ|dz|."""
    dz, x, w = _magnitudes(args)
    n, m = dz.shape[0] + 4, dz.shape[1] + 4
    return (
        precision.gamma(m) * (dz @ w.T) + m * precision.tiny,
        precision.gamma(n) * (x.T @ dz) + n * precision.tiny,
        precision.gamma(n) * dz.sum(axis=0) + n * precision.tiny,
    )


def relu_forward(args: tuple[Any, ...], precision: Precision) -> tuple[Array, ...]:
    """γ₄ · max(z, 0)."""
    z = np.asarray(args[0], np.float64)
    return (precision.gamma(4) * np.maximum(z, 0.0) + precision.tiny,)


def relu_backward(args: tuple[Any, ...], precision: Precision) -> tuple[Array, ...]:
    """γ₄ · |da| where z ≥ 0, else nothing but ``tiny``."""
    da, z = np.asarray(args[0], np.float64), np.asarray(args[1], np.float64)
    return (precision.gamma(4) * np.where(z >= 0.0, np.abs(da), 0.0) + precision.tiny,)


def softmax(args: tuple[Any, ...], precision: Precision) -> tuple[Array, ...]:
    """pᵢ · (exp(rᵢ + Σⱼ pⱼ·rⱼ) - 1), never more than 1."""
    z = np.asarray(args[0], np.float64)
    classes = z.shape[1]
    largest = np.abs(z).max(axis=1, keepdims=True)
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    p = shifted / shifted.sum(axis=1, keepdims=True)
    r = precision.gamma(classes + 12) + 4.0 * precision.unit * (np.abs(z) + largest)
    exponent = np.minimum(r + (p * r).sum(axis=1, keepdims=True), 700.0)
    return (np.minimum(p * np.expm1(exponent), 1.0) + 4 * precision.tiny,)


def softmax_cross_entropy(args: tuple[Any, ...], precision: Precision) -> tuple[Array, ...]:
    """The mean of the samples' bounds for the loss; the softmax bound over N for dz."""
    z, y = np.asarray(args[0], np.float64), np.asarray(args[1])
    samples, classes = z.shape
    rows = np.arange(samples)
    largest = np.abs(z).max(axis=1)
    shifted = z - z.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    each = precision.gamma(classes + samples + 12) * (
        1.0 + np.abs(log_sum - shifted[rows, y]) + np.log(classes)
    )
    loss = (each + 8.0 * precision.unit * largest).mean()
    p = np.exp(shifted - log_sum[:, np.newaxis])
    p[rows, y] += 1.0
    dz = softmax((z,), precision)[0] + precision.gamma(4) * p
    return np.asarray(loss), dz / samples + precision.tiny


def sgd_update(args: tuple[Any, ...], precision: Precision) -> tuple[Array, ...]:
    """γ₆ · (|param| + |learning_rate · grad|)."""
    param, grad = _magnitudes(args[:2])
    return (precision.gamma(6) * (param + abs(args[2]) * grad) + 4 * precision.tiny,)


def _magnitudes(args: tuple[Any, ...]) -> list[Array]:
    return [np.abs(np.asarray(arg, np.float64)) for arg in args]
