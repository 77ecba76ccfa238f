"""Images beside the probabilities a model gives each class: right answers blue, wrong ones red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit._fonts import Language, draw_japanese
from densefit.plots._style import BLUE, Words, names_of, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["prediction_grid"]

RED = "#C1272D"
OTHER = "0.62"

TEXTS: dict[str, Words] = {
    "en": {
        "right": "✓ {guess} {share:.0%}",
        "wrong": "✗ {guess} {share:.0%}\n({true})",
    },
    "ja": {
        "right": "✓ {guess} {share:.0%}",
        "wrong": "✗ {guess} {share:.0%}\n（正解: {true}）",
    },
}


def prediction_grid(
    images: ArrayLike,
    probabilities: ArrayLike,
    labels: ArrayLike,
    axes: Iterable[Axes] | NDArray[Any] | None = None,
    *,
    class_names: Sequence[str] | None = None,
    columns: int = 3,
    title: str | None = None,
    lang: Language = "en",
) -> NDArray[np.object_]:
    """Draw each image with what the model says of it, and the probabilities as bars beside it.

    ``images`` (N, height, width), ``probabilities`` (N, C) as ``model.predict`` gives them,
    ``labels`` (N,) the true classes. A right answer has a ✓ and a blue bar; a wrong one a ✗, a
    hatched red bar, and the true class in brackets, whose bar is blue.

    Returns an array of shape (N, 2) of Axes, image and bars; ``axes`` are as many, else a new
    figure with ``columns`` pairs a row is made. Raises ValueError when the lengths differ.
    """
    pictures, p = np.asarray(images), np.asarray(probabilities, dtype=np.float64)
    true = np.asarray(labels)
    if pictures.ndim == 4 and pictures.shape[3] == 1:
        pictures = pictures[..., 0]
    if pictures.ndim not in (3, 4) or p.ndim != 2 or true.shape != (len(p),):
        raise ValueError(
            "images must be (N, height, width), probabilities (N, n_classes) and labels (N,), got"
            f" {pictures.shape}, {p.shape} and {true.shape}"
        )
    if len(pictures) != len(p) or not len(p):
        raise ValueError(f"got {len(pictures)} images and {len(p)} rows of probabilities")
    words, names = words_of(TEXTS, lang), names_of(class_names, p.shape[1])
    pairs = _pairs(axes, len(p), columns)
    for i, (ax, bars) in enumerate(pairs):
        label = int(true[i])
        _draw_image(ax, pictures[i], p[i], label, names, words)
        _draw_bars(bars, p[i], label)
        draw_japanese(ax)
    if title is not None:
        draw_japanese(pairs[0, 0].figure.suptitle(title))
    return pairs


def _pairs(
    axes: Iterable[Axes] | NDArray[Any] | None, count: int, columns: int
) -> NDArray[np.object_]:
    if axes is not None:
        given = np.array(axes, dtype=object).ravel()
        if len(given) != 2 * count:
            raise ValueError(f"{2 * count} Axes are needed, two per image; got {len(given)}")
        return given.reshape(count, 2)
    import matplotlib.pyplot as plt

    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    size = (3.3 * columns, 1.75 * rows)
    _, made = plt.subplots(rows, 2 * columns, figsize=size, squeeze=False, layout="constrained")
    pairs = cast("NDArray[np.object_]", made.reshape(-1, 2))
    for ax in pairs[count:].ravel():
        ax.remove()
    return pairs[:count]


def _draw_image(
    ax: Axes,
    image: NDArray[Any],
    p: NDArray[np.float64],
    label: int,
    names: Sequence[str],
    words: Words,
) -> None:
    guess = int(p.argmax())
    right = guess == label
    ax.imshow(image, cmap="binary")
    ax.set(xticks=[], yticks=[])
    text = words["right" if right else "wrong"]
    ax.set_xlabel(
        text.format(guess=names[guess], share=p[guess], true=names[label]),
        color=BLUE if right else RED,
        fontsize=9,
    )


def _draw_bars(ax: Axes, p: NDArray[np.float64], label: int) -> None:
    bars = ax.bar(np.arange(len(p)), p, color=OTHER)
    guess = int(p.argmax())
    if guess != label:
        bars[guess].set(color=RED, hatch="///", edgecolor="white")
    bars[label].set_color(BLUE)
    ax.set(ylim=(0, 1), yticks=[])
    ax.set_xticks(np.arange(len(p)))
    ax.tick_params(labelsize=7, length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
