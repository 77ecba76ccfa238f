"""Polynomials of growing degree fitted to noisy samples of sin(x)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import NDArray

from densefit._fonts import Language, draw_japanese
from densefit.datasets import sine
from densefit.experiments._table import Table
from densefit.plots._style import BLUE, LEGEND, ORANGE, panel_axes, single_axes, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PolynomialFits", "polynomials"]

Split = tuple[NDArray[np.float64], NDArray[np.float64]]

TEXTS = {
    "en": {"degree": "Degree", "training": "training", "validation": "validation",
           "error": "Mean squared error", "truth": "sin(x)", "fit": "polynomial",
           "title": "Degree {degree}", "best": "least validation error: degree {degree}"},
    "ja": {"degree": "次数", "training": "訓練データ", "validation": "検証データ",
           "error": "平均二乗誤差", "truth": "sin(x)", "fit": "多項式",
           "title": "{degree} 次", "best": "検証誤差が最小: {degree} 次"},
}  # fmt: skip


@dataclass(frozen=True)
class PolynomialFits:
    """The fitted polynomials by degree, with their mean squared errors."""

    fits: dict[int, Chebyshev] = field(repr=False)
    train: Split = field(repr=False)
    validation: Split = field(repr=False)

    @property
    def train_errors(self) -> dict[int, float]:
        """Mean squared error on the training data, by degree: it never rises."""
        return {degree: _error(fit, self.train) for degree, fit in self.fits.items()}

    @property
    def validation_errors(self) -> dict[int, float]:
        """Mean squared error on the validation data, by degree."""
        return {degree: _error(fit, self.validation) for degree, fit in self.fits.items()}

    @property
    def best(self) -> int:
        """The degree of least validation error."""
        errors = self.validation_errors
        return min(errors, key=errors.__getitem__)

    def plot(
        self,
        axes: Iterable[Axes] | NDArray[Any] | None = None,
        *,
        title: str | None = None,
        lang: Language = "en",
    ) -> NDArray[np.object_]:
        """One panel per degree: the training data, sin(x) and the polynomial; returns the Axes."""
        words = words_of(TEXTS, lang)
        drawn = _panels(len(self.fits)) if axes is None else panel_axes(axes, len(self.fits))
        for ax, (degree, fit) in zip(drawn, self.fits.items(), strict=True):
            _draw_fit(ax, fit, self.train, words)
            ax.set_title(words["title"].format(degree=degree))
            draw_japanese(ax)
        drawn[0].legend(loc="lower left", fontsize=8, **LEGEND)
        draw_japanese(drawn[0])
        if title is not None:
            draw_japanese(drawn[0].figure.suptitle(title))
        return drawn

    def plot_errors(
        self, ax: Axes | None = None, *, title: str | None = None, lang: Language = "en"
    ) -> Axes:
        """Training error (solid) and validation error (dashed) over the degree; returns Axes."""
        words = words_of(TEXTS, lang)
        ax = single_axes(ax, (5.2, 3.9))
        degrees = list(self.fits)
        curves = ((self.train_errors, "o-", BLUE, "training"),
                  (self.validation_errors, "s--", ORANGE, "validation"))  # fmt: skip
        for errors, style, colour, label in curves:
            ax.plot(degrees, list(errors.values()), style, color=colour, label=words[label])
        ax.axvline(self.best, color="0.45", linestyle=":",
                   label=words["best"].format(degree=self.best))  # fmt: skip
        ax.set(xlabel=words["degree"], ylabel=words["error"], xscale="log", yscale="log")
        ax.set_xticks(degrees, [str(degree) for degree in degrees])
        ax.minorticks_off()
        ax.legend(**LEGEND)
        if title is not None:
            ax.set_title(title)
        draw_japanese(ax)
        return ax

    def table(self, lang: Language = "en") -> Table:
        """One row per degree."""
        words = TEXTS[lang]
        train, validation = self.train_errors, self.validation_errors
        rows = [(str(d), f"{train[d]:.4f}", f"{validation[d]:.4g}") for d in self.fits]
        return Table((words["degree"], words["training"], words["validation"]), rows)

    def __str__(self) -> str:
        """The table."""
        return str(self.table())

    def _repr_markdown_(self) -> str:
        return self.table()._repr_markdown_()


def polynomials(
    degrees: Sequence[int] = (1, 3, 5, 10, 20, 50),
    *,
    n_train: int = 100,
    n_validation: int = 200,
    noise: float = 0.25,
    seed: int = 0,
) -> PolynomialFits:
    """Least squares: polynomials of each degree on ``n_train`` samples of sin(x) + N(0, noise²).

    Degree 1 is too stiff (underfitting); 3 and 5 follow the sine; 20 and 50 follow the noise: the
    training error goes on falling, the validation error explodes (overfitting). Fitted in the
    basis of Chebyshev, which keeps degree 50 solvable in float64.

    Raises ValueError unless every degree is from 0 to ``n_train`` - 1.
    """
    if bad := [degree for degree in degrees if not 0 <= degree < n_train]:
        raise ValueError(f"a degree must be from 0 to n_train - 1 = {n_train - 1}, got {bad[0]}")
    train, validation = sine.load_data(n_train, n_validation, noise=noise, seed=seed)
    x, y = (values[:, 0] for values in train)
    domain = [0.0, 2 * math.pi]
    fits = {degree: Chebyshev.fit(x, y, degree, domain=domain) for degree in sorted(degrees)}
    return PolynomialFits(fits, train, validation)


def _error(fit: Chebyshev, samples: Split) -> float:
    x, y = samples
    return float(np.mean((fit(x) - y) ** 2))


def _panels(count: int) -> NDArray[np.object_]:
    import matplotlib.pyplot as plt

    rows = -(-count // 3)
    columns = -(-count // rows)
    _, made = plt.subplots(
        rows, columns, figsize=(3.4 * columns, 2.7 * rows), squeeze=False, layout="constrained"
    )
    drawn = cast("NDArray[np.object_]", made.ravel())
    for ax in drawn[count:]:
        ax.remove()
    return drawn[:count]


def _draw_fit(ax: Axes, fit: Chebyshev, train: Split, words: Any) -> None:
    x = np.linspace(0, 2 * math.pi, 600)
    ax.plot(*(values[:, 0] for values in train), "o", color="0.35", markersize=3.5,
            label=words["training"])  # fmt: skip
    ax.plot(x, np.sin(x), "--", color=BLUE, label=words["truth"])
    ax.plot(x, fit(x), "-", color=ORANGE, linewidth=1.8, label=words["fit"])
    ax.set(ylim=(-2, 2), xlim=(0, 2 * math.pi))
