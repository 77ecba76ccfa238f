"""Steepest descent on a slope of one weight: how far the learning rate carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from densefit._fonts import Language, draw_japanese
from densefit.experiments._table import Table
from densefit.plots._style import BLUE, ORANGE, panel_axes, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["BOWL", "TWO_VALLEYS", "Descent", "Slope", "gradient_descent"]

Array = NDArray[np.float64]

TEXTS = {
    "en": {"weight": "Weight w", "error": "Error E(w)", "rate": "learning rate {rate:g}",
           "left": "left the picture after {n} steps", "start": "start", "end": "w after {n} steps",
           "rate_short": "Learning rate", "last": "E there"},
    "ja": {"weight": "重み w", "error": "誤差 E(w)", "rate": "学習率 {rate:g}",
           "left": "{n} 回で図の外へ発散", "start": "開始", "end": "{n} 回後の w",
           "rate_short": "学習率", "last": "E(w)"},
}  # fmt: skip


@dataclass(frozen=True)
class Slope:
    """An error E(w) of one weight, its derivative, and the weights and rates worth looking at."""

    error: Callable[[Any], Any]
    gradient: Callable[[float], float]
    shown: tuple[float, float]
    learning_rates: tuple[float, ...]


#: E = w²/2, dE/dw = w: descent converges for learning rates below 2, and for no others.
BOWL = Slope(
    error=lambda w: w * w / 2,
    gradient=lambda w: w,
    shown=(-3.0, 3.0),
    learning_rates=(0.1, 0.6, 1.8, 2.1),
)
#: E = w⁴/4 - w² + w/4: a valley on either side; which one is reached depends on the start.
TWO_VALLEYS = Slope(
    lambda w: w**4 / 4 - w * w + w / 4,
    lambda w: w**3 - 2 * w + 0.25,
    (-2.2, 2.2),
    (0.01, 0.1, 0.35, 0.9),
)


@dataclass(frozen=True)
class Descent:
    """The weights visited, (steps + 1,) for each learning rate, from the start on."""

    slope: Slope = field(repr=False)
    paths: dict[float, Array]

    def plot(
        self,
        axes: Iterable[Axes] | NDArray[Any] | None = None,
        *,
        title: str | None = None,
        lang: Language = "en",
    ) -> NDArray[np.object_]:
        """One panel per learning rate: the slope, and the steps on it; returns the Axes."""
        words = words_of(TEXTS, lang)
        drawn = panel_axes(axes, len(self.paths))
        for ax, (rate, path) in zip(drawn, self.paths.items(), strict=True):
            self._draw(ax, path, words)
            ax.set_title(words["rate"].format(rate=rate))
            draw_japanese(ax)
        if title is not None:
            draw_japanese(drawn[0].figure.suptitle(title))
        return drawn

    def _draw(self, ax: Axes, path: Array, words: Any) -> None:
        w = np.linspace(*self.slope.shown, 300)
        heights = self.slope.error(w)
        ax.plot(w, heights, color="0.6")
        low, high = self.slope.shown
        inside = np.cumprod((path >= low) & (path <= high)).astype(bool)
        seen = path[inside]
        ax.plot(seen, self.slope.error(seen), "o--", color=BLUE, markersize=4, linewidth=1)
        ax.plot(seen[:1], self.slope.error(seen[:1]), "s", color="black")
        if inside.all():
            ax.plot(path[-1], self.slope.error(path[-1]), "*", color=ORANGE, markersize=14)
        else:
            text = words["left"].format(n=int(inside.sum()))
            ax.text(0.5, 0.94, text, transform=ax.transAxes, ha="center", va="top")
        margin = 0.15 * float(np.ptp(heights))
        ax.set(ylim=(heights.min() - margin, heights.max() + margin))
        ax.set(xlabel=words["weight"], ylabel=words["error"])

    def table(self, lang: Language = "en") -> Table:
        """One row per learning rate: where the path ends, and the error there."""
        words = TEXTS[lang]
        steps = len(next(iter(self.paths.values()))) - 1
        rows = [(f"{rate:g}", *self._end(path[-1])) for rate, path in self.paths.items()]
        return Table((words["rate_short"], words["end"].format(n=steps), words["last"]), rows)

    def _end(self, w: np.float64) -> tuple[str, str]:
        return f"{w:.4g}", f"{self.slope.error(w):.4g}" if np.isfinite(w) else "-"

    def __str__(self) -> str:
        """The table."""
        return str(self.table())

    def _repr_markdown_(self) -> str:
        return self.table()._repr_markdown_()


def gradient_descent(
    slope: Slope = BOWL,
    learning_rates: Sequence[float] | None = None,
    *,
    start: float = 2.0,
    steps: int = 15,
) -> Descent:
    """w ← w - α·dE/dw, ``steps`` times from ``start``, once for each learning rate α.

    On ``BOWL``, 0.1 creeps, 0.6 arrives, 1.8 jumps from side to side and still arrives, 2.1 leaps
    ever higher. On ``TWO_VALLEYS`` the start decides which valley is found.

    Raises ValueError without learning rates or steps.
    """
    rates = slope.learning_rates if learning_rates is None else learning_rates
    if not rates or steps < 1:
        raise ValueError("gradient_descent needs at least one learning rate and one step")
    paths = {}
    for rate in rates:
        path = np.full(steps + 1, start, dtype=np.float64)
        with np.errstate(over="ignore"):  # a path that diverges ends in inf, and stays there
            for i in range(steps):
                stays = not np.isfinite(path[i])
                path[i + 1] = path[i] if stays else path[i] - rate * slope.gradient(path[i])
        paths[float(rate)] = path
    return Descent(slope, paths)
