"""A weight array that is drawn when it is first looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit import ops
from densefit._seeds import WeightSeed
from densefit.backend import FloatType
from densefit.initializers import Initializer

__all__ = ["Parameter"]


class Parameter:
    """Name, shape and initializer of a weight array, and once needed the array itself.

    Drawing late lets ``fit(seed=...)`` fix the initial weights too; what has been seen stays.
    The array never moves: networks compiled from it keep pointing at it.
    """

    def __init__(self, name: str, shape: tuple[int, ...], initializer: Initializer) -> None:
        self.name, self.shape, self.initializer = name, shape, initializer
        self.dtype: FloatType = "float32"
        self._seed = WeightSeed()
        self._stream = 0
        self._value: NDArray[Any] | None = None

    def bind(self, dtype: FloatType, seed: WeightSeed, stream: int) -> None:
        """Say which type to draw, from which seed and stream."""
        self.dtype, self._seed, self._stream = dtype, seed, stream

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Copy what comes read-only, out of a memory map: training writes into it."""
        self.__dict__.update(state)
        if self._value is not None:
            self._value = np.require(self._value, requirements="W")

    @property
    def value(self) -> NDArray[Any]:
        """The live array, C-contiguous, updated in place by training."""
        if self._value is None:
            drawn = self.initializer(
                self.shape, self.dtype, seed=self._seed.fixed(), stream=self._stream
            )
            self._value = np.ascontiguousarray(drawn)
        return self._value

    def assign(self, values: ArrayLike) -> None:
        """Copy ``values`` of this shape into the array; ValueError if one is not finite."""
        checked = ops.as_float_array(self.name, values, self.dtype)
        if self._value is None:
            self._value = np.array(checked, copy=True, order="C")
        else:
            self._value[...] = checked
