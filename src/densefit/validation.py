"""Checks of what a caller passes: each error names the argument, what was expected, what came."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Floats = NDArray[Any]
Integers = NDArray[np.int64]


def _first_bad(array: Floats) -> str:
    index = np.unravel_index(int(np.argmin(np.isfinite(array))), array.shape)
    position = ", ".join(str(int(i)) for i in index)
    return f"[{position}] is {array[index]}" if position else f" is {array[()]}"


def _check_numeric(name: str, array: NDArray[Any]) -> None:
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must hold numbers, got an array of dtype {array.dtype}"
            + (" (ragged or non-numeric input?)" if array.dtype.kind == "O" else "")
        )


def as_float_array(
    name: str, values: ArrayLike, dtype: DTypeLike, ndim: int | None = None
) -> Floats:
    """``values`` as a finite C-contiguous array of ``dtype``, itself where it is one already.

    Of any shape, unless ``ndim`` is given.

    Raises TypeError where it does not hold real numbers, ValueError for a wrong number of
    dimensions, and for NaN and infinity, whose first position it names.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{name} cannot be made an array: {error}") from None
    _check_numeric(name, array)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimensions, got shape {array.shape}")
    if array.dtype != dtype or not array.flags.carray:
        with np.errstate(over="ignore"):
            array = _aligned(np.asarray(array, dtype=dtype, order="C"))
    if not _all_finite(array):
        raise ValueError(f"{name} must be finite, but {name}{_first_bad(array)}")
    return array


# For so few numbers a dot product is fastest, and no thread of BLAS's wakes up.
_FEW = 10_000


def _all_finite(array: Floats) -> bool:
    """Whether nothing is NaN or infinite; a sum tells, unless finite numbers overflow it."""
    if array.size <= _FEW:
        total = np.vdot(array, array)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            total = np.add.reduce(array, axis=None)
    return math.isfinite(total) or bool(np.isfinite(array).all())


def _aligned(array: NDArray[Any]) -> NDArray[Any]:
    """``array``, or a copy where its elements straddle words: a field of packed records, say."""
    return array if array.flags.aligned else array.copy()


def as_float_arrays(**arrays: ArrayLike) -> list[Floats]:
    """The arrays in one dtype, of any shape: float32 where all are float32, else float64.

    Raises as ``as_float_array`` does.
    """
    kinds = {getattr(a, "dtype", None) for a in arrays.values()}
    dtype = np.float32 if kinds == {np.dtype(np.float32)} else np.float64
    return [as_float_array(name, values, dtype) for name, values in arrays.items()]


def as_labels(name: str, values: ArrayLike, n_classes: int) -> Integers:
    """``values`` as int64 class labels 0 … n_classes - 1 of shape (N,); names the first offender.

    Floats are accepted where they are whole numbers, and shape (N, 1) is flattened. Raises
    ValueError for another shape and for other numbers, TypeError for what holds none.
    """
    array = np.asarray(values)
    _check_numeric(name, array)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"{name} must be labels of shape (N,), got shape {array.shape}")
    if array.dtype.kind == "f":
        whole = np.isfinite(array) & (array == np.floor(array))
        if not whole.all():
            i = int(np.argmin(whole))
            raise ValueError(f"{name} must hold integer labels, but {name}[{i}] is {array[i]}")
    wrong = (array < 0) | (array >= n_classes)
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ValueError(
            f"{name} must hold labels from 0 to {n_classes - 1} ({n_classes} classes), "
            f"but {name}[{i}] is {array[i]}"
        )
    return _aligned(np.ascontiguousarray(array, dtype=np.int64))


def require_shape(name: str, array: Floats, shape: tuple[int, ...], why: str) -> None:
    """Raise ValueError unless ``array`` has ``shape``; ``why`` tells what asks for it."""
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape} {why}, got {array.shape}")


def require_2d(**arrays: Floats) -> None:
    """Raise ValueError for the first array that has not 2 dimensions."""
    for name, array in arrays.items():
        if array.ndim != 2:
            raise ValueError(f"{name} must have 2 dimensions, got shape {array.shape}")


def check_seed(seed: int) -> int:
    """``seed`` as an int; raises where it is none or lies outside 0 … 2⁶⁴ - 1."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed must be an integer, got {seed!r}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must lie in 0 … 2**64 - 1, got {seed}")
    return int(seed)
