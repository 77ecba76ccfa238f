"""Predictions, losses, gradients, metrics, schedules, initialisers: number against number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import densefit

from .twins import LABELS, ONE_HOT, REAL, WEIGHT, Parity, X, classifier, flat, one_step, twins

ACTIVATIONS = (
    "relu", "tanh", "sigmoid", "softmax", "linear", "elu", "selu", "leaky_relu", "gelu",
)  # fmt: skip
LAYERS: dict[str, Callable[[Any], Any]] = {
    "layers.ReLU()": lambda k: k.layers.ReLU(),
    "layers.ELU(alpha=0.5)": lambda k: k.layers.ELU(alpha=0.5),
    "layers.LeakyReLU()": lambda k: k.layers.LeakyReLU(),
    "layers.LeakyReLU(negative_slope=0.1)": lambda k: k.layers.LeakyReLU(negative_slope=0.1),
    "layers.Softmax()": lambda k: k.layers.Softmax(),
    "layers.Activation('gelu')": lambda k: k.layers.Activation("gelu"),
    "layers.Flatten()": lambda k: k.layers.Flatten(),
    "layers.Dropout(0.5), predicting": lambda k: k.layers.Dropout(0.5),
    "layers.GaussianNoise(1.0), predicting": lambda k: k.layers.GaussianNoise(1.0),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_forward_and_backward(name: str, parity: Parity) -> None:
    theirs, mine = twins(
        lambda k: [k.layers.Dense(5, name), k.layers.Dense(3)],
        optimizer=lambda k: k.optimizers.SGD(1.0), loss="mse",
    )  # fmt: skip
    parity.agree(
        "Activations", f"`activation='{name}'`: predictions",
        theirs.predict(X, verbose=0), mine.predict(X),
    )  # fmt: skip
    gradient, my_gradient, _, _ = one_step(theirs, mine, REAL)
    parity.agree("Activations", f"`activation='{name}'`: gradient", gradient, my_gradient)


def test_gelu_by_tanh(parity: Parity) -> None:
    x = np.linspace(-6, 6, 101)
    parity.agree(
        "Activations", "`activations.gelu(x, approximate=True)`",
        keras.activations.gelu(x, approximate=True), densefit.activations.gelu(x, approximate=True),

    )  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str, parity: Parity) -> None:
    theirs, mine = twins(lambda k: [k.layers.Dense(5), LAYERS[name](k), k.layers.Dense(2)])
    parity.agree("Layers", f"`{name}`", theirs.predict(X, verbose=0), mine.predict(X))


LOSSES: dict[str, tuple[str, Any, Callable[[Any], Any]]] = {
    "mse": ("linear", REAL, lambda k: "mse"),
    "mae": ("linear", REAL, lambda k: "mae"),
    "hinge": ("tanh", ONE_HOT, lambda k: "hinge"),
    "hinge, targets ±1": ("tanh", 2 * ONE_HOT - 1, lambda k: k.losses.Hinge()),
    "kl_divergence": ("softmax", 0.8 * ONE_HOT + 0.2 / 3, lambda k: "kl_divergence"),
    "cosine_similarity": ("linear", REAL, lambda k: "cosine_similarity"),
    "binary_crossentropy": ("sigmoid", ONE_HOT, lambda k: "binary_crossentropy"),
    "BinaryCrossentropy(from_logits=True)": (
        "linear", ONE_HOT, lambda k: k.losses.BinaryCrossentropy(from_logits=True)),
    "BinaryCrossentropy(label_smoothing=0.1)": (
        "sigmoid", ONE_HOT, lambda k: k.losses.BinaryCrossentropy(label_smoothing=0.1)),
    "binary_crossentropy of a softmax": ("softmax", ONE_HOT, lambda k: "binary_crossentropy"),
    "categorical_crossentropy": ("softmax", ONE_HOT, lambda k: "categorical_crossentropy"),
    "CategoricalCrossentropy(from_logits=True)": (
        "linear", ONE_HOT, lambda k: k.losses.CategoricalCrossentropy(from_logits=True)),
    "CategoricalCrossentropy(label_smoothing=0.2)": (
        "softmax", ONE_HOT, lambda k: k.losses.CategoricalCrossentropy(label_smoothing=0.2)),
    "categorical_crossentropy of a sigmoid": (
        "sigmoid", ONE_HOT, lambda k: "categorical_crossentropy"),
    "sparse_categorical_crossentropy": (
        "softmax", LABELS, lambda k: "sparse_categorical_crossentropy"),
    "SparseCategoricalCrossentropy(from_logits=True)": (
        "linear", LABELS, lambda k: k.losses.SparseCategoricalCrossentropy(from_logits=True)),
    "sparse_categorical_crossentropy of a sigmoid": (
        "sigmoid", LABELS, lambda k: k.losses.SparseCategoricalCrossentropy()),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
def test_losses_and_their_gradients(name: str, weighted: bool, parity: Parity) -> None:
    activation, y, loss = LOSSES[name]
    theirs, mine = twins(
        lambda k: [k.layers.Dense(5, "tanh"), k.layers.Dense(3, activation)],
        optimizer=lambda k: k.optimizers.SGD(1.0), loss=loss,
    )  # fmt: skip
    gradient, my_gradient, history, my_history = one_step(
        theirs, mine, y, WEIGHT if weighted else None
    )
    title = f"`{name}`{', `sample_weight`' if weighted else ''}"
    parity.agree("Losses", f"{title}: value", history["loss"], my_history["loss"])
    parity.agree("Losses", f"{title}: gradient", gradient, my_gradient)


FUNCTIONS = {
    "mean_squared_error": (REAL, REAL[::-1]),
    "mean_absolute_error": (REAL, REAL[::-1]),
    "hinge": (ONE_HOT, REAL),
    "kl_divergence": (np.abs(REAL) / 4, np.abs(REAL[::-1]) / 4),
    "cosine_similarity": (REAL, REAL[::-1]),
    "binary_crossentropy": (ONE_HOT, np.abs(np.tanh(REAL))),
    "categorical_crossentropy": (ONE_HOT, np.abs(REAL)),
    "sparse_categorical_crossentropy": (LABELS, np.abs(REAL)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_loss_functions(name: str, parity: Parity) -> None:
    y, p = FUNCTIONS[name]
    theirs, mine = getattr(keras.losses, name)(y, p), getattr(densefit.losses, name)(y, p)
    parity.agree("Losses", f"`losses.{name}(y_true, y_pred)`", theirs, mine)


METRICS: dict[str, tuple[int, str, Any, str, list[Any]]] = {
    "labels": (3, "softmax", LABELS, "sparse_categorical_crossentropy", [
        "accuracy", "sparse_categorical_crossentropy", "sparse_categorical_accuracy"]),
    "one-hot rows": (3, "softmax", ONE_HOT, "categorical_crossentropy", [
        "accuracy", "categorical_crossentropy", "categorical_accuracy", "mse", "mae",
        "kl_divergence", "cosine_similarity", "binary_accuracy", "hinge"]),
    "one output": (1, "sigmoid", ONE_HOT[:, :1], "binary_crossentropy", [
        "accuracy", "binary_crossentropy", "binary_accuracy", "mse"]),
    "values": (3, "linear", REAL, "mse", ["mse", "mae", "cosine_similarity"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", METRICS)
def test_metrics(kind: str, parity: Parity) -> None:
    n_out, activation, y, loss, names = METRICS[kind]
    theirs, mine = twins(
        lambda k: [k.layers.Dense(5, "tanh"), k.layers.Dense(n_out, activation)],
        optimizer="sgd", loss=loss, metrics=names,
    )  # fmt: skip
    arguments = {"batch_size": 16, "epochs": 2, "shuffle": False, "verbose": 0}
    history = theirs.fit(X, y, validation_split=0.3, sample_weight=WEIGHT, **arguments).history
    mine_history = mine.fit(X, y, validation_split=0.3, sample_weight=WEIGHT, **arguments).history
    parity.same("Metrics", f"{kind}: names in `history`", sorted(history), sorted(mine_history))
    for name, values in mine_history.items():
        parity.agree("Metrics", f"{kind}: `{name}`", history[name], values, 1e-5)
    got = theirs.evaluate(X, y, return_dict=True, verbose=0)
    own = mine.evaluate(X, y, return_dict=True, verbose=0)
    for name, value in own.items():
        parity.agree("Metrics", f"{kind}: `{name}`, `evaluate`", got[name], value, 1e-5)


SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "ExponentialDecay(0.1, 20, 0.5)": lambda s: s.ExponentialDecay(0.1, 20, 0.5),
    "ExponentialDecay(0.1, 20, 0.5, staircase=True)": (
        lambda s: s.ExponentialDecay(0.1, 20, 0.5, staircase=True)),
    "InverseTimeDecay(0.1, 20, 0.5)": lambda s: s.InverseTimeDecay(0.1, 20, 0.5),
    "InverseTimeDecay(0.1, 20, 0.5, staircase=True)": (
        lambda s: s.InverseTimeDecay(0.1, 20, 0.5, staircase=True)),
    "PiecewiseConstantDecay([10, 30], [0.1, 0.05, 0.01])": (
        lambda s: s.PiecewiseConstantDecay([10, 30], [0.1, 0.05, 0.01])),
    "CosineDecay(0.1, 50)": lambda s: s.CosineDecay(0.1, 50),
    "CosineDecay(0.0, 50, alpha=0.1, warmup_target=0.1, warmup_steps=10)": (
        lambda s: s.CosineDecay(0.0, 50, alpha=0.1, warmup_target=0.1, warmup_steps=10)),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str, parity: Parity) -> None:
    theirs = SCHEDULES[name](keras.optimizers.schedules)
    mine = SCHEDULES[name](densefit.optimizers.schedules)
    rates = [float(theirs(step)) for step in range(0, 80)]
    parity.agree("Schedules", f"`{name}`, 80 steps", rates, mine(np.arange(80)), 1e-6)


INITIALIZERS = (
    "glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "zeros", "ones", "random_normal",
    "random_uniform",
)  # fmt: skip


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initialisers_draw_from_the_same_distribution(name: str, parity: Parity) -> None:
    shape = (400, 300)
    theirs = np.asarray(keras.initializers.get(name)(shape))
    layer = densefit.layers.Dense(shape[1], kernel_initializer=name)
    mine = densefit.Sequential([densefit.Input((shape[0],)), layer], seed=1).get_weights()[0]
    for what, of in (("mean", np.mean), ("standard deviation", np.std), ("largest", np.max)):
        spread = float(theirs.std())
        tolerance = 1.0 if what == "largest" else 0.02
        # In units of the spread: the two draw different numbers.
        assert abs(of(theirs) - of(mine)) <= tolerance * spread + 1e-12, what
    parity.agree(
        "Initialisers", f"`{name}`: standard deviation of 120,000 weights",
        theirs.std(), mine.std(), 0.02,
    )  # fmt: skip


def test_shape_and_order_of_weights(parity: Parity) -> None:
    theirs, mine = twins(classifier)
    parity.same(
        "Model", "`get_weights()`: shapes",
        [w.shape for w in theirs.get_weights()], [w.shape for w in mine.get_weights()],
    )  # fmt: skip
    parity.same("Model", "`count_params()`", theirs.count_params(), mine.count_params())
    assert flat(theirs.get_weights()).size == mine.count_params()
    labels = [0, 2, 1]
    parity.agree(
        "Model", "`utils.to_categorical`",
        keras.utils.to_categorical(labels, 3), densefit.utils.to_categorical(labels, 3), 0.0,
    )  # fmt: skip
