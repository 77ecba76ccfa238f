"""The mistakes students make in assignment 4, each as the code that makes it.

What the student reads about them (title, explanation, hint; English and Japanese) is in
``misconceptions.toml``, one table per id.

A mistake gets its name only when the student's results agree with it on every example, so each
body is the mistake and nothing else. Batches are drawn by ``rng.permutation``, as nearly every
student does, unless the mistake is to draw them otherwise. ``train`` has no fixed result to agree
with, so its mistakes are found by the experiments that check it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.misconception import Misconception

Array = NDArray[Any]
Bank = dict[str, Callable[..., Any]]

__all__ = ["MISCONCEPTIONS"]


def _bias_only_in_first_sample(x: Array, w: Array, b: Array) -> Array:
    z = x @ w
    z[:1] += b
    return z


def _result_truncated_to_integers(x: Array, w: Array, b: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(x @ w + b).astype(np.int64)


DENSE_FORWARD: Bank = {
    "bias-not-added": lambda x, w, b: x @ w,
    "bias-subtracted": lambda x, w, b: x @ w - b,
    "bias-added-twice": lambda x, w, b: x @ w + 2 * b,
    "bias-summed": lambda x, w, b: x @ w + b.sum(),
    "bias-only-in-first-sample": _bias_only_in_first_sample,
    "activation-inside-dense": lambda x, w, b: np.maximum(x @ w + b, 0),
    "inputs-averaged": lambda x, w, b: x @ w / len(w) + b,
    "result-truncated-to-integers": _result_truncated_to_integers,
    "weights-scrambled-by-reshape": lambda x, w, b: x @ w.reshape(w.shape[::-1]).T + b,
}


def _dz_modified_in_place(dz: Array, x: Array, w: Array) -> tuple[Array, Array, Array]:
    gradients = dz @ w.T, x.T @ dz, dz.sum(0)
    dz[...] = 0
    return gradients


DENSE_BACKWARD: Bank = {
    "dw-divided-by-batch": lambda dz, x, w: (dz @ w.T, x.T @ dz / len(x), dz.sum(0)),
    "dw-and-db-divided-by-batch": lambda dz, x, w: (dz @ w.T, x.T @ dz / len(x), dz.mean(0)),
    "dx-divided-by-batch": lambda dz, x, w: (dz @ w.T / len(x), x.T @ dz, dz.sum(0)),
    "db-averaged": lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.mean(0)),
    "db-summed-over-units": lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.sum(1)),
    "db-summed-over-everything": lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.sum()),
    "db-keeps-the-batch-axis": lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.sum(0, keepdims=True)),
    "db-not-summed": lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.copy()),
    "db-zero": lambda dz, x, w: (dz @ w.T, x.T @ dz, np.zeros(w.shape[1])),
    "dw-transposed": lambda dz, x, w: (dz @ w.T, dz.T @ x, dz.sum(0)),
    "dw-transposed-then-reshaped": lambda dz, x, w: (
        dz @ w.T,
        (dz.T @ x).reshape(w.shape),
        dz.sum(0),
    ),
    "dw-negated": lambda dz, x, w: (dz @ w.T, -(x.T @ dz), dz.sum(0)),
    "dw-keeps-only-last-sample": lambda dz, x, w: (dz @ w.T, np.outer(x[-1], dz[-1]), dz.sum(0)),
    "dw-product-of-sums": lambda dz, x, w: (dz @ w.T, np.outer(x.sum(0), dz.sum(0)), dz.sum(0)),
    "dx-reshapes-w-instead-of-transposing": lambda dz, x, w: (
        dz @ w.reshape(w.shape[::-1]),
        x.T @ dz,
        dz.sum(0),
    ),
    "gradients-in-wrong-order": lambda dz, x, w: (x.T @ dz, dz.sum(0), dz @ w.T),
    "dz-modified-in-place": _dz_modified_in_place,
}


def _relu_modifies_z(z: Array) -> Array:
    z[z < 0] = 0
    return z


RELU_FORWARD: Bank = {
    "relu-leaky": lambda z: np.where(z > 0, z, 0.01 * z),
    "relu-absolute-value": lambda z: np.abs(z),
    "relu-clipped-at-one": lambda z: np.clip(z, 0, 1),
    "relu-np-max": lambda z: np.max(z, 0),
    "relu-returns-mask": lambda z: (z > 0).astype(np.float64),
    "relu-wrong-side": lambda z: np.minimum(z, 0),
    "relu-is-sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
    "relu-threshold-one": lambda z: np.where(z > 1, z, 0),
    "relu-modifies-z": _relu_modifies_z,
}


def _da_modified_in_place(da: Array, z: Array) -> Array:
    da[z <= 0] = 0
    return da


RELU_BACKWARD: Bank = {
    "mask-from-da": lambda da, z: np.where(da > 0, da, 0),
    "mask-forgotten": lambda da, z: da.copy(),
    "mask-inverted": lambda da, z: np.where(z > 0, 0, da),
    "upstream-gradient-ignored": lambda da, z: (z > 0).astype(np.float64),
    "multiplied-by-activation": lambda da, z: da * np.maximum(z, 0),
    "gradient-leaky": lambda da, z: np.where(z > 0, da, 0.01 * da),
    "gradient-half-at-zero": lambda da, z: da * np.heaviside(z, 0.5),
    "gradient-at-zero-depends-on-da": lambda da, z: np.where(
        (z > 0) | ((z == 0) & (da > 0)), da, 0
    ),
    "gradient-nan-at-zero": lambda da, z: np.where(z == 0, np.nan, np.where(z > 0, da, 0)),
    "da-modified-in-place": _da_modified_in_place,
}


def _exp(z: Array) -> Array:
    """exp(z - max z) by rows: what every version below that gets this part right has in common."""
    return np.asarray(np.exp(z - z.max(1, keepdims=True)))


def _normalised(e: Array, axis: int | None = 1) -> Array:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.asarray(e / e.sum(axis, keepdims=True))


def _overflowing(power: Callable[[Array], Array], z: Array) -> Array:
    with np.errstate(over="ignore"):
        return power(z)


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))


def _softmax_modifies_z(z: Array) -> Array:
    z -= z.max(1, keepdims=True)
    return _normalised(np.exp(z))


SOFTMAX: Bank = {
    "softmax-over-samples": lambda z: _normalised(np.exp(z - z.max(0)), 0),
    "softmax-over-everything": lambda z: _normalised(np.exp(z - z.max()), None),
    "softmax-without-shift": lambda z: _normalised(_overflowing(np.exp, z)),
    "softmax-shifted-by-global-max": lambda z: _normalised(np.exp(z - z.max())),
    "softmax-not-normalised": _exp,
    "softmax-is-sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
    "softmax-returns-log": _log_softmax,
    "softmax-one-hot": lambda z: np.eye(z.shape[1])[z.argmax(1)],
    "softmax-without-exp": lambda z: _normalised(z),
    "softmax-clips-logits": lambda z: _normalised(np.exp(np.clip(z, -50, 50))),
    "softmax-base-two": lambda z: _normalised(np.exp2(z - z.max(1, keepdims=True))),
    "softmax-rounded": lambda z: np.round(_normalised(_exp(z)), 4),
    "softmax-modifies-z": _softmax_modifies_z,
}

LossAndGradient = tuple[Any, Array]


def _target(z: Array, y: Array) -> Array:
    return np.eye(z.shape[1])[y]


def _loss(z: Array, y: Array) -> Any:
    return -_log_softmax(z)[np.arange(len(y)), y].mean()


def _dz(z: Array, y: Array) -> Array:
    return np.asarray((np.exp(_log_softmax(z)) - _target(z, y)) / len(y))


def _log_after_softmax(z: Array, y: Array, epsilon: float = 0.0) -> LossAndGradient:
    p = _normalised(_exp(z))[np.arange(len(y)), y]
    with np.errstate(divide="ignore"):
        return -np.log(p + epsilon).mean(), _dz(z, y)


def _prediction_used_as_label(z: Array, y: Array) -> LossAndGradient:
    return _loss(z, z.argmax(1)), _dz(z, y)


def _dz_extra_softmax_derivative(z: Array, y: Array) -> LossAndGradient:
    p = _normalised(_exp(z))
    return _loss(z, y), _dz(z, y) * p * (1 - p)


def _squared_error_loss(z: Array, y: Array) -> LossAndGradient:
    difference = _normalised(_exp(z)) - _target(z, y)
    return (difference**2).sum() / (2 * len(y)), _dz(z, y)


def _softmax_applied_twice(z: Array, y: Array) -> LossAndGradient:
    p = _normalised(_exp(z))
    return _loss(p, y), _dz(p, y)


def _binary_cross_entropy(z: Array, y: Array) -> LossAndGradient:
    t = _target(z, y)
    p = np.clip(_normalised(_exp(z)), 1e-12, 1 - 1e-12)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).sum() / len(y), _dz(z, y)


def _cross_entropy_without_shift(z: Array, y: Array) -> LossAndGradient:
    e = _overflowing(np.exp, z)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_p = z - np.log(e.sum(1, keepdims=True))
        loss = -np.sum(_target(z, y) * log_p) / len(y)
    return loss, (_normalised(e) - _target(z, y)) / len(y)


def _cross_entropy_softmax_over_samples(z: Array, y: Array) -> LossAndGradient:
    log_p = _log_softmax(z.T).T
    loss = -log_p[np.arange(len(y)), y].mean()
    return loss, (np.exp(log_p) - _target(z, y)) / len(y)


def _cross_entropy_modifies_z(z: Array, y: Array) -> LossAndGradient:
    z -= z.max(1, keepdims=True)
    return _loss(z, y), _dz(z, y)


SOFTMAX_CROSS_ENTROPY: Bank = {
    "loss-summed": lambda z, y: (_loss(z, y) * len(y), _dz(z, y)),
    "dz-not-divided-by-batch": lambda z, y: (_loss(z, y), _dz(z, y) * len(y)),
    "loss-and-dz-summed": lambda z, y: (_loss(z, y) * len(y), _dz(z, y) * len(y)),
    "loss-averaged-over-classes": lambda z, y: (_loss(z, y) / z.shape[1], _dz(z, y)),
    "dz-divided-by-classes": lambda z, y: (_loss(z, y), _dz(z, y) / z.shape[1]),
    "log-of-underflowed-probability": _log_after_softmax,
    "log-with-epsilon": lambda z, y: _log_after_softmax(z, y, 1e-7),
    "labels-off-by-one": lambda z, y: (_loss(z, y - 1), _dz(z, y - 1)),
    "dz-negated": lambda z, y: (_loss(z, y), -_dz(z, y)),
    "dz-without-target": lambda z, y: (_loss(z, y), _normalised(_exp(z)) / len(y)),
    "dz-only-at-true-class": lambda z, y: (_loss(z, y), _dz(z, y) * _target(z, y)),
    "dz-with-respect-to-probabilities": lambda z, y: (
        _loss(z, y),
        -_target(z, y) / np.maximum(_normalised(_exp(z)), 1e-300) / len(y),
    ),
    "dz-extra-softmax-derivative": _dz_extra_softmax_derivative,
    "loss-in-bits": lambda z, y: (_loss(z, y) / np.log(2), _dz(z, y)),
    "loss-negative": lambda z, y: (-_loss(z, y), _dz(z, y)),
    "squared-error-loss": _squared_error_loss,
    "softmax-applied-twice": _softmax_applied_twice,
    "loss-per-sample": lambda z, y: (-_log_softmax(z)[np.arange(len(y)), y], _dz(z, y)),
    "loss-and-dz-swapped": lambda z, y: (_dz(z, y), _loss(z, y)),
    "prediction-used-as-label": _prediction_used_as_label,
    "binary-cross-entropy": _binary_cross_entropy,
    "cross-entropy-without-shift": _cross_entropy_without_shift,
    "cross-entropy-softmax-over-samples": _cross_entropy_softmax_over_samples,
    "cross-entropy-modifies-z": _cross_entropy_modifies_z,
}


def _gradient_modified_in_place(param: Array, grad: Array, learning_rate: float) -> Array:
    grad *= learning_rate
    return np.asarray(param - grad)


SGD_UPDATE: Bank = {
    "sgd-ascends": lambda param, grad, learning_rate: param + learning_rate * grad,
    "learning-rate-ignored": lambda param, grad, learning_rate: param - grad,
    "learning-rate-squared": lambda param, grad, learning_rate: param - learning_rate**2 * grad,
    "divided-by-learning-rate": lambda param, grad, learning_rate: param - grad / learning_rate,
    "returns-the-step": lambda param, grad, learning_rate: -learning_rate * grad,
    "gradient-clipped": lambda param, grad, learning_rate: (
        param - learning_rate * np.clip(grad, -1, 1)
    ),
    "gradient-sign-only": lambda param, grad, learning_rate: param - learning_rate * np.sign(grad),
    "gradient-normalised": lambda param, grad, learning_rate: (
        param - learning_rate * grad / (np.sqrt((grad**2).sum()) + 1e-12)
    ),
    "weight-decay-added": lambda param, grad, learning_rate: (
        param - learning_rate * (grad + 0.01 * param)
    ),
    "step-divided-by-length": lambda param, grad, learning_rate: (
        param - learning_rate * grad / len(param)
    ),
    "parameter-multiplied": lambda param, grad, learning_rate: param * (1 - learning_rate * grad),
    "gradient-modified-in-place": _gradient_modified_in_place,
}

Batches = Iterator[tuple[Array, Array]]


def _cut(x: Array, y: Array, parts: Iterable[Array]) -> Batches:
    return ((x[part], y[part]) for part in parts)


def _parts(order: Array, size: int, overlap: int = 0) -> list[Array]:
    return [order[i : i + size + overlap] for i in range(0, len(order), size)]


def _data_shuffled_in_place(x: Array, y: Array, size: int, rng: np.random.Generator) -> Batches:
    order = rng.permutation(len(x))
    x[...], y[...] = x[order], y[order]
    return _cut(x, y, _parts(np.arange(len(x)), size))


def _last_batch_filled_up(x: Array, y: Array, size: int, rng: np.random.Generator) -> Batches:
    order = rng.permutation(len(x))
    starts = range(0, len(x), size)
    return _cut(x, y, [np.take(order, range(i, i + size), mode="wrap") for i in starts])


def _empty_batch_at_end(x: Array, y: Array, size: int, rng: np.random.Generator) -> Batches:
    order = rng.permutation(len(x))
    return _cut(x, y, [order[i * size : (i + 1) * size] for i in range(len(x) // size + 1)])


def _shuffled(x: Array, rng: np.random.Generator) -> Array:
    return x[rng.permutation(len(x))]


MINIBATCHES: Bank = {
    "last-short-batch-dropped": lambda x, y, size, rng: _cut(
        x, y, _parts(rng.permutation(len(x))[: len(x) // size * size], size)
    ),
    "not-shuffled": lambda x, y, size, rng: _cut(x, y, _parts(np.arange(len(x)), size)),
    "shuffled-apart": lambda x, y, size, rng: _cut(
        _shuffled(x, rng), _shuffled(y, rng), _parts(np.arange(len(x)), size)
    ),
    "only-x-shuffled": lambda x, y, size, rng: _cut(
        _shuffled(x, rng), y, _parts(np.arange(len(x)), size)
    ),
    "rng-ignored": lambda x, y, size, rng: _cut(
        x, y, _parts(np.random.default_rng(0).permutation(len(x)), size)
    ),
    "drawn-with-replacement": lambda x, y, size, rng: _cut(
        x, y, _parts(rng.integers(0, len(x), len(x)), size)
    ),
    "last-batch-filled-up": _last_batch_filled_up,
    "batch-one-too-large": lambda x, y, size, rng: _cut(
        x, y, _parts(rng.permutation(len(x)), size + 1)
    ),
    "batches-overlap": lambda x, y, size, rng: _cut(
        x, y, _parts(rng.permutation(len(x)), size, overlap=1)
    ),
    "only-batches-shuffled": lambda x, y, size, rng: _cut(
        x, y, [np.arange(len(x))[i : i + size] for i in rng.permutation(range(0, len(x), size))]
    ),
    "data-shuffled-in-place": _data_shuffled_in_place,
    "labels-before-inputs": lambda x, y, size, rng: _cut(
        y, x, _parts(rng.permutation(len(x)), size)
    ),
    "only-first-batch": lambda x, y, size, rng: _cut(
        x, y, _parts(rng.permutation(len(x)), size)[:1]
    ),
    "empty-batch-at-end": _empty_batch_at_end,
}

BANKS: dict[str, Bank] = {
    "dense_forward": DENSE_FORWARD,
    "dense_backward": DENSE_BACKWARD,
    "relu_forward": RELU_FORWARD,
    "relu_backward": RELU_BACKWARD,
    "softmax": SOFTMAX,
    "softmax_cross_entropy": SOFTMAX_CROSS_ENTROPY,
    "sgd_update": SGD_UPDATE,
    "minibatches": MINIBATCHES,
}


def _read(banks: dict[str, Bank], texts: Path) -> tuple[Misconception, ...]:
    said = tomllib.loads(texts.read_text(encoding="utf-8"))
    return tuple(
        Misconception(id=name, function=function, wrong=wrong, **said[name])
        for function, bank in banks.items()
        for name, wrong in bank.items()
    )


MISCONCEPTIONS: tuple[Misconception, ...] = _read(BANKS, Path(__file__).with_suffix(".toml"))
