"""Several networks trained on the same data: their curves, their table, their picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from densefit import plots
from densefit._fonts import Language
from densefit.experiments._data import Data
from densefit.experiments._table import Table
from densefit.experiments._training import Network, Recipe, Run, train

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Comparison", "compare"]

HEADERS = {
    "en": ("network", "parameters", "best epoch", "val. loss there", "at the end", "val. accuracy"),
    "ja": ("ネットワーク", "パラメータ数", "最良のエポック", "その検証損失", "最後の検証損失",
           "検証正解率"),
}  # fmt: skip


@dataclass(frozen=True)
class Comparison(Mapping[str, Run]):
    """The trained networks by name; ``comparison["4-4"].history["val_loss"]`` is a list."""

    runs: dict[str, Run]
    data: Data = field(repr=False)
    title: Mapping[str, str] = field(repr=False)
    criterion: str = field(default="loss", repr=False)
    names_ja: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Run:
        """The run called ``name``."""
        return self.runs[name]

    def __iter__(self) -> Any:
        """The names, in the order of training."""
        return iter(self.runs)

    def __len__(self) -> int:
        """How many networks there are."""
        return len(self.runs)

    @property
    def histories(self) -> dict[str, dict[str, list[float]]]:
        """What ``plots.learning_curves`` draws: the four lists of each run, by name."""
        return {name: run.history for name, run in self.runs.items()}

    @property
    def best(self) -> str:
        """The name of the network with the least validation loss at its best epoch."""
        return min(self.runs, key=lambda name: min(self.runs[name].history["val_loss"]))

    def test_scores(self) -> dict[str, tuple[float, float]]:
        """Test loss and accuracy of each network, as trained to its end.

        To be looked at once, after everything has been chosen by validation. Raises ValueError
        when the experiment had no test data.
        """
        if self.data.test is None:
            raise ValueError("the experiment was given no test data: data has two parts only")
        scores = {}
        for name, run in self.runs.items():
            logs = run.model.evaluate(*self.data.test, verbose=0, return_dict=True)
            assert isinstance(logs, dict)
            scores[name] = (logs[self.criterion], logs["accuracy"])
        return scores

    def plot(
        self,
        axes: Iterable[Axes] | NDArray[Any] | None = None,
        *,
        names: Sequence[str] | None = None,
        title: str | None = None,
        lang: Language = "en",
    ) -> NDArray[np.object_]:
        """Draw the lecture's figure, loss and accuracy; returns the two Axes.

        ``names``: only these networks. Arguments else as in ``plots.learning_curves``.
        """
        chosen = {self._label(name, lang): self.histories[name] for name in (names or self.runs)}
        title = self.title[lang] if title is None else title
        return plots.learning_curves(chosen, axes, title=title, lang=lang)

    def table(self, lang: Language = "en") -> Table:
        """One row per network; accuracy is that of the last epoch."""
        rows = []
        for name, run in self.runs.items():
            last, best = run.at(-1), run.at(run.best_epoch)
            row = (f"{run.model.count_params():,}", f"{run.best_epoch}",
                   f"{best['val_loss']:.3f}", f"{last['val_loss']:.3f}",
                   f"{last['val_accuracy']:.3f}")  # fmt: skip
            rows.append((self._label(name, lang), *row))
        return Table(HEADERS[lang], rows)

    def _label(self, name: str, lang: Language) -> str:
        return self.names_ja.get(name, name) if lang == "ja" else name

    def __str__(self) -> str:
        """The table."""
        return str(self.table())

    def _repr_markdown_(self) -> str:
        return self.table()._repr_markdown_()


def compare(
    networks: Mapping[str, Network],
    data: Data,
    recipe: Recipe,
    title: Mapping[str, str],
    verbose: object = 1,
    names_ja: Mapping[str, str] | None = None,
) -> Comparison:
    """Train every network on the same data in the same way; a bar for each unless verbose=0.

    ``names_ja``: what a network is called in Japanese tables and pictures, if not by its name.
    """
    pairs = (data.train, data.validation)
    runs = {}
    for i, (name, network) in enumerate(networks.items(), 1):
        label = f"{i}/{len(networks)} {name}"
        run = train(label, network, pairs, data.n_classes, recipe, verbose)
        runs[name] = replace(run, name=name)
    return Comparison(runs, data, title, recipe.criterion, names_ja or {})
