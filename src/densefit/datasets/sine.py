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
    n_train: int = 60, n_test: int = 200, *, noise: float = 0.25, seed: int | None = 0
) -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)``: y = sin(x) + N(0, noise²), all (N, 1) float64.

    ``x`` is uniform in [0, 2π). Raises ValueError unless both parts have a sample and noise ≥ 0.
    """
    for name, n in (("n_train", n_train), ("n_test", n_test)):
        if n < 1:
            raise ValueError(f"{name} must be at least 1, got {n}")
    if noise < 0:
        raise ValueError(f"noise is a standard deviation, at least 0; got {noise}")
    draws = Draws(seed)
    x = np.round(draws.uniform(0, 2 * np.pi, n_train + n_test), 6)[:, None]
    y = np.round(np.sin(x) + draws.normal(noise, len(x))[:, None], 6)
    return (x[:n_train], y[:n_train]), (x[n_train:], y[n_train:])
