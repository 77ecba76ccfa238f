"""Trainings of the personal experiments, with densefit: the same bits on every machine."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from densefit import Input, Sequential
from densefit.augmentation import ImageAugmentation
from densefit.datasets import fashion_mnist_mini
from densefit.layers import Dense, Dropout, Flatten
from densefit.optimizers import SGD
from densefit.regularizers import L1L2
from grader.experiment.family import Setting

__all__ = ["SAMPLES", "History", "replicate", "train"]

History = dict[str, list[float]]
SAMPLES = 700
ALTERATIONS: dict[str, dict[str, Any]] = {
    "shift": {"shift": 0.08},
    "rotate": {"rotate": 10.0},
    "flip": {"flip": "horizontal"},
    "noise": {"noise": 0.1},
}


@cache
def _images() -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    (x, y), (x_val, y_val) = fashion_mnist_mini.load_data()
    scaled = [(images / 255.0).astype(np.float32) for images in (x, x_val)]
    return scaled[0], y.astype(np.int64), scaled[1], y_val.astype(np.int64)


def train(setting: Setting, seed: int) -> History:
    """The history of one training: ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``."""
    x, y, x_val, y_val = _images()
    subset = (setting.first + np.arange(setting.samples)) % SAMPLES
    model = _model(setting)
    x, y = x[subset], y[subset]
    data: dict[str, Any] = {"x": x, "y": y, "batch_size": setting.batch_size}
    if setting.transforms:
        options = {k: v for t in setting.transforms for k, v in ALTERATIONS[t].items()}
        data = {"x": ImageAugmentation(x, y, setting.batch_size, seed=seed, **options)}
    history = model.fit(
        **data, epochs=setting.epochs, validation_data=(x_val, y_val), verbose=0, seed=seed
    ).history
    return {name: [float(v) for v in values] for name, values in history.items()}


@lru_cache(maxsize=64)
def replicate(setting: Setting, seed: int) -> History:
    """The same, remembered: statistics and remedies ask for the same. Not to be changed."""
    return train(setting, seed)


def _model(setting: Setting) -> Sequential:
    model = Sequential([Input((28, 28)), Flatten()])
    penalty = L1L2(setting.l1, setting.l2) if setting.l1 or setting.l2 else None
    for width in setting.units:
        model.add(Dense(width, activation="relu", kernel_regularizer=penalty))
        if setting.dropout:
            model.add(Dropout(setting.dropout))
    model.add(Dense(10, activation="softmax"))
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=SGD(learning_rate=setting.learning_rate),
        metrics=["accuracy"],
    )
    return model
