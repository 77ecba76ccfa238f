"""What the pictures share: colours, markers, the legend's look, new Axes, the language.

The colours are those of M. Okabe and K. Ito, which every kind of colour vision tells apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from densefit._fonts import Language, draw_japanese, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Colormap

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LEGEND: dict[str, Any] = {"framealpha": 0.85, "edgecolor": "none"}

#: What is right or positive, and what is wrong or negative.
BLUE, ORANGE, GREY = COLOURS[0], COLOURS[1], "#767676"

Words = Mapping[str, str]


def words_of(texts: Mapping[str, Words], lang: Language) -> Words:
    """The texts of ``lang``, or the English ones where no font can draw Japanese."""
    if lang not in texts:
        raise ValueError(f"lang must be one of {', '.join(map(repr, texts))}, got {lang!r}")
    return texts[readable(lang)]


def panel_axes(axes: Iterable[Axes] | NDArray[Any] | None, count: int) -> NDArray[np.object_]:
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


def single_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """``ax``, or that of a new pyplot figure of ``size`` inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]


def diverging() -> Colormap:
    """From orange (negative) over white (0) to blue (positive)."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("orange_white_blue", [ORANGE, "#ffffff", BLUE])


def set_title(ax: Axes, title: str | None) -> None:
    """Write ``title`` over ``ax``, unless it is None."""
    if title is not None:
        ax.set_title(title)


def names_of(names: Sequence[str] | None, count: int) -> list[str]:
    """The names of ``count`` classes, their numbers unless given; ValueError if too few."""
    if names is None:
        return [str(i) for i in range(count)]
    if len(names) < count:
        raise ValueError(f"class_names must name all {count} classes, got {len(names)}")
    return [str(name) for name in names[:count]]


def add_colorbar(ax: Axes, image: ScalarMappable, label: str) -> None:
    """The scale of ``image`` beside ``ax``."""
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.85, label=label)
    draw_japanese(bar.ax)
