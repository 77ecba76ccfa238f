"""Training one network of an experiment, under a progress bar of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from densefit import layers
from densefit.callbacks import EarlyStopping
from densefit.callbacks.base import Callback, Logs
from densefit.experiments._data import Pair
from densefit.optimizers import Adam, Optimizer
from densefit.progress import Progress, verbosity
from densefit.regularizers import L2
from densefit.sequential import Sequential

__all__ = ["Network", "Recipe", "Run", "train"]


@dataclass(frozen=True)
class Network:
    """Hidden layers of ``units``, then the outputs.

    ``dropout``: the rate after every hidden layer, or one rate per layer (0: none there).
    ``l2``: L2 on the kernels of the hidden layers. ``epochs``: instead of the experiment's.
    """

    units: Sequence[int]
    activation: str = "relu"
    dropout: float | Sequence[float] = 0.0
    l2: float = 0.0
    epochs: int | None = None

    def build(
        self, sample_shape: Sequence[int], outputs: int, output_activation: str, seed: int
    ) -> Sequential:
        """The untrained model; ValueError unless there is one dropout rate per hidden layer."""
        n = len(self.units)
        rates = [self.dropout] * n if isinstance(self.dropout, int | float) else self.dropout
        if len(rates) != n:
            raise ValueError(f"dropout must be a rate or one per layer ({n}), got {len(rates)}")
        model = Sequential([layers.Input(tuple(sample_shape))], seed=seed)
        if len(sample_shape) > 1:
            model.add(layers.Flatten())
        for units, rate in zip(self.units, rates, strict=True):
            penalty = L2(self.l2) if self.l2 else None
            model.add(layers.Dense(units, self.activation, kernel_regularizer=penalty))
            if rate:
                model.add(layers.Dropout(rate))
        model.add(layers.Dense(outputs, output_activation))
        return model


@dataclass(frozen=True)
class Recipe:
    """How all networks of an experiment are trained.

    ``criterion`` is the metric by which they are compared, ``"loss"`` unless penalties are to be
    left out of it; ``patience`` stops early when its validation value has not improved for so
    many epochs.
    """

    epochs: int
    batch_size: int = 32
    seed: int = 1
    optimizer: Callable[[], Optimizer] = Adam
    loss: object = "sparse_categorical_crossentropy"
    metrics: Sequence[object] = ("accuracy",)
    outputs: int | None = None
    output_activation: str = "softmax"
    criterion: str = "loss"
    patience: int | None = None


@dataclass(frozen=True)
class Run:
    """A trained network: ``history`` has loss and accuracy, of training and of validation."""

    name: str
    model: Sequential
    history: dict[str, list[float]] = field(repr=False)
    seconds: float

    @property
    def best_epoch(self) -> int:
        """The epoch (from 1) of least validation loss, or training loss where none was taken."""
        return int(np.argmin(self.history.get("val_loss", self.history["loss"]))) + 1

    def at(self, epoch: int) -> Logs:
        """The numbers of an epoch, counted from 1; -1 is the last."""
        index = epoch - 1 if epoch > 0 else epoch
        return {name: values[index] for name, values in self.history.items()}


def train(
    name: str,
    network: Network,
    data: tuple[Pair, Pair | None],
    n_classes: int,
    recipe: Recipe,
    verbose: object = 1,
) -> Run:
    """Build ``network``, train it on data[0], validate on data[1] if any; the seed decides all."""
    (x, y), validation = data
    outputs = recipe.outputs or n_classes
    model = network.build(x.shape[1:], outputs, recipe.output_activation, recipe.seed)
    model.compile(recipe.optimizer(), recipe.loss, list(recipe.metrics))
    epochs = network.epochs or recipe.epochs
    callbacks: list[Callback] = []
    if recipe.patience is not None:
        monitor = f"val_{recipe.criterion}"
        callbacks.append(EarlyStopping(monitor, patience=recipe.patience, mode="min"))
    began = perf_counter()
    with Progress(verbosity(verbose)) as progress:
        progress.begin(epochs, f"{name} ({model.count_params():,} parameters)")
        history = model.fit(
            x,
            y,
            epochs=epochs,
            batch_size=recipe.batch_size,
            validation_data=validation,
            callbacks=[*callbacks, _Epochs(progress)],
            seed=recipe.seed,
            verbose=0,
        ).history
        run = Run(name, model, _curves(history, recipe.criterion), perf_counter() - began)
        progress.end(_shown(run.at(-1)))
    return run


class _Epochs(Callback):
    """Moves an experiment's bar by one epoch after each."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.progress.update(epoch + 1, _shown(logs or {}))


def _shown(logs: Logs) -> Logs:
    return {name: logs[name] for name in ("loss", "val_loss", "val_accuracy") if name in logs}


def _curves(history: dict[str, list[float]], criterion: str) -> dict[str, list[float]]:
    """The criterion as the loss, and the accuracy."""
    names = {"loss": criterion, "accuracy": "accuracy"}
    pairs = [(p + new, p + old) for new, old in names.items() for p in ("", "val_")]
    return {new: list(history[old]) for new, old in pairs if old in history}
