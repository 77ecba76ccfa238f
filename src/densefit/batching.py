"""From what a user passes to ``fit`` to the arrays the kernels train on: checked, once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit import ops
from densefit.backend import FloatType
from densefit.losses import Loss

__all__ = ["Samples", "as_array", "as_samples", "as_targets", "class_weights", "inputs", "split"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Samples:
    """Inputs (N, n_in), targets (N,) labels or (N, C) values, and weights (N,) or None."""

    x: NDArray[Any]
    y: NDArray[Any]
    weight: NDArray[Any] | None = None

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.x)

    def part(self, start: int, stop: int) -> Samples:
        """Samples start … stop-1, not copied."""
        weight = None if self.weight is None else self.weight[start:stop]
        return Samples(self.x[start:stop], self.y[start:stop], weight)


def as_array(name: str, values: ArrayLike | None) -> NDArray[Any]:
    """``values`` as an array of any type and shape, not copied if it is one.

    Raises TypeError for None and iterators, ValueError for rows of different lengths.
    """
    if values is None or hasattr(values, "__next__"):
        raise TypeError(f"{name} must be an array, got {type(values).__name__}")
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"the rows of {name} differ in shape: it cannot be an array") from None


def sample_shape(x: NDArray[Any]) -> Shape:
    """The shape of one sample of ``x``; (1,) for a row of numbers."""
    return x.shape[1:] if x.ndim > 1 else (1,)


def inputs(name: str, x: ArrayLike | None, shape: Shape, dtype: FloatType) -> NDArray[Any]:
    """``x`` of shape (N, *shape) as a C-contiguous array (N, n_in) of ``dtype``.

    uint8 images and other numbers are converted. Raises TypeError for what is not an array,
    ValueError for another shape or a value that is not finite.
    """
    array = as_array(name, x)
    fits = array.shape[1:] == shape and array.ndim > 0
    if not fits and (_squeezed(sample_shape(array)) != _squeezed(shape) or array.ndim == 0):
        raise ValueError(
            f"{name} must have shape (n_samples, {', '.join(map(str, shape))}),"
            f" got {array.shape}{_shape_advice(name, array.shape, shape)}"
        )
    array = ops.as_float_array(name, array, dtype)
    return array if array.ndim == 2 and fits else array.reshape(len(array), math.prod(shape))


def _squeezed(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)


def _shape_advice(name: str, given: Shape, shape: Shape) -> str:
    if given == shape:
        return f": for a single sample pass a batch of one, {name}[None]"
    if len(given) > 2 and math.prod(given[1:]) == math.prod(shape):
        return (
            ": begin the model with layers.Flatten(input_shape="
            f"{given[1:]}) or pass {name}.reshape(len({name}), {math.prod(shape)})"
        )
    return ""


def as_targets(
    name: str, y: ArrayLike | None, loss: Loss, n_samples: int, n_out: int, dtype: FloatType
) -> NDArray[Any]:
    """``y`` as int64 labels (N,) or as values (N, n_out) of ``dtype``, as ``loss`` needs them.

    Raises ValueError for a shape that does not go with the loss, the number of samples or the
    outputs, for a label outside the classes, and for a value that is not finite.
    """
    if y is None:
        raise ValueError(f"{name} is missing: the loss {loss.kind!r} compares outputs with it")
    y = as_array(name, y)
    shape = y.shape
    if not shape or shape[0] != n_samples:
        raise ValueError(f"{name} must have one entry per sample ({n_samples}), got shape {shape}")
    if loss.targets == "labels":
        return _labels(name, y, n_out)
    if loss.targets == "one-hot" and math.prod(shape[1:]) == 1 and n_out > 1:
        raise ValueError(
            f"{name} has shape {shape}, integer labels it seems, but the loss {loss.kind!r} takes"
            f" one-hot rows ({n_samples}, {n_out}): use loss='sparse_categorical_crossentropy' or"
            f" utils.to_categorical({name}, {n_out})"
        )
    if len(shape) == 1 and n_out == 1:
        shape = (n_samples, 1)
    if shape != (n_samples, n_out):
        raise ValueError(
            f"{name} must have shape ({n_samples}, {n_out}) to be compared with the model's"
            f" {n_out} outputs by the loss {loss.kind!r}, got {y.shape}"
        )
    return ops.as_float_array(name, y, dtype).reshape(shape)


def _labels(name: str, y: NDArray[Any], n_out: int) -> NDArray[np.int64]:
    shape = y.shape
    if n_out == 1:
        raise ValueError(
            "sparse_categorical_crossentropy needs one output per class, the model has 1: use"
            " Dense(n_classes, activation='softmax') last, or loss='binary_crossentropy'"
        )
    if shape[1:] == (n_out,):
        raise ValueError(
            f"{name} has shape {shape}, one-hot rows it seems, but the loss"
            " 'sparse_categorical_crossentropy' takes integer labels: use"
            f" loss='categorical_crossentropy' or {name}.argmax(axis=1)"
        )
    if math.prod(shape[1:]) != 1:
        raise ValueError(f"{name} must be integer labels of shape ({shape[0]},), got {shape}")
    return ops.as_labels(name, y.reshape(shape[0]), n_out)


def as_samples(
    names: tuple[str, str, str],
    x: ArrayLike | None,
    y: ArrayLike | None,
    weight: ArrayLike | None,
    *,
    loss: Loss,
    shapes: tuple[Shape, Shape],
    dtype: FloatType,
) -> Samples:
    """Checked and converted inputs, targets and sample weights; errors name them by ``names``.

    ``shapes`` are the shapes of a sample going into and coming out of the model. Raises ValueError
    or TypeError for what does not fit them, and for weights that are negative.
    """
    array = inputs(names[0], x, shapes[0], dtype)
    targets = as_targets(names[1], y, loss, len(array), math.prod(shapes[1]), dtype)
    if weight is None:
        return Samples(array, targets)
    weights = ops.as_float_array(names[2], weight, dtype, ndim=1)
    if len(weights) != len(array):
        raise ValueError(
            f"{names[2]} must have one entry per sample ({len(array)}), got {len(weights)}"
        )
    if (negative := np.flatnonzero(weights < 0)).size:
        raise ValueError(f"{names[2]}[{negative[0]}] is {weights[negative[0]]}; weights are ≥ 0")
    return Samples(array, targets, weights)


def class_weights(samples: Samples, class_weight: Mapping[int, float]) -> Samples:
    """The samples with their weights multiplied by the weight of their class.

    Raises ValueError for a class without a weight.
    """
    y = samples.y
    if y.ndim == 2:
        y = y.argmax(axis=1) if y.shape[1] > 1 else np.rint(y[:, 0]).astype(np.int64)
    classes, index = np.unique(y, return_inverse=True)
    if missing := [int(c) for c in classes if c not in class_weight]:
        raise ValueError(f"class_weight has no entry for class {missing[0]}")
    weight = np.array([class_weight[int(c)] for c in classes], dtype=samples.x.dtype)[index]
    own = 1.0 if samples.weight is None else samples.weight
    return Samples(samples.x, samples.y, np.ascontiguousarray(weight * own, samples.x.dtype))


def split(samples: Samples, validation_split: float) -> tuple[Samples, Samples]:
    """Training and validation samples: the last ``validation_split`` of them, before shuffling.

    Raises ValueError if that is not from 0 to 1 or leaves one of the two without samples.
    """
    if not 0 < validation_split < 1:
        raise ValueError(f"validation_split must be from 0 to below 1, got {validation_split!r}")
    at = math.floor(len(samples) * (1.0 - validation_split))
    if at == 0 or at == len(samples):
        raise ValueError(
            f"validation_split={validation_split!r} of {len(samples)} samples leaves"
            f" {at} for training and {len(samples) - at} for validation; both need some"
        )
    return samples.part(0, at), samples.part(at, len(samples))
