"""Pictures of training: every function takes Axes, draws on them, and returns them.

Training is solid and validation dashed, so that the picture can be read without colour; the
colours are those of M. Okabe and K. Ito, which every kind of colour vision tells apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from densefit._fonts import Language, draw_japanese, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["learning_curve", "learning_curves"]

Curves = Mapping[str, Sequence[float]]


class HasHistory(Protocol):
    """What ``fit`` returns: ``history`` maps each metric to one value per epoch."""

    @property
    def history(self) -> Curves: ...


Run = HasHistory | Curves
Runs = Run | Mapping[str, Run]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
#: Older Keras and the lectures' notebooks say ``acc``.
ALIASES = {"acc": "accuracy", "val_acc": "val_accuracy"}
PANELS = ("loss", "accuracy")

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "epoch": "Epoch",
        "loss": "Loss",
        "accuracy": "Accuracy",
        "training": "training",
        "validation": "validation",
        "best": "best epoch: {epoch}",
    },
    "ja": {
        "epoch": "エポック",
        "loss": "損失",
        "accuracy": "正解率",
        "training": "訓練データ",
        "validation": "検証データ",
        "best": "最良のエポック: {epoch}",
    },
}


def learning_curves(
    history: Runs,
    axes: Iterable[Axes] | NDArray[Any] | None = None,
    *,
    metrics: Sequence[str] | None = None,
    title: str | None = None,
    lang: Language = "en",
) -> NDArray[np.object_]:
    """Draw loss and accuracy over the epochs, one panel each, and return the panels' Axes.

    ``history`` is what ``fit`` returned, or its dict ``{"loss": [...], "val_loss": [...], ...}``,
    or a dict of several such runs by name, which are compared. Epochs count from 1. The best epoch
    is the first one with the least validation loss (without one, the greatest validation accuracy)
    and is marked in every panel; without validation nothing is marked.

    ``axes``: one Axes per panel, else a new figure is made. ``metrics``: the panels; by default
    loss and accuracy as far as the runs have them. ``lang``: ``"en"`` or ``"ja"``.

    Returns an array of shape (panels,) of Axes. Raises ``TypeError`` or ``ValueError`` naming the
    run, the key and the epoch when ``history`` is not of this form.
    """
    runs = _runs(history)
    panels = _panels(runs) if metrics is None else list(metrics)
    drawn = _axes(axes, len(panels))
    for ax, metric in zip(drawn, panels, strict=True):
        learning_curve(history, ax, metric=metric, lang=lang)
    if title is not None:
        _set_title(drawn, title)
    return drawn


def learning_curve(
    history: Runs, ax: Axes | None = None, *, metric: str = "loss", lang: Language = "en"
) -> Axes:
    """Draw one metric over the epochs, training solid and validation dashed; return the Axes.

    Arguments and errors are those of :func:`learning_curves`.
    """
    runs = _runs(history)
    if lang not in TEXTS:
        raise ValueError(f"lang must be one of {', '.join(map(repr, TEXTS))}, got {lang!r}")
    if not any(metric in run.curves for run in runs):
        known = sorted({key for run in runs for key in run.curves if not key.startswith("val_")})
        raise ValueError(f"no run has the metric {metric!r}; there are: {', '.join(known)}")
    if ax is None:
        ax = cast("Axes", _axes(None, 1)[0])
    words = TEXTS[readable(lang)]
    for index, run in enumerate(runs):
        _draw_run(ax, run, metric, index, compared=len(runs) > 1, words=words)
    _decorate(ax, metric, words, epochs=max(run.epochs for run in runs))
    draw_japanese(ax)
    return ax


@dataclass(frozen=True)
class _Run:
    """One checked history: canonical metric names, all curves of the same length."""

    name: str
    curves: Mapping[str, NDArray[np.float64]]

    @property
    def epochs(self) -> int:
        return max(len(curve) for curve in self.curves.values())

    def best_epoch(self) -> int | None:
        """The first epoch (from 1) of least validation loss, else of most validation accuracy."""
        for metric, sign in (("val_loss", 1.0), ("val_accuracy", -1.0)):
            curve = sign * self.curves.get(metric, np.empty(0))
            if np.isfinite(curve).any():
                return int(np.argmin(np.where(np.isfinite(curve), curve, np.inf))) + 1
        return None


def _runs(history: Runs) -> list[_Run]:
    """``history`` in its one checked form, whichever of the accepted ones it came in."""
    curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping):
        raise TypeError(
            "history must be what fit() returns, its dict of lists, or a dict of several of them "
            f"by name; got {type(history).__name__}"
        )
    if curves and all(isinstance(getattr(v, "history", v), Mapping) for v in curves.values()):
        return [_run(str(name), getattr(run, "history", run)) for name, run in curves.items()]
    return [_run("", cast("Curves", curves))]


def _run(name: str, curves: Curves) -> _Run:
    of_run = f" of run {name!r}" if name else ""
    checked = {ALIASES.get(key, key): _curve(key + of_run, curves[key]) for key in curves}
    lengths = {key: len(curve) for key, curve in checked.items()}
    if not lengths or max(lengths.values()) == 0:
        raise ValueError(f"the history{of_run} is empty: train for at least one epoch")
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the lists{of_run} must have one value per epoch each, got {lengths}")
    return _Run(name, checked)


def _curve(name: str, values: Sequence[float]) -> NDArray[np.float64]:
    try:
        curve = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        curve = np.empty((0, 0))
    if curve.ndim != 1:
        raise TypeError(f"{name} must be a list of numbers, one per epoch; got {values!r:.80}")
    return curve


def _panels(runs: Sequence[_Run]) -> list[str]:
    """Loss and accuracy where there are any, else every metric of the runs."""
    present = dict.fromkeys(key.removeprefix("val_") for run in runs for key in run.curves)
    return [metric for metric in PANELS if metric in present] or list(present)


def _axes(axes: Iterable[Axes] | NDArray[Any] | None, count: int) -> NDArray[np.object_]:
    """The given Axes as an array of ``count``; a new pyplot figure when none is given."""
    if axes is None:
        import matplotlib.pyplot as plt

        size = (5.2 * count, 3.9)
        _, made = plt.subplots(1, count, figsize=size, squeeze=False, layout="constrained")
        return cast("NDArray[np.object_]", made[0])
    given: list[Any] = list(np.ravel(np.array(axes, dtype=object)))
    if len(given) != count:
        raise ValueError(f"{count} Axes are needed, one per panel; got {len(given)}")
    drawn = np.empty(count, dtype=object)
    drawn[:] = given
    return drawn


def _draw_run(
    ax: Axes, run: _Run, metric: str, index: int, *, compared: bool, words: Mapping[str, str]
) -> None:
    """The two curves of one run, and its best epoch."""
    colours = [COLOURS[index % len(COLOURS)]] * 2 if compared else list(COLOURS[:2])
    prefix = f"{run.name}, " if compared else ""
    for key, style, colour, word in (
        (metric, "-", colours[0], "training"),
        (f"val_{metric}", "--", colours[1], "validation"),
    ):
        if key in run.curves:
            curve = run.curves[key]
            label = prefix + words[word]
            line = _draw_curve(ax, curve, style, colour, label)
            if compared:
                line.set_marker(MARKERS[index % len(MARKERS)])
                line.set_markevery(max(1, math.ceil(len(curve) / 8)))
    _mark_best(ax, run, metric, colours[1], prefix=prefix, compared=compared, words=words)


def _draw_curve(
    ax: Axes, curve: NDArray[np.float64], style: str, colour: str, label: str
) -> Line2D:
    # A single epoch is a point, and a line through one point is invisible.
    marker = "o" if len(curve) == 1 else ""
    epochs = np.arange(1, len(curve) + 1)
    (line,) = ax.plot(epochs, curve, style, color=colour, label=label, marker=marker, linewidth=1.8)
    line.set_markersize(4.5)
    return line


def _mark_best(
    ax: Axes,
    run: _Run,
    metric: str,
    colour: str,
    *,
    prefix: str,
    compared: bool,
    words: Mapping[str, str],
) -> None:
    """A star on the validation curve at the best epoch; for a single run a line as well."""
    epoch = run.best_epoch()
    if epoch is None:
        return
    if not compared:
        ax.axvline(epoch, color="0.45", linestyle=":", linewidth=1.2, zorder=1)
    curve = run.curves.get(f"val_{metric}", run.curves.get(metric))
    if curve is not None:
        ax.plot(
            [epoch],
            [curve[epoch - 1]],
            linestyle="none",
            marker="*",
            markersize=13,
            markerfacecolor=colour,
            markeredgecolor="white",
            label=prefix + words["best"].format(epoch=epoch),
            zorder=5,
        )


def _decorate(ax: Axes, metric: str, words: Mapping[str, str], epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel(words["epoch"])
    ax.set_ylabel(words.get(metric, metric))
    ax.set_xlim(0.5 if epochs == 1 else 1 - 0.02 * epochs, epochs + max(0.5, 0.02 * epochs))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.grid(color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False)


def _set_title(drawn: NDArray[np.object_], title: str) -> None:
    """Over the whole figure when the panels are all of it, else over the first panel."""
    figure = drawn[0].figure
    if len(drawn) > 1 and len(figure.axes) == len(drawn):
        draw_japanese(figure.suptitle(title))
    else:
        draw_japanese(drawn[0].set_title(title))
