"""The weights of the first layer as images: what each unit looks for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit._fonts import Language, draw_japanese
from densefit.plots._style import Words, add_colorbar, diverging, set_title, single_axes, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from densefit.sequential import Sequential

__all__ = ["first_layer_weights"]

TEXTS: dict[str, Words] = {"en": {"weight": "weight"}, "ja": {"weight": "結合の重み"}}


def first_layer_weights(
    model: Sequential | ArrayLike,
    ax: Axes | None = None,
    *,
    shape: tuple[int, int] | None = None,
    units: int = 32,
    title: str | None = None,
    lang: Language = "en",
) -> Axes:
    """Draw the kernel's columns as images side by side: blue for positive, orange for negative.

    ``model`` is a Sequential whose inputs are images, or a kernel (height · width, n_units).
    ``shape`` is (height, width) where it does not follow from the model or from a square.
    ``units``: how many are drawn, the first ones. All share one scale.

    Raises ValueError when the inputs are no image of ``shape``.
    """
    kernel, known = _kernel(model)
    height, width = _image_shape(shape or known, len(kernel))
    drawn = kernel[:, : max(1, units)].T.reshape(-1, height, width)
    ax = single_axes(ax, (6.4, 0.8 * math.ceil(len(drawn) / 8) + 0.9))
    reach = max(float(np.abs(drawn).max()), 1e-12)
    colours = diverging().with_extremes(bad="0.8")
    image = ax.imshow(_mosaic(drawn), cmap=colours, vmin=-reach, vmax=reach)
    ax.set_axis_off()
    add_colorbar(ax, image, words_of(TEXTS, lang)["weight"])
    set_title(ax, title)
    draw_japanese(ax)
    return ax


def _kernel(model: Any) -> tuple[NDArray[np.float64], tuple[int, ...] | None]:
    """The first kernel (n_in, n_units), and the shape of a sample where the model knows it."""
    if not hasattr(model, "layers"):
        return np.atleast_2d(np.asarray(model, dtype=np.float64)), None
    if not model.weights:
        raise ValueError("the model has no layer with weights")
    sample = tuple(int(n) for n in model.input_shape[1:] if n != 1)
    return np.asarray(model.weights[0], dtype=np.float64), sample if len(sample) > 1 else None


def _image_shape(shape: tuple[int, ...] | None, n_in: int) -> tuple[int, int]:
    side = math.isqrt(n_in)
    shape = (side, side) if shape is None else shape
    if len(shape) != 2 or shape[0] * shape[1] != n_in:
        raise ValueError(
            f"the first layer has {n_in} inputs, which are no image of shape {shape}: give"
            " shape=(height, width)"
        )
    return shape


def _mosaic(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, height, width) images in rows of eight, a line of NaN between them."""
    n, height, width = images.shape
    columns = min(n, 8)
    rows = math.ceil(n / columns)
    framed = np.full((rows * columns, height + 1, width + 1), np.nan)
    framed[:n, :-1, :-1] = images
    rows_of_images = framed.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    return np.asarray(rows_of_images.reshape(rows * (height + 1), -1)[:-1, :-1])
