"""Labels to one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from densefit import ops
from densefit.backend import floatx

__all__ = ["to_categorical"]


def to_categorical(
    x: ArrayLike, num_classes: int | None = None, dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """One-hot rows: integer labels of shape (N,) or (N, 1) → (N, num_classes).

    ``num_classes`` is the largest label plus one unless given; the type is
    ``backend.floatx()`` unless given. Raises ValueError naming the first label out of range.
    """
    labels = np.asarray(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels.reshape(labels.shape[:-1])
    flat = labels.reshape(-1)
    if num_classes is None:
        num_classes = int(flat.max()) + 1 if flat.size else 0
    rows = np.zeros((flat.size, num_classes), dtype=dtype or floatx())
    rows[np.arange(flat.size), ops.as_labels("x", flat, num_classes)] = 1
    return rows.reshape(*labels.shape, num_classes)
