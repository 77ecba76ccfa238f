"""The confusion matrix: which class is taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit._fonts import Language, draw_japanese
from densefit.plots._style import GREY, Words, names_of, set_title, single_axes, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_matrix"]

TEXTS: dict[str, Words] = {
    "en": {"true": "True class", "predicted": "Predicted class"},
    "ja": {"true": "正解のクラス", "predicted": "予測したクラス"},
}


def confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    ax: Axes | None = None,
    *,
    class_names: Sequence[str] | None = None,
    normalize: bool = False,
    title: str | None = None,
    lang: Language = "en",
) -> Axes:
    """Draw how often samples of each true class (row) were given each class (column).

    ``y_true`` and ``y_pred`` are integer labels (N,), or one-hot rows and probabilities (N, C).
    ``normalize`` gives each row as shares of its class. Right answers are on the framed diagonal.

    Raises ValueError when the two differ in length or hold no classes.
    """
    true, predicted = _labels("y_true", y_true), _labels("y_pred", y_pred)
    if len(true) != len(predicted) or not len(true):
        raise ValueError(
            "y_true and y_pred must have one entry per sample each, got"
            f" {len(true)} and {len(predicted)}"
        )
    words = words_of(TEXTS, lang)
    shapes = [np.shape(y)[1] for y in (y_true, y_pred) if np.ndim(y) == 2]
    n = max([int(true.max()), int(predicted.max()), *(c - 1 for c in shapes if c > 1)]) + 1
    n = n if class_names is None else max(n, len(class_names))
    counts = np.zeros((n, n), np.int64)
    np.add.at(counts, (true, predicted), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 1.6 + 0.48 * n
    ax = single_axes(ax, (side + 0.6, side))
    _draw_cells(ax, counts, shares, normalize)
    names = names_of(class_names, n)
    ax.set_xticks(range(n), names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(n), names)
    ax.set(xlabel=words["predicted"], ylabel=words["true"])
    ax.tick_params(length=0)
    set_title(ax, title)
    draw_japanese(ax)
    return ax


def _labels(name: str, y: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(y)
    if array.ndim == 2:
        array = array.argmax(axis=1) if array.shape[1] > 1 else array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "iub" or (array < 0).any():
        raise ValueError(
            f"{name} must be integer labels (n_samples,) from 0, or rows (n_samples, n_classes),"
            f" got {array.dtype} of shape {np.shape(y)}"
        )
    return array.astype(np.int64)


def _draw_cells(
    ax: Axes, counts: NDArray[np.int64], shares: NDArray[np.float64], normalize: bool
) -> None:
    """Grey by share of the true class, the number in every cell, a frame on the diagonal."""
    from matplotlib.patches import Rectangle

    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        text = f"{shares[row, column]:.2f}" if normalize else str(counts[row, column])
        style: dict[str, Any] = {"color": "white" if shares[row, column] > 0.5 else "black"}
        if counts[row, column] == 0:
            text, style = "0" if not normalize else "·", {"color": GREY}
        ax.text(column, row, text, ha="center", va="center", fontsize=9, **style)
    for i in range(len(counts)):
        ax.add_patch(Rectangle((i - 0.5, i - 0.5), 1, 1, fill=False, edgecolor="black"))
