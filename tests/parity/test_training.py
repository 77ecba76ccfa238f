"""Optimizers' paths, regularisers, callbacks' decisions, arguments of fit: step against step."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .twins import LABELS, ONE_HOT, REAL, WEIGHT, Parity, X, classifier, flat, twins

SPARSE = "sparse_categorical_crossentropy"
OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD(0.1)": lambda o: o.SGD(0.1),
    "SGD(0.1, momentum=0.9)": lambda o: o.SGD(0.1, momentum=0.9),
    "SGD(0.1, momentum=0.9, nesterov=True)": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
    "Adam()": lambda o: o.Adam(),
    "Adam(0.05, beta_1=0.8, beta_2=0.99, epsilon=1e-4)": (
        lambda o: o.Adam(0.05, beta_1=0.8, beta_2=0.99, epsilon=1e-4)),
    "RMSprop()": lambda o: o.RMSprop(),
    "RMSprop(0.01, rho=0.8, momentum=0.5)": lambda o: o.RMSprop(0.01, rho=0.8, momentum=0.5),
    "Adagrad()": lambda o: o.Adagrad(),
    "Adagrad(0.1, initial_accumulator_value=0.3)": (
        lambda o: o.Adagrad(0.1, initial_accumulator_value=0.3)),
    "Adadelta()": lambda o: o.Adadelta(),
    "Adadelta(1.0, rho=0.9)": lambda o: o.Adadelta(1.0, rho=0.9),
    "SGD(CosineDecay(0.1, 10))": lambda o: o.SGD(o.schedules.CosineDecay(0.1, 10)),
    "Adam(InverseTimeDecay(0.01, 5, 1))": (
        lambda o: o.Adam(o.schedules.InverseTimeDecay(0.01, 5, 1))),
    "RMSprop(ExponentialDecay(0.01, 5, 0.5))": (
        lambda o: o.RMSprop(o.schedules.ExponentialDecay(0.01, 5, 0.5))),
    "SGD(PiecewiseConstantDecay([3, 6], [0.3, 0.2, 0.1]))": (
        lambda o: o.SGD(o.schedules.PiecewiseConstantDecay([3, 6], [0.3, 0.2, 0.1]))),
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_path_of_ten_steps(name: str, parity: Parity) -> None:
    theirs, mine = twins(
        classifier, optimizer=lambda k: OPTIMIZERS[name](k.optimizers), loss=SPARSE
    )
    start, path, my_path = flat(mine.get_weights()), [], []
    for i in range(10):
        rows = slice(6 * i, 6 * i + 6)
        for model, steps in ((theirs, path), (mine, my_path)):
            model.fit(X[rows], LABELS[rows], batch_size=6, shuffle=False, verbose=0)
            steps.append(flat(model.get_weights()) - start)
    # Keras keeps rates in float32, whatever the type of the weights.
    parity.agree("Optimizers", f"`{name}`, 10 steps", path, my_path, 1e-6)


@pytest.mark.parametrize("name", ["SGD", "sgd", "Adam", "adam", "RMSprop", "rmsprop", "adagrad"])
def test_defaults_of_an_optimizer_named_by_a_string(name: str, parity: Parity) -> None:
    theirs, mine = twins(classifier, optimizer=name, loss=SPARSE)
    for model in (theirs, mine):
        model.fit(X, LABELS, batch_size=20, shuffle=False, verbose=0)
    parity.agree(
        "Optimizers", f"`optimizer='{name}'`, one epoch",
        flat(theirs.get_weights()), flat(mine.get_weights()), 1e-6,
    )  # fmt: skip


REGULARIZERS: dict[str, Callable[[Any], Any]] = {
    "'l1'": lambda r: "l1",
    "'l2'": lambda r: "l2",
    "L1(0.02)": lambda r: r.L1(0.02),
    "l2(0.03)": lambda r: r.l2(0.03),
    "L1L2(l1=0.01, l2=0.02)": lambda r: r.L1L2(l1=0.01, l2=0.02),
}


@pytest.mark.parametrize("name", REGULARIZERS)
def test_regularisers(name: str, parity: Parity) -> None:
    theirs, mine = twins(
        lambda k: [
            k.layers.Dense(7, "relu", kernel_regularizer=REGULARIZERS[name](k.regularizers)),
            k.layers.Dense(3, "softmax"),
        ],
        optimizer=lambda k: k.optimizers.SGD(0.1), loss=SPARSE, metrics=["accuracy"],
    )  # fmt: skip
    arguments = {"batch_size": 16, "epochs": 2, "shuffle": False, "verbose": 0}
    losses = theirs.fit(X, LABELS, validation_split=0.2, **arguments).history
    mine_losses = mine.fit(X, LABELS, validation_split=0.2, **arguments).history
    for what in ("loss", "val_loss"):
        parity.agree(
            "Regularisers", f"`{name}`: `{what}` of 2 epochs", losses[what], mine_losses[what]
        )
    parity.agree(
        "Regularisers", f"`{name}`: weights after them",
        flat(theirs.get_weights()), flat(mine.get_weights()),
    )  # fmt: skip


FITS: dict[str, dict[str, Any]] = {
    "class_weight": {"class_weight": {0: 0.5, 1: 1.0, 2: 3.0}},
    "sample_weight": {"sample_weight": WEIGHT},
    "validation_split=0.25": {"validation_split": 0.25},
    "validation_data with weights": {"validation_data": (X[:20], LABELS[:20], WEIGHT[:20])},
    "initial_epoch=2": {"initial_epoch": 2, "validation_split": 0.2},
    "validation_freq=2": {"validation_freq": 2, "validation_split": 0.2},
    "batch_size=1": {"batch_size": 1, "epochs": 1},
}


@pytest.mark.parametrize("name", FITS)
def test_arguments_of_fit(name: str, parity: Parity) -> None:
    theirs, mine = twins(
        classifier, optimizer=lambda k: k.optimizers.SGD(0.1), loss=SPARSE, metrics=["accuracy"]
    )
    arguments = {"batch_size": 16, "epochs": 4, "shuffle": False, "verbose": 0} | FITS[name]
    history, mine_history = theirs.fit(X, LABELS, **arguments), mine.fit(X, LABELS, **arguments)
    parity.same("fit", f"`{name}`: `history.epoch`", history.epoch, mine_history.epoch)
    for what, values in mine_history.history.items():
        parity.agree("fit", f"`{name}`: `{what}`", history.history[what], values)


# A rate so large that the validation loss turns within a few epochs.
def diverging(**compiled: Any) -> tuple[Any, Any]:
    arguments = {"optimizer": lambda k: k.optimizers.SGD(0.8), "loss": "mse"} | compiled
    return twins(
        lambda k: [k.layers.Dense(8, "tanh"), k.layers.Dense(3)], metrics=["mae"], **arguments
    )


CALLBACKS: dict[str, Callable[[Any], Any]] = {
    "EarlyStopping()": lambda c: c.EarlyStopping(),
    "EarlyStopping(patience=2)": lambda c: c.EarlyStopping(patience=2),
    "EarlyStopping(patience=2, restore_best_weights=True)": (
        lambda c: c.EarlyStopping(patience=2, restore_best_weights=True)),
    "EarlyStopping(min_delta=0.05, patience=1)": (
        lambda c: c.EarlyStopping(min_delta=0.05, patience=1)),
    "EarlyStopping(patience=1, start_from_epoch=3)": (
        lambda c: c.EarlyStopping(patience=1, start_from_epoch=3)),
    "EarlyStopping(baseline=0.1, patience=2)": lambda c: c.EarlyStopping(baseline=0.1, patience=2),
    "EarlyStopping(monitor='mae', mode='max', patience=1)": (
        lambda c: c.EarlyStopping(monitor="mae", mode="max", patience=1)),
    "EarlyStopping(patience=20, restore_best_weights=True)": (
        lambda c: c.EarlyStopping(patience=20, restore_best_weights=True)),
    "ReduceLROnPlateau(patience=1)": lambda c: c.ReduceLROnPlateau(patience=1),
    "ReduceLROnPlateau(factor=0.5, patience=1, cooldown=2)": (
        lambda c: c.ReduceLROnPlateau(factor=0.5, patience=1, cooldown=2)),
    "ReduceLROnPlateau(factor=0.5, patience=1, min_lr=0.3)": (
        lambda c: c.ReduceLROnPlateau(factor=0.5, patience=1, min_lr=0.3)),
    "LearningRateScheduler(lambda epoch: …)": (
        lambda c: c.LearningRateScheduler(lambda epoch: 0.5 / (1 + epoch))),
    "LearningRateScheduler(lambda epoch, lr: …)": (
        lambda c: c.LearningRateScheduler(lambda epoch, lr: float(lr) * 0.75)),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLBACKS)
def test_decisions_of_callbacks(name: str, parity: Parity) -> None:
    import keras

    import densefit

    theirs, mine = diverging()
    arguments = {"batch_size": 10, "epochs": 9, "shuffle": False, "verbose": 0}
    runs = []
    for model, library in ((theirs, keras), (mine, densefit)):
        rates: list[float] = []
        note = library.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs, m=model, r=rates: r.append(
                float(m.optimizer.learning_rate)
            )
        )
        history = model.fit(
            X, REAL, validation_split=0.4, callbacks=[CALLBACKS[name](library.callbacks), note],
            **arguments,
        )  # fmt: skip
        runs.append((history, rates))
    (history, rates), (mine_history, mine_rates) = runs
    parity.same("Callbacks", f"`{name}`: epochs", len(history.epoch), len(mine_history.epoch))
    parity.agree("Callbacks", f"`{name}`: learning rates", rates, mine_rates, 1e-6)
    parity.agree(
        "Callbacks", f"`{name}`: weights at the end",
        flat(theirs.get_weights()), flat(mine.get_weights()), 1e-5,
    )  # fmt: skip


@pytest.mark.parametrize("best_only", [False, True])
def test_checkpoints(best_only: bool, tmp_path: Path, parity: Parity) -> None:
    import keras

    import densefit

    theirs, mine = diverging()
    written = []
    for model, library, ending in ((theirs, keras, ".weights.h5"), (mine, densefit, ".weights")):
        folder = tmp_path / library.__name__
        folder.mkdir()
        keep = library.callbacks.ModelCheckpoint(
            str(folder / ("{epoch:02d}" + ending)), save_best_only=best_only,
            save_weights_only=True,
        )  # fmt: skip
        model.fit(
            X, REAL, batch_size=10, epochs=9, shuffle=False, verbose=0, validation_split=0.4,
            callbacks=[keep],
        )  # fmt: skip
        written.append(sorted(int(path.name[:2]) for path in folder.iterdir()))
    assert written[0], "nothing was written"
    parity.same(
        "Callbacks", f"`ModelCheckpoint(save_best_only={best_only})`: epochs kept", *written
    )


def test_csv_logger(tmp_path: Path, parity: Parity) -> None:
    import keras

    import densefit

    theirs, mine = diverging()
    tables = []
    for model, library in ((theirs, keras), (mine, densefit)):
        path = tmp_path / f"{library.__name__}.csv"
        log = library.callbacks.CSVLogger(str(path))
        model.fit(
            X, REAL, epochs=3, shuffle=False, verbose=0, validation_split=0.4, callbacks=[log]
        )
        tables.append(list(csv.reader(path.open(encoding="utf-8"))))
    parity.same("Callbacks", "`CSVLogger`: columns", *(table[0] for table in tables))
    parity.agree(
        "Callbacks", "`CSVLogger`: values",
        *(np.array([list(map(float, row)) for row in table[1:]]) for table in tables), 1e-6,
    )  # fmt: skip


def test_dropout_keeps_the_expected_share(parity: Parity) -> None:
    """The two draw other numbers; the share kept and its scale are what can be compared."""
    import keras

    import densefit

    results = []
    for library in (keras, densefit):
        model = library.Sequential(
            [library.Input((2000,)), library.layers.Dropout(0.3), library.layers.Dense(1)]
        )
        model.set_weights([np.zeros((2000, 1)), np.zeros(1)])
        model.compile(optimizer=library.optimizers.SGD(1.0), loss="mse")
        model.fit(np.ones((1, 2000)), -np.ones((1, 1)), verbose=0)
        dw = -model.get_weights()[0] / 2
        kept = np.abs(dw) > 1e-12
        results.append((float(kept.mean()), float(dw[kept].mean())))
    assert abs(results[0][0] - 0.7) < 0.04
    assert abs(results[1][0] - 0.7) < 0.04
    parity.agree("Layers", "`Dropout(0.3)`, training: scale of what is kept", *(
        scale for _, scale in results), 1e-6)  # fmt: skip


def test_one_hot_and_labels_train_alike(parity: Parity) -> None:
    theirs, mine = twins(
        classifier, optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"]
    )
    arguments = {"batch_size": 16, "epochs": 3, "shuffle": False, "verbose": 0}
    history = theirs.fit(X, ONE_HOT, **arguments).history
    mine_history = mine.fit(X, ONE_HOT, **arguments).history
    parity.agree("fit", "lecture D's network, Adam, 3 epochs: `loss`", history["loss"],
                 mine_history["loss"], 1e-6)  # fmt: skip
