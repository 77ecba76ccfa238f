"""Learning curves: training solid and validation dashed, readable without colour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from densefit._fonts import Language, draw_japanese
from densefit.plots._diagnosis import draw_diagnosis, headline
from densefit.plots._runs import CheckedRun, Runs, checked_runs
from densefit.plots._style import COLOURS, LEGEND, MARKERS, Words, panel_axes, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from densefit.learning_curves import Diagnosis

__all__ = ["learning_curve", "learning_curves"]

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
    diagnosis: Diagnosis | None = None,
    lang: Language = "en",
) -> NDArray[np.object_]:
    """Draw loss and accuracy over the epochs, one panel each, and return the panels' Axes.

    ``history`` is what ``fit`` returned, or its dict ``{"loss": [...], "val_loss": [...], ...}``,
    or a dict of several such runs by name, which are compared. Epochs count from 1. The best epoch
    is the first one with the least validation loss (without one, the greatest validation accuracy)
    and is marked in every panel; without validation nothing is marked.

    ``axes``: one Axes per panel, else a new figure is made. ``metrics``: the panels; by default
    loss and accuracy as far as the runs have them. ``lang``: ``"en"`` or ``"ja"``. ``diagnosis``,
    of a single run: what ``learning_curves.diagnose`` says is shown in every panel, its best epoch
    with those tied with it and the overfitting after its onset, and the verdict is the title.

    Returns an array of shape (panels,) of Axes. Raises ``TypeError`` or ``ValueError`` naming the
    run, the key and the epoch when ``history`` is not of this form.
    """
    runs = checked_runs(history)
    panels = _panels(runs) if metrics is None else list(metrics)
    drawn = panel_axes(axes, len(panels))
    for ax, metric in zip(drawn, panels, strict=True):
        learning_curve(history, ax, metric=metric, diagnosis=diagnosis, lang=lang)
    if title is None and diagnosis is not None:
        title = headline(diagnosis, lang)
    if title is not None:
        _set_title(drawn, title)
    return drawn


def learning_curve(
    history: Runs,
    ax: Axes | None = None,
    *,
    metric: str = "loss",
    diagnosis: Diagnosis | None = None,
    lang: Language = "en",
) -> Axes:
    """Draw one metric over the epochs, training solid and validation dashed; return the Axes.

    Arguments and errors are those of :func:`learning_curves`.
    """
    runs = checked_runs(history)
    words = words_of(TEXTS, lang)
    if not any(metric in run.curves for run in runs):
        known = sorted({key for run in runs for key in run.curves if not key.startswith("val_")})
        raise ValueError(f"no run has the metric {metric!r}; there are: {', '.join(known)}")
    if ax is None:
        ax = cast("Axes", panel_axes(None, 1)[0])
    if len(runs) == 1:
        if diagnosis is not None:
            draw_diagnosis(ax, diagnosis, lang)
        epoch = runs[0].best_epoch() if diagnosis is None else diagnosis.best_epoch
        _draw_single(ax, runs[0], metric, epoch, words)
    elif diagnosis is not None:
        raise ValueError("a diagnosis belongs to one run, but several are compared here")
    else:
        _draw_compared(ax, runs, metric, words)
    _decorate(ax, metric, words, epochs=max(run.epochs for run in runs))
    draw_japanese(ax)
    return ax


def _panels(runs: Sequence[CheckedRun]) -> list[str]:
    """Loss and accuracy where there are any, else every metric of the runs."""
    present = dict.fromkeys(key.removeprefix("val_") for run in runs for key in run.curves)
    return [metric for metric in PANELS if metric in present] or list(present)


def _draw_single(ax: Axes, run: CheckedRun, metric: str, epoch: int | None, words: Words) -> None:
    """One run: a colour and a label for each of its two curves, the best epoch across the panel."""
    _draw_curve(ax, run, metric, "-", COLOURS[0], label=words["training"])
    _draw_curve(ax, run, f"val_{metric}", "--", COLOURS[1], label=words["validation"])
    if epoch is not None:
        ax.axvline(epoch, color="0.45", linestyle=":", linewidth=1.2, zorder=1)
        _draw_star(ax, run, metric, epoch, COLOURS[1], label=words["best"].format(epoch=epoch))
    ax.legend(**LEGEND)


def _draw_compared(ax: Axes, runs: Sequence[CheckedRun], metric: str, words: Words) -> None:
    """Several runs: a colour and a marker for each; the legend says once what the styles mean."""
    from matplotlib.lines import Line2D

    handles = []
    for index, run in enumerate(runs):
        colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
        _draw_curve(ax, run, metric, "-", colour, marker=marker)
        _draw_curve(ax, run, f"val_{metric}", "--", colour, marker=marker)
        epoch = run.best_epoch()
        label = run.name
        if epoch is not None:
            _draw_star(ax, run, metric, epoch, colour)
            label += f" ({words['best'].format(epoch=epoch)})"
        handles.append(Line2D([], [], color=colour, marker=marker, label=label))
    handles.append(Line2D([], [], color="0.3", linestyle="-", label=words["training"]))
    handles.append(Line2D([], [], color="0.3", linestyle="--", label=words["validation"]))
    ax.legend(handles=handles, **LEGEND)


def _draw_curve(
    ax: Axes,
    run: CheckedRun,
    key: str,
    style: str,
    colour: str,
    *,
    label: str = "",
    marker: str = "",
) -> None:
    if key not in run.curves:
        return
    curve = run.curves[key]
    ax.plot(
        np.arange(1, len(curve) + 1),
        curve,
        style,
        color=colour,
        label=label or "_nolegend_",
        # A line through one point is invisible.
        marker=marker or ("o" if len(curve) == 1 else ""),
        markevery=max(1, math.ceil(len(curve) / 8)),
        markersize=4.5,
        linewidth=1.8,
    )


def _draw_star(
    ax: Axes, run: CheckedRun, metric: str, epoch: int, colour: str, *, label: str = ""
) -> None:
    """A star at the best epoch, on the validation curve if this metric has one."""
    curve = run.curves.get(f"val_{metric}", run.curves.get(metric))
    if curve is not None:
        ax.plot(
            [epoch],
            [curve[epoch - 1]],
            linestyle="none",
            marker="*",
            markersize=14,
            markerfacecolor=colour,
            markeredgecolor="white",
            label=label or "_nolegend_",
            zorder=5,
        )


def _decorate(ax: Axes, metric: str, words: Words, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel(words["epoch"])
    ax.set_ylabel(words.get(metric, metric))
    ax.set_xlim(0.5 if epochs == 1 else 1 - 0.02 * epochs, epochs + max(0.5, 0.02 * epochs))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.grid(color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def _set_title(drawn: NDArray[np.object_], title: str) -> None:
    """Over the whole figure when the panels are all of it, else over the first panel."""
    figure = drawn[0].figure
    if len(drawn) > 1 and len(figure.axes) == len(drawn):
        draw_japanese(figure.suptitle(title))
    else:
        draw_japanese(drawn[0].set_title(title))
