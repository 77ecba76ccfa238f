"""What the pictures share: colours, markers, the legend's look, new Axes, the language.

The colours are those of M. Okabe and K. Ito, which every kind of colour vision tells apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from densefit._fonts import Language, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LEGEND: dict[str, Any] = {"framealpha": 0.85, "edgecolor": "none"}

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
