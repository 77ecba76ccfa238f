"""Noisy samples of y = sin(x): what the polynomials of the lecture on generalisation are fitted to.

Source of the example: C. M. Bishop, "Pattern Recognition and Machine Learning", 2006, section 1.1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from densefit._draws import Draws

__all__ = ["load_data"]

Split = tuple[NDArray[np.float64], NDArray[np.float64]]


def load_data(
    n_train: int = 100, n_test: int = 200, *, noise: float = 0.25, seed: int | None = 0
) -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)``: y = sin(x) + N(0, noise²), all (N, 1) float64.

    Each part has one ``x`` in each of as many equal intervals of [0, 2π), in random order, so that
    no gap lets a polynomial loose. Raises ValueError unless both parts have a sample and noise ≥ 0.
    """
    for name, n in (("n_train", n_train), ("n_test", n_test)):
        if n < 1:
            raise ValueError(f"{name} must be at least 1, got {n}")
    if noise < 0:
        raise ValueError(f"noise is a standard deviation, at least 0; got {noise}")
    draws = Draws(seed)
    return _samples(n_train, noise, draws), _samples(n_test, noise, draws)


def _samples(n: int, noise: float, draws: Draws) -> Split:
    x = (draws.permutation(n) + draws.uniform(0, 1, n)) / n * 2 * np.pi
    x = x.round(6)[:, None]
    return x, (np.sin(x) + draws.normal(noise, n)[:, None]).round(6)
