"""Callbacks: each decision of Keras's, on given numbers and in real training."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit import callbacks, models, optimizers
from densefit.callbacks import Callback
from densefit.callbacks.monitor import Monitor

from .classifiers import classifier

losses = st.lists(st.floats(0, 10), min_size=1, max_size=12)


def play(callback: Callback, values: list[float], name: str = "val_loss") -> list[float]:
    """Call ``callback`` with one value per epoch; the learning rate after each epoch trained."""
    optimizer = SimpleNamespace(learning_rate=1.0)
    model: Any = SimpleNamespace(stop_training=False, optimizer=optimizer, epoch=-1, restored=None)
    model.get_weights = lambda: [model.epoch]
    model.set_weights = lambda weights: setattr(model, "restored", weights[0])
    callback.set_model(model)
    callback.set_params({"metrics": [name]})
    callback.on_train_begin()
    rates = []
    for model.epoch, value in enumerate(values):
        callback.on_epoch_end(model.epoch, {name: value})
        rates.append(optimizer.learning_rate)
        if model.stop_training:
            break
    callback.on_train_end()
    return rates


@pytest.mark.parametrize(
    ("settings", "values", "epochs", "best"),
    [
        ({"patience": 2}, [3, 2, 1, 2, 2, 0], 5, 2),
        ({"patience": 2}, [3, 2, 2.5, 1, 2, 2, 0], 6, 3),
        ({"patience": 0}, [3, 2, 2, 0], 3, 1),
        ({"patience": 0}, [3, 4, 0], 2, 0),
        ({"patience": 2, "min_delta": 0.5}, [3, 2.8, 2.6, 0], 3, 0),
        ({"patience": 2, "mode": "max"}, [1, 2, 1, 1, 9], 4, 1),
        ({"patience": 2, "baseline": 1.5}, [3, 2, 1, 2, 0], 5, 4),
        ({"patience": 2, "baseline": 1.5}, [3, 2, 2, 1], 3, 1),
        ({"patience": 2, "start_from_epoch": 3}, [0, 1, 2, 5, 4, 4, 4, 3], 7, 4),
        ({"patience": 9}, [1, 2, 3], 3, 0),
    ],
)
def test_early_stopping(
    settings: dict[str, Any], values: list[float], epochs: int, best: int
) -> None:
    stopping = callbacks.EarlyStopping(restore_best_weights=True, **settings)
    assert len(play(stopping, values)) == epochs
    assert stopping.best_epoch == best
    assert stopping.model.restored == best  # type: ignore[attr-defined]


@given(values=losses, patience=st.integers(1, 5))
def test_early_stopping_stops_patience_epochs_after_the_best(
    values: list[float], patience: int
) -> None:
    stopping = callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    seen = values[: len(play(stopping, values))]
    assert stopping.best_epoch == int(np.argmin(seen))
    assert stopping.best == min(seen)
    if len(seen) < len(values):
        assert len(seen) - 1 - stopping.best_epoch == patience


def test_early_stopping_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    play(callbacks.EarlyStopping(verbose=1, restore_best_weights=True), [1, 2, 3])
    assert capsys.readouterr().out == (
        "Epoch 2: early stopping\nRestoring model weights from the end of the best epoch: 1.\n"
    )


@pytest.mark.parametrize(
    ("settings", "values", "rates"),
    [
        ({"patience": 2}, [3, 3, 3, 3, 3], [1, 1, 0.1, 0.1, 0.01]),
        ({"patience": 1, "cooldown": 1}, [3, 3, 3, 3, 3], [1, 0.1, 0.01, 0.001, 0.0001]),
        ({"patience": 1, "cooldown": 2}, [3, 3, 3, 3, 3], [1, 0.1, 0.1, 0.01, 0.01]),
        ({"patience": 1, "min_lr": 0.05}, [3, 3, 3, 3], [1, 0.1, 0.05, 0.05]),
        ({"patience": 1}, [3, 3 - 0.5e-4, 2, 1], [1, 0.1, 0.1, 0.1]),
        ({"patience": 1, "factor": 0.5, "mode": "max"}, [3, 4, 3, 5], [1, 1, 0.5, 0.5]),
    ],
)
def test_plateau(settings: dict[str, Any], values: list[float], rates: list[float]) -> None:
    assert play(callbacks.ReduceLROnPlateau(**settings), values) == pytest.approx(rates)


@pytest.mark.parametrize(
    ("name", "sign"), [("val_loss", 1), ("val_accuracy", -1), ("acc", -1), ("accuracy_loss", 1)]
)
def test_direction_follows_the_name(name: str, sign: int) -> None:
    assert Monitor(name).sign == sign
    assert Monitor(name, "min").sign == 1
    assert Monitor(name, "max").sign == -1


def test_nan_is_never_an_improvement() -> None:
    stopping = callbacks.EarlyStopping(patience=2)
    assert len(play(stopping, [2.0, np.nan, np.nan, 1.0])) == 3
    assert stopping.best == 2.0


def test_monitoring_what_is_not_reported(blobs: tuple[np.ndarray, ...]) -> None:
    message = "'val_loss' is not reported by this training, which has loss, accuracy: give fit"
    with pytest.raises(ValueError, match=message):
        classifier().fit(*blobs, verbose=0, callbacks=[callbacks.EarlyStopping()])
    history = classifier().fit(
        *blobs, 64, 3, 0, callbacks.EarlyStopping(patience=9), 0.1, validation_freq=2
    )
    assert len(history.history["loss"]) == 3


def test_best_weights_come_back(blobs: tuple[np.ndarray, ...]) -> None:
    x, y = blobs
    rising = optimizers.schedules.PiecewiseConstantDecay([40], [0.1, 40.0])
    model = classifier(optimizer=optimizers.SGD(rising), seed=1)
    stopping = callbacks.EarlyStopping("loss", patience=3, restore_best_weights=True)
    history = model.fit(x, y, epochs=30, verbose=0, seed=1, callbacks=[stopping])
    best = int(np.argmin(history.history["loss"]))
    assert best + 3 == history.epoch[-1] < 29
    twin = classifier(optimizer=optimizers.SGD(rising), seed=1)
    twin.fit(x, y, epochs=best + 1, verbose=0, seed=1)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (lambda epoch: 0.1 / (1 + epoch), [0.1, 0.05, 0.1 / 3]),
        (lambda epoch, rate: rate / 2, [0.05, 0.025, 0.0125]),
        (lambda epoch: np.float32(0.5), [0.5, 0.5, 0.5]),
    ],
)
def test_scheduler(schedule: Any, rates: list[float], blobs: tuple[np.ndarray, ...]) -> None:
    model = classifier(optimizer=optimizers.SGD(0.1))
    scheduler = callbacks.LearningRateScheduler(schedule)
    history = model.fit(*blobs, epochs=3, verbose=0, callbacks=[scheduler]).history
    assert history["learning_rate"] == pytest.approx(rates)


def test_scheduler_and_schedule_do_not_mix(blobs: tuple[np.ndarray, ...]) -> None:
    drop = optimizers.schedules.InverseTimeDecay(0.1, 10, 1)
    scheduler = callbacks.LearningRateScheduler(lambda epoch: 0.1)
    with pytest.raises(ValueError, match="this one follows InverseTimeDecay"):
        classifier(optimizer=optimizers.SGD(drop)).fit(*blobs, verbose=0, callbacks=[scheduler])


def test_checkpoint_keeps_the_best(tmp_path: Path, blobs: tuple[np.ndarray, ...]) -> None:
    model = classifier(seed=1)
    path = tmp_path / "deep" / "best.keras"
    every = tmp_path / "{epoch:02d}-{val_loss:.2f}.weights"
    history = model.fit(
        *blobs, epochs=4, verbose=0, seed=1, validation_split=0.2,
        callbacks=[
            callbacks.ModelCheckpoint(path, save_best_only=True),
            callbacks.ModelCheckpoint(every, save_weights_only=True),
        ],
    ).history  # fmt: skip
    assert history["val_loss"][-1] == min(history["val_loss"])
    np.testing.assert_equal(models.load_model(path).get_weights(), model.get_weights())
    names = [f"{i + 1:02d}-{loss:.2f}.weights" for i, loss in enumerate(history["val_loss"])]
    assert sorted(p.name for p in tmp_path.glob("*.weights")) == names
    twin = classifier(seed=9)
    twin.load_weights(tmp_path / names[-1])
    np.testing.assert_equal(twin.get_weights(), model.get_weights())


def test_checkpoint_names_the_field_it_lacks(blobs: tuple[np.ndarray, ...]) -> None:
    with pytest.raises(ValueError, match=r"names 'val_acc'.*known: epoch, loss, accuracy"):
        classifier().fit(*blobs, verbose=0, callbacks=callbacks.ModelCheckpoint("{val_acc}"))


def test_csv_log(tmp_path: Path, blobs: tuple[np.ndarray, ...]) -> None:
    path = tmp_path / "log.csv"
    model = classifier()
    for first, last in ((0, 2), (2, 3)):
        logger = callbacks.CSVLogger(path, append=True)
        model.fit(*blobs, epochs=last, initial_epoch=first, verbose=0, callbacks=[logger])
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[0] == ["epoch", "accuracy", "loss"]
    assert [row[0] for row in rows[1:]] == ["0", "1", "2"]
    assert model.history is not None
    assert float(rows[-1][2]) == model.history.history["loss"][0]


def test_lambdas(blobs: tuple[np.ndarray, ...]) -> None:
    calls: list[object] = []
    watching = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: calls.append(epoch),
        on_train_batch_end=lambda batch, logs: calls.append(("batch", batch)),
    )
    classifier().fit(*blobs, 100, 2, verbose=0, callbacks=[watching])
    assert calls == [("batch", 0), ("batch", 1), 0, ("batch", 0), ("batch", 1), 1]
    with pytest.raises(TypeError, match="no moment 'on_end'"):
        callbacks.LambdaCallback(on_end=print)
