"""The data of an experiment: to train, to choose, to judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit._lookup import find
from densefit.datasets import fashion_mnist, fashion_mnist_mini, mnist

__all__ = ["Data", "DataArgument", "Pair", "resolve"]

Pair = tuple[NDArray[Any], NDArray[Any]]
#: A name, or two or three pairs (x, y): training, validation and, if there are any, test data.
DataArgument = str | Sequence[Sequence[ArrayLike]]

_MODULES = {
    "fashion_mnist_mini": fashion_mnist_mini,
    "fashion_mnist": fashion_mnist,
    "mnist": mnist,
}
#: How many training images serve for validation.
_VALIDATION = {"fashion_mnist_mini": 200, "fashion_mnist": 10_000, "mnist": 10_000}


@dataclass(frozen=True)
class Data:
    """Training, validation and test data, each (x, y)."""

    train: Pair
    validation: Pair
    test: Pair | None

    @property
    def n_classes(self) -> int:
        """One more than the greatest label."""
        return int(max(self.train[1].max(), self.validation[1].max())) + 1


def resolve(data: DataArgument, n_train: int | None = None) -> Data:
    """The data of a name or of pairs; ``n_train`` takes only the first of the training data.

    Images by name are divided by 255. Raises ValueError for an unknown name, for another number
    of pairs and for ``n_train`` out of range.
    """
    found = _by_name(data) if isinstance(data, str) else _from_pairs(data)
    if n_train is None:
        return found
    x, y = found.train
    if not 1 <= n_train <= len(x):
        raise ValueError(f"n_train must be from 1 to the {len(x)} training samples, got {n_train}")
    return Data((x[:n_train], y[:n_train]), found.validation, found.test)


def _by_name(name: str) -> Data:
    module = find("data set", name, _MODULES)
    (x, y), (x_test, y_test) = module.load_data()
    at = len(x) - _VALIDATION[module.__name__.rsplit(".", 1)[-1]]
    x, x_test = (np.asarray(images / np.float32(255)) for images in (x, x_test))
    return Data((x[:at], y[:at]), (x[at:], y[at:]), (x_test, y_test))


def _from_pairs(data: Sequence[Sequence[ArrayLike]]) -> Data:
    if len(data) not in (2, 3) or any(len(pair) != 2 for pair in data):
        raise ValueError(
            "data must be a name or ((x, y), (x_val, y_val)[, (x_test, y_test)]), got"
            f" {len(data)} part(s)"
        )
    pairs = [(np.asarray(x), np.asarray(y)) for x, y in data]
    return Data(pairs[0], pairs[1], pairs[2] if len(pairs) == 3 else None)
