"""The two-dimensional data of the Neural Network Playground, so that its experiments can be coded.

Four problems of classification (``circle``, ``xor``, ``gauss``, ``spiral``) and two of regression
(``plane``, ``multi_gauss``) on points of the square from -6 to 6. What is drawn follows
D. Smilkov, S. Carter et al., https://playground.tensorflow.org; class 1 is its blue (+1), class 0
its orange (-1). Coordinates are rounded to six decimals, where the sines of all machines agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit._draws import Draws
from densefit._lookup import find

__all__ = ["FEATURES", "NAMES", "REGRESSION", "features", "load_data"]

Array = NDArray[np.float64]
Samples = tuple[Array, Array | NDArray[np.bool_]]
Split = tuple[Array, Array | NDArray[np.int64]]

RADIUS = 5.0
#: Half the side of the square on which regression is learned.
REACH = 6.0
#: Centre and sign of the six hills and hollows of ``multi_gauss``; each is 2 wide.
HILLS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))


def load_data(
    name: str = "circle",
    n_samples: int | None = None,
    *,
    noise: float = 0.0,
    train_share: float = 0.5,
    seed: int | None = 0,
) -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)`` of a playground problem.

    ``x`` (N, 2) float64; ``y`` (N,): int64 labels 0 and 1 for classification, float64 from -1 to
    1 for regression. ``n_samples`` of both parts together, 500 for classification and 1,200 for
    regression unless given. ``noise`` from 0 to 50 (per cent, as on the playground's slider)
    blurs the border between the classes, or the values. ``train_share`` between 0 and 1 is the
    part to train on. The same ``seed`` gives the same points.

    Raises ValueError for an unknown name and for an argument out of its range.
    """
    problem = find("playground problem", name, _PROBLEMS)
    n = problem.n_samples if n_samples is None else n_samples
    if n < 2:
        raise ValueError(f"n_samples must be at least 2, to train and to test on, got {n}")
    if not 0 <= noise <= 50:
        raise ValueError(f"noise must be from 0 to 50 (per cent), got {noise}")
    if not 0 < train_share < 1:
        raise ValueError(f"train_share must be between 0 and 1, got {train_share}")
    draws = Draws(seed)
    x, y = problem.draw(n, noise / 100, draws)
    order = draws.permutation(n)
    at = min(max(round(train_share * n), 1), n - 1)
    labels: Array | NDArray[np.int64]
    labels = y.astype(np.int64) if problem.classes else y.astype(np.float64)
    train, test = order[:at], order[at:]
    return (x[train], labels[train]), (x[test], labels[test])


def features(x: ArrayLike, names: Sequence[str] = ("x", "y")) -> Array:
    """The inputs of the playground's switches: (N, 2) points → (N, len(names)).

    ``names`` are among ``x, y, x^2, y^2, xy, sin(x), sin(y)``. Raises ValueError for others and
    for points of another shape.
    """
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"x must be points of shape (n_samples, 2), got {points.shape}")
    if not names:
        raise ValueError(f"names must be one or more of {', '.join(FEATURES)}")
    columns = [find("feature", name, FEATURES)(points[:, 0], points[:, 1]) for name in names]
    return np.asarray(np.stack(columns, axis=1).round(6))


def _circle(n: int, noise: float, draws: Draws) -> Samples:
    """A disc (1) within a ring (0); noise labels a point as if it lay elsewhere."""
    inner = n // 2
    radii = np.concatenate(
        [
            draws.uniform(0, 0.5 * RADIUS, inner),
            draws.uniform(0.7 * RADIUS, RADIUS, n - inner),
        ]
    )
    x = _polar(radii, draws.uniform(0, 2 * np.pi, n))
    blurred = x + _square(RADIUS * noise, n, draws)
    return x, np.hypot(*blurred.T) < 0.5 * RADIUS


def _xor(n: int, noise: float, draws: Draws) -> Samples:
    """1 where the signs of the coordinates agree, with a gap of 0.6 along the axes."""
    x = _square(RADIUS, n, draws)
    x = np.round(x + np.where(x > 0, 0.3, -0.3), 6)
    blurred = x + _square(RADIUS * noise, n, draws)
    return x, blurred.prod(axis=1) >= 0


def _gauss(n: int, noise: float, draws: Draws) -> Samples:
    """Two clouds around (2, 2) and (-2, -2), of variance 0.5 without noise and 4 with most."""
    y = np.arange(n) < n // 2
    stddev = np.sqrt(0.5 + 7 * noise)
    spread = np.stack([draws.normal(stddev, n), draws.normal(stddev, n)], axis=1)
    return np.round(np.where(y, 2.0, -2.0)[:, None] + spread, 6), y


def _spiral(n: int, noise: float, draws: Draws) -> Samples:
    """Two arms of 1.75 turns, half a turn apart; noise scatters the points."""
    halves = (n // 2, n - n // 2)
    along = np.concatenate([np.arange(half) / half for half in halves])
    y = np.arange(n) < halves[0]
    angles = 1.75 * 2 * np.pi * along + np.where(y, 0, np.pi)
    return np.round(_polar(RADIUS * along, angles) + _square(noise, n, draws), 6), y


def _plane(n: int, noise: float, draws: Draws) -> Samples:
    """y = (x₁ + x₂) / 10."""
    x = np.round(_square(REACH, n, draws), 6)
    return x, (x + _square(REACH * noise, n, draws)).sum(axis=1) / 10


def _multi_gauss(n: int, noise: float, draws: Draws) -> Samples:
    """The nearest hill's or hollow's ±max(0, 1 - distance / 2)."""
    x = np.round(_square(REACH, n, draws), 6)
    blurred = x + _square(REACH * noise, n, draws)
    heights = np.stack(
        [
            sign * np.maximum(0.0, 1 - np.hypot(*(blurred - (cx, cy)).T) / 2)
            for cx, cy, sign in HILLS
        ]
    )
    strongest = np.abs(heights).argmax(axis=0)
    return x, np.round(heights[strongest, np.arange(n)], 6)


def _square(reach: float, n: int, draws: Draws) -> Array:
    """(n, 2) points of the square from -reach to reach."""
    return np.stack([draws.uniform(-reach, reach, n), draws.uniform(-reach, reach, n)], axis=1)


def _polar(radii: Array, angles: Array) -> Array:
    """Points at ``angles`` clockwise from the second axis, as the playground counts them."""
    return np.asarray(np.stack([radii * np.sin(angles), radii * np.cos(angles)], axis=1).round(6))


@dataclass(frozen=True)
class _Problem:
    draw: Callable[[int, float, Draws], Samples]
    n_samples: int
    classes: bool


_PROBLEMS: Mapping[str, _Problem] = {
    "circle": _Problem(_circle, 500, True),
    "xor": _Problem(_xor, 500, True),
    "gauss": _Problem(_gauss, 500, True),
    "spiral": _Problem(_spiral, 500, True),
    "plane": _Problem(_plane, 1200, False),
    "multi_gauss": _Problem(_multi_gauss, 1200, False),
}
#: The problems, those of regression last.
NAMES = tuple(_PROBLEMS)
#: The problems of regression.
REGRESSION = tuple(name for name, problem in _PROBLEMS.items() if not problem.classes)

#: The playground's inputs, each a function of the two coordinates.
FEATURES: Mapping[str, Callable[[Array, Array], Array]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x^2": lambda x, y: x * x,
    "y^2": lambda x, y: y * y,
    "xy": lambda x, y: x * y,
    "sin(x)": lambda x, y: np.sin(x),
    "sin(y)": lambda x, y: np.sin(y),
}
