"""Tiny, Small, Medium and Large networks, and the Large one with L2, with dropout, with both."""

from __future__ import annotations

from collections.abc import Sequence

from densefit.datasets import higgs
from densefit.experiments._comparison import Comparison, compare
from densefit.experiments._data import DataArgument, resolve
from densefit.experiments._training import Network, Recipe
from densefit.losses import BinaryCrossentropy
from densefit.metrics import BinaryCrossentropy as BinaryCrossentropyMetric
from densefit.optimizers import Adam
from densefit.schedules import InverseTimeDecay

__all__ = ["NETWORKS", "regularization"]

LARGE = (512, 512, 512, 512)
#: The networks of the experiment by name.
NETWORKS = {
    "Tiny": Network((16,), activation="elu"),
    "Small": Network((16, 16), activation="elu"),
    "Medium": Network((64, 64, 64), activation="elu"),
    "Large": Network(LARGE, activation="elu"),
    "Large, L2": Network(LARGE, activation="elu", l2=1e-3),
    "Large, dropout": Network(LARGE, activation="elu", dropout=0.5),
    "Large, L2 and dropout": Network(LARGE, activation="elu", l2=1e-4, dropout=0.5),
}
NAMES_JA = {
    "Large, L2": "Large、L2",
    "Large, dropout": "Large、ドロップアウト",
    "Large, L2 and dropout": "Large、L2 とドロップアウト",
}


def regularization(
    names: Sequence[str] = tuple(NETWORKS),
    data: DataArgument | None = None,
    *,
    epochs: int = 40,
    n_train: int | None = None,
    batch_size: int = 500,
    patience: int | None = 20,
    seed: int = 1,
    verbose: object = 1,
) -> Comparison:
    """L2 and dropout against overfitting: signal or background, from 28 features.

    Tiny learns slowly and does not overfit; Large overfits within a few epochs; L2 weakens that,
    dropout and both prevent it. Trained as in TensorFlow's tutorial "Overfit and underfit": binary
    cross-entropy from logits, Adam with inverse time decay, early stopping. The curves are of the
    cross-entropy without the L2 penalty, so that all can be compared.

    The tutorial's HIGGS data are too large to come along; ``data`` are ``higgs.make_data()``,
    which behave alike, unless given: ``data=higgs.load_data("HIGGS.csv.gz")``.
    Raises ValueError for a name that is not in ``NETWORKS``.
    """
    if unknown := [name for name in names if name not in NETWORKS]:
        raise ValueError(f"unknown network {unknown[0]!r}; there are: {', '.join(NETWORKS)}")
    found = resolve(higgs.make_data() if data is None else data, n_train)
    steps = -(-len(found.train[0]) // batch_size)

    def optimizer() -> Adam:
        return Adam(InverseTimeDecay(0.001, decay_steps=1000 * steps, decay_rate=1))

    recipe = Recipe(
        epochs,
        batch_size=batch_size,
        seed=seed,
        optimizer=optimizer,
        loss=BinaryCrossentropy(from_logits=True),
        metrics=(BinaryCrossentropyMetric(from_logits=True), "accuracy"),
        outputs=1,
        output_activation="linear",
        criterion="binary_crossentropy",
        patience=patience,
    )
    title = {"en": "L2 and dropout", "ja": "L2 正則化とドロップアウト"}
    networks = {name: NETWORKS[name] for name in names}
    return compare(networks, found, recipe, title, verbose, NAMES_JA)
