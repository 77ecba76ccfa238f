"""Random arrays one after another from one seed, the same on every machine."""

from __future__ import annotations

from itertools import count

import numpy as np
from numpy.typing import NDArray

from densefit import _seeds, ops

__all__ = ["Draws"]


class Draws:
    """The k-th array drawn is a function of (seed, k, size); seed None takes the session's next."""

    def __init__(self, seed: int | None) -> None:
        """Raise TypeError or ValueError unless ``seed`` is None or from 0 to 2**53 - 1."""
        self.seed = _seeds.next_seed() if seed is None else _seeds.check_seed(seed)
        self._streams = count()

    def uniform(self, low: float, high: float, size: int) -> NDArray[np.float64]:
        """``size`` values uniform in [low, high)."""
        return low + (high - low) * ops.uniform(self.seed, next(self._streams), size)

    def normal(self, stddev: float, size: int) -> NDArray[np.float64]:
        """``size`` values of N(0, stddev²)."""
        return stddev * ops.normal(self.seed, next(self._streams), size)

    def permutation(self, n: int) -> NDArray[np.int64]:
        """0 … n-1 in random order."""
        return ops.permutation(self.seed, next(self._streams), n)
