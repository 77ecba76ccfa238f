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
LEGEND: dict[str, Any] = {"framealpha": 0.85, "edgecolor": "none"}

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
    if len(runs) == 1:
        _draw_single(ax, runs[0], metric, words)
    else:
        _draw_compared(ax, runs, metric, words)
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
    curves = _curves_of(history)
    if not isinstance(curves, Mapping):
        raise TypeError(
            "history must be what fit() returns, its dict of lists, or a dict of several of them "
            f"by name; got {type(history).__name__}"
        )
    if curves and all(isinstance(_curves_of(run), Mapping) for run in curves.values()):
        return [_run(str(name), _curves_of(run)) for name, run in curves.items()]
    return [_run("", curves)]


def _curves_of(run: object) -> Any:
    """The dict of a History object; anything else is itself."""
    return getattr(run, "history", run)


def _run(name: str, curves: Curves) -> _Run:
    """A checked run; raises as :func:`learning_curves` promises."""
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


def _draw_single(ax: Axes, run: _Run, metric: str, words: Mapping[str, str]) -> None:
    """One run: a colour and a label for each of its two curves, the best epoch across the panel."""
    _draw_curve(ax, run, metric, "-", COLOURS[0], label=words["training"])
    _draw_curve(ax, run, f"val_{metric}", "--", COLOURS[1], label=words["validation"])
    epoch = run.best_epoch()
    if epoch is not None:
        ax.axvline(epoch, color="0.45", linestyle=":", linewidth=1.2, zorder=1)
        _draw_star(ax, run, metric, epoch, COLOURS[1], label=words["best"].format(epoch=epoch))
    ax.legend(**LEGEND)


def _draw_compared(ax: Axes, runs: Sequence[_Run], metric: str, words: Mapping[str, str]) -> None:
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
    ax: Axes, run: _Run, key: str, style: str, colour: str, *, label: str = "", marker: str = ""
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
    ax: Axes, run: _Run, metric: str, epoch: int, colour: str, *, label: str = ""
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


def _decorate(ax: Axes, metric: str, words: Mapping[str, str], epochs: int) -> None:
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
