"""k-fold cross-validation: choosing among networks by validation error, test data untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from densefit._fonts import Language, draw_japanese
from densefit.experiments._data import DataArgument, Pair, resolve
from densefit.experiments._table import Table
from densefit.experiments._training import Network, Recipe, Run, train
from densefit.model_selection import k_fold
from densefit.plots._style import BLUE, GREY, LEGEND, set_title, single_axes, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CrossValidation", "cross_validation"]

TEXTS = {
    "en": {"network": "Network", "mean": "mean", "spread": "standard deviation",
           "loss": "Validation loss", "fold": "one fold", "folds": "mean of {k} folds",
           "chosen": "chosen", "title": "{k}-fold cross-validation"},
    "ja": {"network": "ネットワーク", "mean": "平均", "spread": "標準偏差",
           "loss": "検証損失", "fold": "分割ごと", "folds": "{k} 分割の平均",
           "chosen": "選択", "title": "{k} 分割交差検証"},
}  # fmt: skip

#: Candidates from too small to larger than needed.
CANDIDATES = {str(n): Network((n,)) for n in (2, 8, 32, 128)}


@dataclass(frozen=True)
class CrossValidation:
    """Validation losses (k,) of each network, and the chosen one, trained anew on all k folds."""

    losses: dict[str, NDArray[np.float64]]
    final: Run
    _test: Pair | None = field(repr=False)

    @property
    def chosen(self) -> str:
        """The network with the least mean validation loss."""
        return self.final.name

    def test_score(self) -> tuple[float, float]:
        """Loss and accuracy of the chosen network on the test data, which chose nothing.

        Raises ValueError when the experiment had none.
        """
        if self._test is None:
            raise ValueError("the experiment was given no test data: data has two parts only")
        logs = self.final.model.evaluate(*self._test, verbose=0, return_dict=True)
        assert isinstance(logs, dict)
        return logs["loss"], logs["accuracy"]

    def plot(
        self, ax: Axes | None = None, *, title: str | None = None, lang: Language = "en"
    ) -> Axes:
        """Every fold's validation loss as a circle, the means as lines, a star on the chosen."""
        words = words_of(TEXTS, lang)
        ax = single_axes(ax, (5.6, 3.9))
        k = len(next(iter(self.losses.values())))
        for i, (name, losses) in enumerate(self.losses.items()):
            first = i == 0
            ax.plot([i] * k, losses, "o", color=GREY, label=words["fold"] if first else None)
            ax.plot([i - 0.25, i + 0.25], [losses.mean()] * 2, "-", color=BLUE, linewidth=2.5,
                    label=words["folds"].format(k=k) if first else None)  # fmt: skip
            if name == self.chosen:
                ax.plot(i, losses.mean(), "*", color="black", markersize=14, label=words["chosen"])
        ax.set_xticks(range(len(self.losses)), list(self.losses))
        ax.set(xlabel=words["network"], ylabel=words["loss"])
        ax.grid(axis="y", color="0.9")
        ax.legend(**LEGEND)
        set_title(ax, words["title"].format(k=k) if title is None else title)
        draw_japanese(ax)
        return ax

    def table(self, lang: Language = "en") -> Table:
        """One row per network; the chosen one has a star."""
        words = TEXTS[lang]
        rows = [
            (f"{name} ★" if name == self.chosen else name,
             f"{losses.mean():.3f}", f"{losses.std(ddof=1):.3f}")
            for name, losses in self.losses.items()
        ]  # fmt: skip
        return Table((words["network"], words["mean"], words["spread"]), rows)

    def __str__(self) -> str:
        """The table."""
        return str(self.table())

    def _repr_markdown_(self) -> str:
        return self.table()._repr_markdown_()


def cross_validation(
    networks: Mapping[str, Network] = CANDIDATES,
    data: DataArgument = "fashion_mnist_mini",
    *,
    k: int = 5,
    epochs: int = 25,
    n_train: int | None = None,
    seed: int = 1,
    verbose: object = 1,
) -> CrossValidation:
    """Choose among ``networks`` by k-fold cross-validation, and train the chosen one on all folds.

    Training and validation data together are divided into ``k`` folds of equal size and equal
    shares of the classes. Each network is trained k times, without one fold each, and validated on
    that one. The least mean validation loss at the end of training wins. The test data are only
    touched by ``test_score()``, at the very end.

    Raises ValueError without networks, and for k below 2 or above the size of the data.
    """
    if not networks:
        raise ValueError("networks must hold at least one candidate")
    found = resolve(data, n_train)
    x, y = (np.concatenate(parts) for parts in zip(found.train, found.validation, strict=True))
    folds = list(k_fold(y, k, seed=seed))
    recipe = Recipe(epochs, seed=seed)
    losses = {}
    for name, network in networks.items():
        runs = [
            train(f"{name}, fold {i}/{k}", network, _parts(x, y, fold), found.n_classes, recipe,
                  verbose)
            for i, fold in enumerate(folds, 1)
        ]  # fmt: skip
        losses[name] = np.array([run.at(-1)["val_loss"] for run in runs])
    chosen = min(losses, key=lambda name: float(losses[name].mean()))
    final = train(chosen, networks[chosen], ((x, y), None), found.n_classes, recipe, verbose)
    return CrossValidation(losses, final, found.test)


def _parts(
    x: NDArray[np.float32], y: NDArray[np.int64], fold: tuple[NDArray[np.int64], ...]
) -> tuple[Pair, Pair]:
    training, validation = fold
    return (x[training], y[training]), (x[validation], y[validation])
