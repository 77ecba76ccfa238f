"""What a model says of every point of the plane, and the points it learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit._fonts import Language, draw_japanese
from densefit.plots._style import (
    COLOURS,
    LEGEND,
    MARKERS,
    Words,
    add_colorbar,
    diverging,
    names_of,
    set_title,
    single_axes,
    words_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["HasPredict", "decision_boundary"]

Array = NDArray[np.float64]

TEXTS: dict[str, Words] = {
    "en": {"class": "class {name}", "value": "output"},
    "ja": {"class": "クラス {name}", "value": "出力"},
}


class HasPredict(Protocol):
    """A trained model: ``predict`` gives one row of outputs for each row of inputs."""

    def predict(self, x: Any, /) -> NDArray[Any]:
        """(N, n_in) → (N, n_out)."""


def decision_boundary(
    model: HasPredict,
    x: ArrayLike,
    y: ArrayLike,
    ax: Axes | None = None,
    *,
    features: Callable[[Array], ArrayLike] | None = None,
    class_names: Sequence[str] | None = None,
    resolution: int = 160,
    title: str | None = None,
    lang: Language = "en",
) -> Axes:
    """Colour the plane by what ``model`` predicts, and draw the points ``x`` on it.

    ``x`` (N, 2); ``y`` (N,) integer labels, or values for regression. The model has one output (a
    probability of class 1, above 0.5 where ``y`` are labels; else the value) or one per class.
    Blue is class 1 or positive, orange class 0 or negative, the stronger the surer; classes differ
    in marker too, and a black line parts them. ``features`` makes the model's inputs of points
    (N, 2), for example ``lambda x: playground.features(x, ["x", "y", "xy"])``.

    Raises ValueError when ``x`` is not of shape (N, 2) or ``y`` not of length N.
    """
    points, targets = np.asarray(x, dtype=np.float64), np.asarray(y)
    targets = targets.reshape(len(targets), -1)[:, 0] if targets.ndim == 2 else targets
    if points.ndim != 2 or points.shape[1] != 2 or targets.shape != (len(points),):
        raise ValueError(
            "x must be points of shape (n_samples, 2) and y one label or value for each, got"
            f" {points.shape} and {np.shape(y)}"
        )
    words = words_of(TEXTS, lang)
    ax = single_axes(ax, (5.0, 4.4))
    grid = _Grid(points, resolution)
    inputs = grid.points if features is None else features(grid.points)
    outputs = np.asarray(model.predict(inputs), dtype=np.float64).reshape(len(grid.points), -1)
    if targets.dtype.kind in "iub":
        _draw_classes(ax, grid, outputs, points, targets.astype(np.int64), class_names, words)
    else:
        _draw_values(ax, grid, outputs[:, 0], points, targets, words)
    ax.set_aspect("equal", adjustable="box")
    ax.set(xlim=grid.extent[:2], ylim=grid.extent[2:], xlabel="$x_1$", ylabel="$x_2$")
    set_title(ax, title)
    draw_japanese(ax)
    return ax


class _Grid:
    """Points at even distances over the samples and a margin."""

    def __init__(self, x: Array, resolution: int) -> None:
        low, high = x.min(axis=0), x.max(axis=0)
        margin = 0.08 * max(float((high - low).max()), 1e-9)
        self.axes = [np.linspace(low[i] - margin, high[i] + margin, resolution) for i in range(2)]
        across, up = np.meshgrid(*self.axes)
        self.shape = across.shape
        self.points = np.stack([across.ravel(), up.ravel()], axis=1)
        self.extent = (*self.axes[0][[0, -1]].tolist(), *self.axes[1][[0, -1]].tolist())


def _draw_classes(
    ax: Axes,
    grid: _Grid,
    outputs: Array,
    x: Array,
    y: NDArray[np.int64],
    class_names: Sequence[str] | None,
    words: Words,
) -> None:
    binary = outputs.shape[1] <= 2
    names = names_of(class_names, max(outputs.shape[1], 2, int(y.max()) + 1))
    if binary:
        probability = outputs[:, -1].reshape(grid.shape)
        _draw_plane(ax, grid, probability, 0.0, 1.0)
        if probability.min() < 0.5 < probability.max():
            ax.contour(*grid.axes, probability, levels=[0.5], colors="black", linewidths=1.2)
        colours = [COLOURS[1], COLOURS[0]]
    else:
        _draw_areas(ax, grid, outputs.argmax(axis=1).reshape(grid.shape))
        colours = [COLOURS[i % len(COLOURS)] for i in range(len(names))]
    for label in np.unique(y):
        ax.scatter(
            x[y == label, 0],
            x[y == label, 1],
            s=22,
            color=colours[label],
            marker=MARKERS[label % len(MARKERS)],
            edgecolors="white",
            linewidths=0.6,
            label=words["class"].format(name=names[label]),
            zorder=3,
        )
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), **LEGEND)


def _draw_areas(ax: Axes, grid: _Grid, winners: NDArray[np.int64]) -> None:
    """A pale colour for each class, and a line around its area."""
    from matplotlib.colors import to_rgb

    palette = np.array([to_rgb(colour) for colour in COLOURS])
    pale = 1 - 0.35 * (1 - palette[winners % len(COLOURS)])
    ax.imshow(pale, extent=grid.extent, origin="lower", interpolation="nearest", zorder=0)
    for label in np.unique(winners)[1:]:
        inside = (winners == label).astype(float)
        ax.contour(*grid.axes, inside, levels=[0.5], colors="black", linewidths=0.8)


def _draw_values(
    ax: Axes, grid: _Grid, values: Array, x: Array, y: NDArray[Any], words: Words
) -> None:
    reach = max(float(np.abs(y).max()), 1e-9)
    image = _draw_plane(ax, grid, values.reshape(grid.shape), -reach, reach)
    points = ax.scatter(x[:, 0], x[:, 1], s=16, c=y, edgecolors="0.35", linewidths=0.5, zorder=3)
    points.set(cmap=diverging(), clim=(-reach, reach))
    add_colorbar(ax, image, words["value"])


def _draw_plane(ax: Axes, grid: _Grid, values: Array, low: float, high: float) -> Any:
    return ax.imshow(
        values,
        extent=grid.extent,
        origin="lower",
        cmap=diverging(),
        vmin=low,
        vmax=high,
        alpha=0.75,
        interpolation="bilinear",
        zorder=0,
    )
