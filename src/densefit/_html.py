"""What notebooks show of a model and of a history: tables, with a small curve for each metric.

Built for every reader: real table headers, a text for every picture, solid and dashed lines besides
colour, and the page's own colours, so that dark themes work. Every name is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from densefit.callbacks.history import History
    from densefit.stack import LayerStack

__all__ = ["history_html", "model_html"]

Curve = Sequence[float]

_TABLE = '<table style="color:inherit;border-collapse:collapse;text-align:left">'
_CAPTION = '<caption style="text-align:left;font-weight:bold;padding:4px 0">{}</caption>'
_CELL = "padding:2px 10px;border-bottom:1px solid rgba(128,128,128,.4);text-align:{}"
_WIDTH, _HEIGHT, _MARGIN = 160, 36, 4


def model_html(model: LayerStack) -> str:
    """The table of ``model.summary()``."""
    rows = [_layer_row(model, i) for i in range(len(model.layers))]
    total = f"{model.count_params():,}" if model.built else "known once the input's shape is"
    foot = _th("Total parameters", "row", span=2) + _td(total, "right")
    return _table(
        f'Model "{escape(model.name)}"',
        ["Layer (type)", "Output shape", "Parameters"],
        [*rows, foot],
    )


def _layer_row(model: LayerStack, index: int) -> str:
    layer = model.layers[index]
    kind = type(layer).__name__
    activation = getattr(layer, "activation", None)
    if activation is not None and kind in ("Dense", "Activation") and activation.name != "linear":
        kind += f", {activation.name}"
    shape = str(layer.output_shape) if layer.built else "not known yet"
    count = f"{layer.count_params():,}" if layer.built else "?"
    name = f"{escape(layer.name)} <small>({escape(kind)})</small>"
    return _th(name, "row") + _td(escape(shape)) + _td(count, "right")


def history_html(history: History) -> str:
    """A row for each metric: where training and validation ended, the best epoch, the curves."""
    curves = history.history
    epochs = [epoch + 1 for epoch in history.epoch]
    names = [n for n in curves if not (n.startswith("val_") and n[4:] in curves)]
    rows = [_metric_row(n, curves, epochs) for n in names]
    caption = f"History of {len(epochs)} epoch{'' if len(epochs) == 1 else 's'}"
    heads = ["Metric", "Training, last", "Validation, last", "Best epoch", "Curve"]
    legend = "<small>Curves: training solid, validation dashed, the best epoch a dot.</small>"
    return _table(caption, heads, rows) + (legend if rows else "")


def _metric_row(name: str, curves: Mapping[str, Curve], epochs: Sequence[int]) -> str:
    train, val = curves[name], curves.get(f"val_{name}", ())
    judged = val if len(val) == len(train) else train
    best = _best(name, judged)
    best_text = "–" if best is None else f"{_epoch(best, epochs)} ({_number(judged[best])})"
    return (
        _th(escape(name), "row")
        + _td(_number(train[-1]) if train else "–", "right")
        + _td(_number(val[-1]) if val else "–", "right")
        + _td(best_text, "right")
        + _td(_sparkline(name, train, val, best, epochs))
    )


def _epoch(index: int, epochs: Sequence[int]) -> int:
    return epochs[index] if index < len(epochs) else index + 1


def _best(name: str, values: Curve) -> int | None:
    """The first epoch of the least loss, or of the greatest accuracy; None without finite ones."""
    sign = -1.0 if name.endswith(("acc", "accuracy")) else 1.0
    finite = [i for i, value in enumerate(values) if math.isfinite(value)]
    return min(finite, key=lambda i: sign * values[i], default=None)


def _number(value: float) -> str:
    return f"{value:.4g}"


def _sparkline(name: str, train: Curve, val: Curve, best: int | None, epochs: Sequence[int]) -> str:
    """Both curves as a small picture with a description."""
    finite = [v for v in (*train, *val) if math.isfinite(v)]
    if best is None:
        return "–"
    low, high = min(finite), max(finite)
    place = _Scale(max(len(train), len(val)), low, high)
    text = _description(name, train, val, best, epochs)
    judged = val if len(val) == len(train) else train
    x, y = place(best, judged[best])
    return (
        f'<svg role="img" aria-label="{escape(text)}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}" fill="none" stroke-width="1.5">'
        f"<title>{escape(text)}</title>"
        + "".join(_lines(train, place, 'stroke="#1f77b4"'))
        + "".join(_lines(val, place, 'stroke="#d95f02" stroke-dasharray="4 2"'))
        + f'<circle cx="{x}" cy="{y}" r="3" fill="currentColor"/></svg>'
    )


class _Scale:
    """From epoch and value to a point of the picture."""

    def __init__(self, epochs: int, low: float, high: float) -> None:
        self.epochs, self.low, self.high = epochs, low, high

    def __call__(self, epoch: int, value: float) -> tuple[float, float]:
        across = epoch / (self.epochs - 1) if self.epochs > 1 else 0.5
        # Halved before the difference is taken, which could overflow.
        span = self.high / 2 - self.low / 2
        up = (value / 2 - self.low / 2) / span if span > 0 else 0.5
        inner_width, inner_height = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
        return (
            round(_MARGIN + across * inner_width, 1),
            round(_MARGIN + (1 - up) * inner_height, 1),
        )


def _lines(values: Curve, place: _Scale, style: str) -> Iterator[str]:
    """One line for each stretch of finite values."""
    for stretch in _stretches(values):
        points = " ".join(f"{x},{y}" for x, y in (place(i, values[i]) for i in stretch))
        yield f'<polyline points="{points}" {style}/>'


def _stretches(values: Curve) -> Iterator[list[int]]:
    stretch: list[int] = []
    for i, value in enumerate(values):
        if math.isfinite(value):
            stretch.append(i)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _description(name: str, train: Curve, val: Curve, best: int, epochs: Sequence[int]) -> str:
    """What the picture shows, in words."""
    parts = [
        f"{kind} from {_number(values[0])} to {_number(values[-1])}"
        for kind, values in (("training", train), ("validation", val))
        if values
    ]
    count = max(len(train), len(val))
    return f"{name} over {count} epochs: {', '.join(parts)}; best at epoch {_epoch(best, epochs)}"


def _table(caption: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(_th(text, "col") for text in heads)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f"{_TABLE}{_CAPTION.format(caption)}<thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _th(text: str, scope: str, span: int = 1) -> str:
    columns = f' colspan="{span}"' if span > 1 else ""
    return f'<th scope="{scope}"{columns} style="{_CELL.format("left")}">{text}</th>'


def _td(text: str, align: str = "left") -> str:
    return f'<td style="{_CELL.format(align)}">{text}</td>'
