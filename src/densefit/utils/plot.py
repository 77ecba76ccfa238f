"""The network as a picture, without Graphviz."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from densefit.sequential import Sequential

__all__ = ["plot_model"]

_HEIGHT, _GAP, _WIDTH = 0.55, 0.35, 4.2  # of a box, in inches


def plot_model(
    model: Sequential,
    to_file: str | os.PathLike[str] | None = "model.png",
    show_shapes: bool = True,
    show_layer_names: bool = True,
    show_layer_activations: bool = True,
    dpi: int = 150,
) -> Figure:
    """Draw the layers as boxes from input to output, write them to ``to_file`` and return them.

    ``to_file`` may be None or end in anything Matplotlib writes (png, svg, pdf). A notebook
    shows the returned figure. Raises ValueError for a model whose shapes are not known yet.
    """
    from matplotlib.figure import Figure

    boxes = [("Input", f"{model.input_shape}" if show_shapes else "")]
    for layer in model.layers:
        title = type(layer).__name__
        if show_layer_names:
            title = f"{layer.name} ({title})"
        function = getattr(layer, "activation", None)
        if show_layer_activations and function is not None and function.name != "linear":
            title += f", {function.name}"
        boxes.append((title, f"{layer.output_shape}" if show_shapes else ""))
    figure = Figure(figsize=(_WIDTH + 0.4, len(boxes) * (_HEIGHT + _GAP) + 0.2), dpi=dpi)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(-0.2, _WIDTH + 0.2)
    axes.set_ylim(-len(boxes) * (_HEIGHT + _GAP) + _GAP - 0.1, 0.1)
    for i, (title, shape) in enumerate(boxes):
        _draw_box(axes, -i * (_HEIGHT + _GAP), title, shape, arrow=i > 0)
    if to_file is not None:
        figure.savefig(to_file)
    return figure


def _draw_box(axes: Axes, top: float, title: str, shape: str, arrow: bool) -> None:
    from matplotlib.patches import FancyBboxPatch

    middle = _WIDTH / 2
    axes.add_patch(
        FancyBboxPatch(
            (0.05, top - _HEIGHT + 0.05),
            _WIDTH - 0.1,
            _HEIGHT - 0.1,
            boxstyle="round,pad=0.05",
            facecolor="#eef3fa",
            edgecolor="#33557f",
        )
    )
    lines = [line for line in (title, shape) if line]
    for i, line in enumerate(lines):
        y = top - _HEIGHT * (i + 1) / (len(lines) + 1)
        style = {"color": "#555555", "fontsize": 9} if i else {"fontsize": 10}
        axes.text(middle, y, line, ha="center", va="center", **style)
    if arrow:
        axes.annotate(
            "",
            xy=(middle, top),
            xytext=(middle, top + _GAP),
            arrowprops={"arrowstyle": "-|>", "color": "#33557f"},
        )
