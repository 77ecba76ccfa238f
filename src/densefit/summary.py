"""The table that ``model.summary()`` prints, in the form of the lectures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from densefit._html import model_html

if TYPE_CHECKING:
    from densefit.stack import LayerStack

__all__ = ["Summary", "summary_lines"]

_POSITIONS = (0.45, 0.85)
_COLUMNS = ("Layer (type)", "Output Shape", "Param #")


class Summary:
    """The table of a model's layers: text in a terminal, HTML in a notebook."""

    def __init__(self, model: LayerStack, line_length: int = 65) -> None:
        """``line_length`` is the width of the text, in characters."""
        self.lines = list(summary_lines(model, line_length))
        self.html = model_html(model)

    def show(self) -> None:
        """Print the table, or in a notebook display it."""
        if type(sys.stdout).__module__.startswith("ipykernel"):
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]
        else:
            print(self)

    def __repr__(self) -> str:
        """The lines of text."""
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        """The same as an HTML table."""
        return self.html


def summary_lines(model: LayerStack, line_length: int = 65) -> Iterable[str]:
    """The lines of the table: layers, the shapes that come out, numbers of parameters."""
    ends = [int(position * line_length) for position in _POSITIONS]
    yield f'Model: "{model.name}"'
    yield "_" * line_length
    yield from _row(_COLUMNS, ends)
    yield "=" * line_length
    for layer in model.layers:
        name = f"{layer.name} ({type(layer).__name__})"
        yield from _row((name, str(layer.output_shape), str(layer.count_params())), ends)
        yield ""
    total = model.count_params()
    yield "=" * line_length
    yield f"Total params: {total:,}"
    yield f"Trainable params: {total:,}"
    yield "Non-trainable params: 0"
    yield "_" * line_length


def _row(fields: Sequence[str], ends: Sequence[int]) -> Iterable[str]:
    """The fields in their columns; a name too long for its column goes on below."""
    widths = [ends[0] - 1, ends[1] - ends[0]]
    rest = list(fields)
    while any(rest):
        parts = [text[: width - 2] for text, width in zip(rest, widths, strict=False)]
        line = "".join(part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield f" {line}{rest[2]}".rstrip()
        rest = [rest[0][len(parts[0]) :], rest[1][len(parts[1]) :], ""]
