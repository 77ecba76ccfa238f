"""Shapes of learning curves that have a name of their own, beside the three verdicts."""

from __future__ import annotations

import numpy as np

from densefit.learning_curves.criteria import Array, mann_kendall, noise, scale_of, smooth
from densefit.learning_curves.history import Figures

__all__ = ["SHAPES", "shapes_of"]

DIVERGING = "diverging"
STILL_IMPROVING = "still_improving"
UNREPRESENTATIVE = "unrepresentative_validation"
DOUBLE_DESCENT = "double_descent"
SHAPES = (DIVERGING, STILL_IMPROVING, UNREPRESENTATIVE, DOUBLE_DESCENT)

#: A training loss that ends this many times its least value, rising, has diverged.
DIVERGED = 1.5
#: Validation better than training by this share in this share of the epochs: "throughout".
BETTER, THROUGHOUT = 0.05, 0.9
#: Noise of the validation figures, relative to their least, that is wild; times the training's.
WILD, WILDER = 0.10, 3.0
#: Rise and second fall, relative, that a double descent needs; how much of the rise is undone.
DESCENT, UNDONE, DESCENT_EPOCHS = 0.05, 0.5, 15
SURE = 0.99


def shapes_of(figures: Figures, improving: bool) -> tuple[str, ...]:
    """The names of all shapes that a curve has."""
    v, t = figures.validation, figures.training
    found = {
        DIVERGING: figures.diverged is not None or _diverging(v if t is None else t),
        STILL_IMPROVING: improving,
        UNREPRESENTATIVE: _unrepresentative(v, t),
        DOUBLE_DESCENT: _double_descent(v),
    }
    return tuple(name for name, present in found.items() if present)


def _diverging(t: Array) -> bool:
    """The training loss has turned for good: trained by too large steps."""
    if len(t) < 3:
        return False
    tail = t[int(np.argmin(t)) :]
    end = float(t[-max(1, len(t) // 10) :].mean())
    rises = mann_kendall(tail) >= SURE if len(tail) > 5 else bool((np.diff(tail) > 0).all())
    return len(tail) >= 3 and rises and end - float(t.min()) > (DIVERGED - 1) * scale_of(t)


def _unrepresentative(v: Array, t: Array | None) -> bool:
    """Validation better than training throughout, or jumping as training does not."""
    if t is None or len(v) < 3:
        return False
    # Training figures are means over the epoch: half an epoch older than the validation's.
    now = (t[:-1] + t[1:]) / 2
    margin = (now - v[:-1]) / np.maximum(np.abs(now), np.finfo(float).tiny)
    better = (margin > 0).mean() >= THROUGHOUT and float(np.median(margin)) >= BETTER
    jumps, calm = noise(v) / scale_of(v), noise(t) / scale_of(v)
    return bool(better or (jumps >= WILD and jumps >= WILDER * calm))


def _double_descent(v: Array) -> bool:
    """A minimum, a rise that no noise explains, and a second fall that undoes it and lasts."""
    n = len(v)
    if n < DESCENT_EPOCHS:
        return False
    half = max(1, n // 20)
    s = smooth(v, half)
    before, after = np.minimum.accumulate(s), np.minimum.accumulate(s[::-1])[::-1]
    hill = np.minimum(s - before, s - after)
    peak = int(np.argmax(hill))
    needed = max(DESCENT * scale_of(v), 6 * noise(v) / np.sqrt(2 * half + 1))
    end = float(v[-max(3, n // 10) :].mean())
    undone = float(s[peak]) - end >= UNDONE * (float(s[peak]) - float(before[peak]))
    lasting = n - peak >= 5 and mann_kendall(-v[peak:]) >= SURE
    return bool(hill[peak] >= needed and undone and lasting)
