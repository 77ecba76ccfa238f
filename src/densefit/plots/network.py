"""The network as circles and lines: every line a weight, the wider the greater."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from densefit._fonts import Language, draw_japanese
from densefit.plots._style import BLUE, LEGEND, ORANGE, Words, set_title, single_axes, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from densefit.sequential import Sequential

__all__ = ["network"]

TEXTS: dict[str, Words] = {
    "en": {"positive": "positive weight", "negative": "negative weight", "units": "{n} units",
           "inputs": "{n} inputs"},
    "ja": {"positive": "正の重み", "negative": "負の重み", "units": "{n} ユニット",
           "inputs": "入力 {n}"},
}  # fmt: skip

#: Where the circle of a unit is, or None for one that is left out.
Column = list[tuple[float, float] | None]


def network(
    model: Sequential,
    ax: Axes | None = None,
    *,
    max_units: int = 12,
    input_names: Sequence[str] | None = None,
    title: str | None = None,
    lang: Language = "en",
) -> Axes:
    """Draw each unit as a circle, each weight as a line whose width is its size.

    Blue and solid is positive, orange and dashed is negative; widths are relative to the greatest
    weight of the layer. Of a layer of more than ``max_units`` the first and the last units are
    drawn and three dots between them. Layers without weights (Flatten, Dropout) are left out.

    Raises ValueError for a model without weights or with fewer than two ``max_units``.
    """
    if max_units < 2:
        raise ValueError(f"max_units must be at least 2, got {max_units}")
    dense = [layer for layer in model.layers if layer.weights]
    if not dense:
        raise ValueError("the model has no layer with weights: there is nothing to draw")
    words = words_of(TEXTS, lang)
    kernels = [np.asarray(layer.weights[0], dtype=np.float64) for layer in dense]
    sizes = [len(kernels[0]), *(kernel.shape[1] for kernel in kernels)]
    ax = single_axes(ax, (2.0 + 1.5 * len(sizes), 4.6))
    columns = [_column(i, n, max_units) for i, n in enumerate(sizes)]
    for left, right, kernel in zip(columns, columns[1:], kernels, strict=False):
        _draw_weights(ax, left, right, kernel)
    for column in columns:
        _draw_units(ax, column)
    _label(ax, columns, sizes, [_activation(layer) for layer in dense], words)
    _label_inputs(ax, columns[0], input_names)
    _add_legend(ax, words)
    set_title(ax, title)
    draw_japanese(ax)
    return ax


def _column(index: int, n: int, max_units: int) -> Column:
    """The places of ``n`` units from top to bottom around the middle; None for the hidden ones."""
    if n <= max_units:
        return [(index, (n - 1) / 2 - i) for i in range(n)]
    half = max_units // 2
    # One place more than circles, for the dots.
    shown: Column = [(index, half - i) for i in range(2 * half + 1)]
    return shown[:half] + [None] * (n - 2 * half) + shown[half + 1 :]


def _draw_weights(ax: Axes, left: Column, right: Column, kernel: NDArray[np.float64]) -> None:
    greatest = max(float(np.abs(kernel).max()), 1e-12)
    for i, start in enumerate(left):
        for j, end in enumerate(right):
            if start is None or end is None or kernel[i, j] == 0:
                continue
            size = abs(kernel[i, j]) / greatest
            ax.plot(
                [start[0], end[0]],
                [start[1], end[1]],
                "-" if kernel[i, j] > 0 else "--",
                color=BLUE if kernel[i, j] > 0 else ORANGE,
                linewidth=0.2 + 3.3 * size,
                alpha=0.25 + 0.75 * size,
                zorder=1,
            )


def _draw_units(ax: Axes, column: Column) -> None:
    shown = [place for place in column if place is not None]
    across, up = zip(*shown, strict=True)
    ax.scatter(across, up, s=180, color="white", edgecolors="0.2", zorder=2)
    if len(shown) < len(column):
        ax.text(shown[0][0], 0, "⋮", ha="center", va="center", fontsize=18)


def _label(
    ax: Axes, columns: list[Column], sizes: list[int], functions: list[str], words: Words
) -> None:
    """Under each column its number of units and its activation function."""
    places = [[place[1] for place in column if place is not None] for column in columns]
    bottom = min(min(heights) for heights in places) - 0.9
    for i, n in enumerate(sizes):
        text = words["units" if i else "inputs"].format(n=n)
        ax.text(i, bottom, f"{text}\n{functions[i - 1] if i else ''}", ha="center", va="top")
    top = max(max(heights) for heights in places) + 0.8
    ax.set(xlim=(-0.6, len(columns) - 0.4), ylim=(bottom - 1.4, top))
    ax.set_axis_off()


def _label_inputs(ax: Axes, column: Column, names: Sequence[str] | None) -> None:
    for place, name in zip(column, names or (), strict=False):
        if place is not None:
            ax.text(place[0] - 0.2, place[1], name, ha="right", va="center")


def _activation(layer: Any) -> str:
    function = getattr(layer, "activation", None)
    return "" if function is None or function.name == "linear" else str(function.name)


def _add_legend(ax: Axes, words: Words) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=BLUE, linestyle="-", label=words["positive"]),
        Line2D([], [], color=ORANGE, linestyle="--", label=words["negative"]),
    ]
    ax.legend(handles=lines, loc="upper center", bbox_to_anchor=(0.5, 1.06), ncols=2, **LEGEND)
