"""Dividing data for training, choosing and judging: test data never train or choose a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit._draws import Draws

__all__ = ["k_fold", "train_val_test_split"]

Indices = NDArray[np.int64]
Pair = tuple[NDArray[Any], NDArray[Any]]
Stratify = bool | Literal["auto"]


def train_val_test_split(
    x: ArrayLike,
    y: ArrayLike,
    *,
    val_size: float = 0.2,
    test_size: float = 0.2,
    stratify: Stratify = "auto",
    seed: int | None = 0,
) -> tuple[Pair, Pair, Pair]:
    """``(x_train, y_train), (x_val, y_val), (x_test, y_test)``, shuffled.

    ``val_size`` and ``test_size`` are shares of all samples (usual are 0.1 to 0.2 each).
    ``stratify`` keeps the shares of the classes in every part, to within two samples; "auto" does
    so where ``y`` holds integer labels (N,) or one-hot rows (N, C).

    Raises ValueError when x and y differ in length, when a part would be empty, and when a class
    has fewer samples than there are parts.
    """
    x, y = np.asarray(x), np.asarray(y)
    _check_lengths(x, y)
    n = len(x)
    n_val, n_test = (
        _part(name, share, n) for name, share in (("val_size", val_size), ("test_size", test_size))
    )
    if n_val + n_test >= n:
        raise ValueError(
            f"val_size={val_size} and test_size={test_size} of {n} samples leave none to train on"
        )
    draws = Draws(seed)
    rest, test = _systematic(_ordered(y, stratify, 3, draws), n_test)
    train, val = _systematic(rest, n_val)
    train, val, test = (part[draws.permutation(len(part))] for part in (train, val, test))
    return (x[train], y[train]), (x[val], y[val]), (x[test], y[test])


def k_fold(
    y: ArrayLike, k: int = 5, *, stratify: Stratify = "auto", seed: int | None = 0
) -> Iterator[tuple[Indices, Indices]]:
    """``(training, validation)`` indices of each of ``k`` folds; each sample validates once.

    ``y`` are the targets (N, …). Folds differ in size by at most one sample, and, with
    ``stratify``, in the number of samples of each class too. Raises ValueError unless k is from 2
    to N, or when a class has fewer than k samples.
    """
    y = np.asarray(y)
    if not 2 <= k <= len(y):
        raise ValueError(f"k must be from 2 to the number of samples, {len(y)}; got {k}")
    draws = Draws(seed)
    order = _ordered(y, stratify, k, draws)
    fold = np.arange(len(y)) % k
    shuffled = draws.permutation(len(y))
    order, fold = order[shuffled], fold[shuffled]
    return ((order[fold != i], order[fold == i]) for i in range(k))


def _check_lengths(x: NDArray[Any], y: NDArray[Any]) -> None:
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise ValueError(
            f"x and y must have one entry per sample each, got shapes {x.shape} and {y.shape}"
        )


def _part(name: str, share: float, n: int) -> int:
    count = round(share * n)
    if not 0 < share < 1 or count == 0:
        raise ValueError(f"{name} must be a share of the {n} samples that is not empty: {share}")
    return count


def _ordered(y: NDArray[Any], stratify: Stratify, parts: int, draws: Draws) -> Indices:
    """The samples in random order, those of one class side by side if ``stratify``."""
    order = draws.permutation(len(y))
    classes = _classes(y, stratify)
    if classes is None:
        return order
    names, counts = np.unique(classes, return_counts=True)
    if counts.min() < parts:
        raise ValueError(
            f"class {names[counts.argmin()]} has {counts.min()} sample(s), fewer than the {parts}"
            " parts each class is divided into: pass stratify=False, or more data"
        )
    return order[np.argsort(classes[order], kind="stable")]


def _classes(y: NDArray[Any], stratify: Stratify) -> NDArray[Any] | None:
    """The class of each sample, or None not to stratify."""
    if stratify not in (True, False, "auto"):
        raise ValueError(f"stratify must be True, False or 'auto', got {stratify!r}")
    if not stratify:
        return None
    if y.ndim == 2 and y.shape[1] > 1 and _is_one_hot(y):
        return np.asarray(y.argmax(axis=1))
    labels = y.reshape(len(y), -1)
    if labels.shape[1] == 1 and (y.dtype.kind in "iub" or stratify is True):
        return np.asarray(labels[:, 0])
    if stratify is True:
        raise ValueError(f"stratify=True needs labels (N,) or one-hot rows (N, C), got {y.shape}")
    return None


def _is_one_hot(y: NDArray[Any]) -> bool:
    return bool(np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all())


def _systematic(order: Indices, count: int) -> tuple[Indices, Indices]:
    """All but ``count`` entries of ``order``, and those, taken at even distances along it.

    Of any stretch of ``order`` (a class) a share of count / len(order) is taken, to within one.
    """
    steps = np.arange(len(order) + 1) * count // len(order)
    taken = np.diff(steps) == 1
    return order[~taken], order[taken]
