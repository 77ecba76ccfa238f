"""Small pictures as SVG: drawn here, shown in the page, readable without colour or script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 180.0, 90.0
MAX_EPOCHS = 2000


@dataclass(frozen=True)
class Curve:
    """One line of a chart, as the ``points`` of an SVG polyline."""

    name: str
    points: str


@dataclass(frozen=True)
class Chart:
    """A student's learning curves: training solid, validation dashed."""

    title: str
    curves: Sequence[Curve]
    epochs: int
    best: int | None
    lowest: float
    highest: float
    link: str


def learning_curves(source: str, title: str, link: str) -> Chart | None:
    """The chart of a history in JSON (``loss`` and ``val_loss``); None if it is none."""
    try:
        data = json.loads(source)
    except (ValueError, RecursionError):
        return None
    history = data.get("history", data) if isinstance(data, dict) else None
    if not isinstance(history, Mapping):
        return None
    series = {name: _numbers(history.get(name)) for name in ("loss", "val_loss")}
    known = {name: values for name, values in series.items() if values}
    if not known:
        return None
    low = min(min(values) for values in known.values())
    high = max(max(values) for values in known.values())
    curves = [Curve(name, _polyline(values, low, high)) for name, values in known.items()]
    validation = series["val_loss"]
    best = validation.index(min(validation)) + 1 if validation else None
    return Chart(title, curves, max(map(len, known.values())), best, low, high, link)


def _numbers(values: Any) -> list[float]:
    if not isinstance(values, list) or not 2 <= len(values) <= MAX_EPOCHS:
        return []
    good = all(isinstance(v, int | float) and abs(v) < 1e9 and v == v for v in values)
    return [float(value) for value in values] if good else []


def _polyline(values: Sequence[float], low: float, high: float) -> str:
    step, span = WIDTH / (len(values) - 1), (high - low) or 1.0
    return " ".join(
        f"{i * step:.1f},{HEIGHT - (value - low) / span * HEIGHT:.1f}"
        for i, value in enumerate(values)
    )
