"""A grid of real trainings on Fashion-MNIST-mini, each with replicate seeds, and its cache file.

Every training runs for :data:`LONGEST` epochs. A curve of E epochs is the beginning of a longer
one, bit for bit, so one training holds the curve that is read and what more epochs would have
brought. Replicates differ in initial weights, order and dropout, not in the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CACHE", "LENGTHS", "LONGEST", "REPLICATES", "Curves", "Setting", "load", "make"]

CACHE = Path(__file__).with_name("curves.npz")
WIDTHS = (2, 8, 64)
SAMPLES = (70, 200, 700)
NOISES = (0.0, 0.3)
REGULARISATIONS = ("none", "dropout", "l2")
LEARNING_RATES = (0.01, 0.03, 0.1)
LENGTHS = (12, 25, 50, 100)
LONGEST = 200
REPLICATES = 10
BATCH = 16
DROPOUT, L2 = 0.4, 1e-3
BASELINE_RATE = 0.03
#: Losses are kept as whole multiples of this: finer than any difference that is judged.
UNIT = 1 / 4000


@dataclass(frozen=True)
class Setting:
    """One point of the grid; a width of 0 is softmax regression, the baseline."""

    width: int
    samples: int
    noise: float
    """The share of training labels that are drawn anew."""
    regularisation: str
    learning_rate: float

    @property
    def baseline(self) -> Setting:
        """Softmax regression on the same data, with the same penalty if there is one."""
        kind = "l2" if self.regularisation == "l2" else "none"
        return Setting(0, self.samples, self.noise, kind, BASELINE_RATE)

    @property
    def name(self) -> str:
        """For the cache file, and to tell the two halves of the grid apart."""
        return (
            f"{self.width}-{self.samples}-{self.noise:g}-{self.regularisation}"
            f"-{self.learning_rate:g}"
        )


@dataclass(frozen=True)
class Curves:
    """The replicates of one setting, each array of shape (replicates, epochs)."""

    loss: NDArray[np.float64]
    val_loss: NDArray[np.float64]
    val_accuracy: NDArray[np.float64]


def settings() -> Iterator[Setting]:
    """The whole grid, and the baseline for each of its data sets."""
    for width, samples, noise, kind, rate in product(
        WIDTHS, SAMPLES, NOISES, REGULARISATIONS, LEARNING_RATES
    ):
        yield Setting(width, samples, noise, kind, rate)
    for samples, noise, kind in product(SAMPLES, NOISES, ("none", "l2")):
        yield Setting(0, samples, noise, kind, BASELINE_RATE)


def _data(setting: Setting) -> tuple[Any, Any, Any, Any]:
    from densefit.datasets import fashion_mnist_mini

    (x, y), (x_val, y_val) = fashion_mnist_mini.load_data()
    x, y = x[: setting.samples], y[: setting.samples].astype(np.int64)
    rng = np.random.default_rng(7)
    wrong = rng.random(len(y)) < setting.noise
    y = np.where(wrong, rng.integers(0, 10, len(y)), y)
    flat = [(i.reshape(len(i), -1) / 255.0).astype(np.float32) for i in (x, x_val)]
    return flat[0], y, flat[1], y_val


def _train(setting: Setting, seed: int) -> dict[str, list[float]]:
    from densefit import Input, Sequential
    from densefit.layers import Dense, Dropout
    from densefit.optimizers import SGD
    from densefit.regularizers import L2 as Penalty

    x, y, x_val, y_val = _data(setting)
    model = Sequential([Input((x.shape[1],))])
    penalty = Penalty(L2) if setting.regularisation == "l2" else None
    if setting.width:
        model.add(Dense(setting.width, activation="relu", kernel_regularizer=penalty))
        if setting.regularisation == "dropout":
            model.add(Dropout(DROPOUT))
        penalty = None
    model.add(Dense(10, activation="softmax", kernel_regularizer=penalty))
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=SGD(learning_rate=setting.learning_rate),
        metrics=["accuracy"],
    )
    history = model.fit(
        x,
        y,
        epochs=LONGEST,
        batch_size=BATCH,
        validation_data=(x_val, y_val),
        verbose=0,
        seed=seed,
    )
    return history.history


def _replicates(setting: Setting) -> tuple[str, NDArray[np.uint16]]:
    """Three stored figures of every replicate, of shape (3, replicates, epochs)."""
    runs = [_train(setting, seed) for seed in range(REPLICATES)]
    losses = [[run[key] for run in runs] for key in ("loss", "val_loss")]
    stored = np.minimum(np.round(np.array(losses) / UNIT), 65535)
    counted = np.round(200 * np.array([[run["val_accuracy"] for run in runs]]))
    return setting.name, np.concatenate([stored, counted]).astype(np.uint16)


def make(path: Path, progress: Callable[[int, int], None], processes: int = 2) -> None:
    """Train the whole grid (about ten minutes on two cores) and write the cache file."""
    todo = list(settings())
    arrays: dict[str, NDArray[np.uint16]] = {}
    with ProcessPoolExecutor(processes) as pool:
        for name, stored in pool.map(_replicates, todo):
            # Differences are small numbers, which compress well; sums modulo 2**16 undo them.
            arrays[name] = np.diff(stored, axis=-1, prepend=np.uint16(0))
            progress(len(arrays), len(todo))
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def load(path: Path = CACHE) -> dict[Setting, Curves]:
    """The grid out of the cache file."""
    with np.load(path) as file:
        found = {name: np.cumsum(file[name], axis=-1, dtype=np.uint16) for name in file.files}
    return {
        setting: Curves(stored[0] * UNIT, stored[1] * UNIT, stored[2] / 200.0)
        for setting in settings()
        if (stored := found[setting.name]) is not None
    }
