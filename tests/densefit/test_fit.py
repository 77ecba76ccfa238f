"""Training: the updates of the NumPy oracle, the same bits for the same seed, Keras's rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import densefit as keras
from densefit import Sequential, activations, batching, layers, ops, optimizers, training, utils
from densefit.callbacks import Callback, History

from . import numpy_ops
from .classifiers import classifier

Data = tuple[np.ndarray, np.ndarray]
# Of float64: the oracle sums in another order, so the last bits differ.
ROUNDING = {"rtol": 1e-9, "atol": 1e-12}

ORACLE = (
    "Dense",
    "Activation",
    "Dropout",
    "GaussianNoise",
    "Accuracy",
    "Loss",
    "Optimizer",
    "Network",
    "Totals",
    "Inputs",
    "slot_count",
)

OPTIMIZERS: dict[str, Any] = {
    "plain": lambda: optimizers.SGD(0.1),
    "momentum": lambda: optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "Adam": lambda: optimizers.Adam(0.01),
    "RMSprop": lambda: optimizers.RMSprop(0.01),
    "RMSprop with momentum": lambda: optimizers.RMSprop(0.01, momentum=0.5),
    "Adagrad": lambda: optimizers.Adagrad(0.1),
    "Adadelta": lambda: optimizers.Adadelta(1.0),
}

NETWORKS: dict[str, Any] = {
    "relu": lambda: [layers.Dense(8, "relu", input_shape=(6,)), layers.Dense(3, "softmax")],
    "tanh, L1 and L2": lambda: [
        layers.Dense(8, "tanh", input_shape=(6,), kernel_regularizer="l1_l2"),
        layers.Dense(5, "sigmoid", kernel_regularizer=keras.regularizers.L2(0.1)),
        layers.Dense(3, "softmax"),
    ],
    "no bias, activation apart": lambda: [
        layers.Dense(8, use_bias=False, input_shape=(6,)),
        layers.Activation("relu"),
        layers.Dense(3),
        layers.Softmax(),
    ],
    "dropout": lambda: [
        layers.Dropout(0.2, input_shape=(6,)),
        layers.Dense(11, "relu"),
        layers.Dropout(0.5),
        layers.Dense(3, "softmax"),
    ],
    "every activation": lambda: [
        layers.Dense(8, "elu", input_shape=(6,)),
        layers.Dense(9, "selu"),
        layers.Dense(8, "gelu"),
        layers.Dense(7, activations.gelu.with_parameters(approximate=True)),
        layers.Dense(9, "leaky_relu"),
        layers.LeakyReLU(negative_slope=0.1),
        layers.Dense(3, "softmax"),
    ],
    "noise": lambda: [
        layers.GaussianNoise(0.3, input_shape=(6,)),
        layers.Dense(11, "relu"),
        layers.GaussianNoise(0.5),
        layers.Dense(3, "softmax"),
    ],
    "softmax regression": lambda: [layers.Dense(3, "softmax", input_shape=(6,))],
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("one_hot", [False, True])
def test_training_equals_the_oracle(
    network: str, optimizer: str, one_hot: bool, blobs: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> tuple[list[np.ndarray], dict[str, list[float]]]:
        x, y = blobs
        rule = OPTIMIZERS[optimizer]()
        model = Sequential(NETWORKS[network](), dtype="float64", seed=2)
        prefix = "" if one_hot else "sparse_"
        model.compile(rule, f"{prefix}categorical_crossentropy", ["accuracy"])
        targets = utils.to_categorical(y, 3) if one_hot else y
        history = model.fit(
            x, targets, 16, epochs=3, verbose=0, seed=4, validation_split=0.2,
            class_weight={0: 1.0, 1: 2.0, 2: 0.5},
        )  # fmt: skip
        return model.get_weights(), history.history

    weights, history = run()
    for name in ORACLE:
        monkeypatch.setattr(ops, name, getattr(numpy_ops, name))
    oracle_weights, oracle_history = run()
    for mine, expected in zip(weights, oracle_weights, strict=True):
        np.testing.assert_allclose(mine, expected, **ROUNDING)
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    for name, values in history.items():
        np.testing.assert_allclose(values, oracle_history[name], **ROUNDING)


LOSSES: dict[str, tuple[str, bool]] = {
    "mse": ("linear", True),
    "mae": ("tanh", True),
    "binary_crossentropy": ("sigmoid", False),
    "categorical_crossentropy": ("sigmoid", False),
    "hinge": ("tanh", False),
    "kld": ("softmax", False),
    "cosine_similarity": ("linear", True),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("outputs", [1, 3])
def test_training_with_any_loss_equals_the_oracle(
    loss: str, outputs: int, blobs: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    activation, real_targets = LOSSES[loss]
    outputs = max(outputs, 2) if loss == "categorical_crossentropy" else outputs
    x, labels = blobs
    y = utils.to_categorical(labels, 3)[:, :outputs]
    y = y * x[:, :outputs] + 0.1 if real_targets else y

    def run() -> tuple[list[np.ndarray], dict[str, list[float]]]:
        model = Sequential(
            [layers.Dense(7, "tanh", input_shape=(6,)), layers.Dense(outputs, activation)],
            dtype="float64", seed=2,
        )  # fmt: skip
        model.compile(optimizers.SGD(0.1, momentum=0.5), loss, ["accuracy"])
        weight = np.linspace(0.5, 2, len(x))
        history = model.fit(
            x, y, 16, epochs=3, verbose=0, seed=4, validation_split=0.2, sample_weight=weight
        )
        return model.get_weights(), history.history

    weights, history = run()
    for name in ORACLE:
        monkeypatch.setattr(ops, name, getattr(numpy_ops, name))
    oracle_weights, oracle_history = run()
    for mine, expected in zip(weights, oracle_weights, strict=True):
        np.testing.assert_allclose(mine, expected, **ROUNDING)
    for name, values in history.items():
        np.testing.assert_allclose(values, oracle_history[name], **ROUNDING)


def test_regression_learns_the_sine() -> None:
    x = np.linspace(-3, 3, 200)[:, None]
    model = Sequential([layers.Dense(32, "tanh", input_shape=(1,)), layers.Dense(1)], seed=1)
    model.compile(optimizers.Adam(0.01), "mse")
    model.fit(x, np.sin(x), epochs=150, verbose=0, seed=1)
    assert model.evaluate(x, np.sin(x), verbose=0) < 5e-3


def test_one_step_by_hand() -> None:
    x, y = np.array([[1.0, 2.0]]), np.array([1])
    model = Sequential([layers.Dense(2, "softmax", input_shape=(2,))], dtype="float64")
    model.set_weights([np.zeros((2, 2)), np.zeros(2)])
    model.compile(optimizers.SGD(0.1), "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(x, y, verbose=0)
    # p = (1/2, 1/2), dz = (1/2, -1/2), dw = xᵀ·dz
    np.testing.assert_allclose(model.get_weights()[0], [[-0.05, 0.05], [-0.1, 0.1]], rtol=1e-15)
    np.testing.assert_allclose(model.get_weights()[1], [-0.05, 0.05], rtol=1e-15)
    assert history.history["loss"] == pytest.approx([np.log(2)])


def test_learns(blobs: Data) -> None:
    model = classifier(optimizer=optimizers.SGD(0.1))
    history = model.fit(*blobs, epochs=15, verbose=0, seed=0).history
    assert history["loss"][-1] < 0.2 * history["loss"][0]
    assert model.evaluate(*blobs, verbose=0)[1] > 0.98
    assert (model.predict(blobs[0]).argmax(axis=1) == blobs[1]).mean() > 0.98


def run(blobs: Data, **kwargs: Any) -> tuple[list[np.ndarray], dict[str, list[float]]]:
    model = Sequential(
        [layers.Dense(8, "relu", input_shape=(6,)), layers.Dropout(0.3), layers.Dense(3, "softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(*blobs, **{"epochs": 3, "verbose": 0, "batch_size": 7} | kwargs)
    return model.get_weights(), history.history


def test_the_same_seed_gives_the_same_bits(blobs: Data) -> None:
    first, again, other = run(blobs, seed=1), run(blobs, seed=1), run(blobs, seed=2)
    np.testing.assert_equal(first, again)
    assert first[1]["loss"] != other[1]["loss"]
    assert not np.array_equal(first[0][0], other[0][0])


def test_a_session_seed_fixes_everything_and_each_training_differs(blobs: Data) -> None:
    utils.set_random_seed(11)
    first, second = run(blobs), run(blobs)
    utils.set_random_seed(11)
    np.testing.assert_equal(run(blobs), first)
    np.testing.assert_equal(run(blobs), second)
    assert first[1] != second[1]


def test_a_fresh_seed_is_drawn_and_recorded(blobs: Data) -> None:
    model, twin = classifier(), classifier()
    history = model.fit(*blobs, verbose=0)
    twin.fit(*blobs, verbose=0, seed=history.params["seed"])
    assert history.params["weights_seed"] == history.params["seed"]
    np.testing.assert_equal(model.get_weights(), twin.get_weights())
    assert classifier().fit(*blobs, verbose=0).params["seed"] != history.params["seed"]


def test_fit_never_changes_weights_that_were_seen(blobs: Data) -> None:
    model = classifier()
    seen = model.get_weights()
    history = model.fit(*blobs, epochs=1, verbose=0, seed=6)
    twin = classifier(seed=history.params["weights_seed"])
    np.testing.assert_equal(twin.get_weights(), seen)


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("pieces", [1, 3, 1000])
def test_where_an_epoch_is_cut_does_not_change_a_bit(
    pieces: int, watched: bool, blobs: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Watching(Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            self.last = logs

    class Fixed(training.Pieces):
        def __init__(self, n_parameters: int, batch_size: int) -> None:
            self.length = pieces

        def took(self, batches: int, seconds: float) -> None:
            assert 1 <= batches <= pieces

    whole = run(blobs, seed=1)
    monkeypatch.setattr(training, "Pieces", Fixed)
    np.testing.assert_equal(run(blobs, seed=1, callbacks=[Watching()] if watched else None), whole)


def test_watching_batches_does_not_change_a_bit(blobs: Data) -> None:
    class Watching(Callback):
        def __init__(self) -> None:
            self.batches: list[int] = []

        def on_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            self.batches.append(batch)
            self.last = dict(logs or {})

    watching = Watching()
    watched = run(blobs, seed=1, callbacks=watching)
    np.testing.assert_equal(watched, run(blobs, seed=1))
    assert watching.batches == list(range(29)) * 3
    assert watching.last["loss"] == watched[1]["loss"][-1]


def test_going_on_equals_never_having_stopped(blobs: Data) -> None:
    whole, parts = classifier(seed=1), classifier(seed=1)
    whole.fit(*blobs, epochs=5, verbose=0, seed=3)
    first = parts.fit(*blobs, epochs=2, verbose=0, seed=3)
    second = parts.fit(*blobs, epochs=5, initial_epoch=2, verbose=0, seed=3)
    assert (first.epoch, second.epoch) == ([0, 1], [2, 3, 4])
    np.testing.assert_equal(parts.get_weights(), whole.get_weights())
    assert first.history["loss"] + second.history["loss"] == whole.history.history["loss"]


def test_validation_split_takes_the_last_samples_before_shuffling(blobs: Data) -> None:
    x, y = blobs
    by_split = run(blobs, seed=1, validation_split=0.25)
    by_data = run((x[:150], y[:150]), seed=1, validation_data=(x[150:], y[150:]))
    np.testing.assert_equal(by_split, by_data)


@given(n=st.integers(2, 1000), share=st.floats(0.001, 0.999))
def test_a_split_leaves_every_sample_in_its_place(n: int, share: float) -> None:
    samples = batching.Samples(np.arange(n)[:, None], np.arange(n), np.arange(n))
    if int(np.floor(n * (1.0 - share))) in (0, n):
        with pytest.raises(ValueError, match="both need some"):
            batching.split(samples, share)
        return
    train, validation = batching.split(samples, share)
    for field in ("x", "y", "weight"):
        both = [getattr(train, field), getattr(validation, field)]
        np.testing.assert_array_equal(np.concatenate(both), getattr(samples, field))
    assert abs(len(validation) - share * n) <= 1


def test_without_shuffling_the_seed_does_not_matter(blobs: Data) -> None:
    models = [classifier(seed=1), classifier(seed=1)]
    for seed, model in enumerate(models):
        model.fit(*blobs, verbose=0, shuffle=False, seed=seed)
    np.testing.assert_equal(models[0].get_weights(), models[1].get_weights())


def test_history_is_as_in_keras(blobs: Data) -> None:
    model = classifier()
    result = model.fit(*blobs, epochs=2, verbose=0, validation_split=0.1, batch_size=50)
    assert isinstance(result, History)
    assert model.history is result
    assert list(result.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert all(type(v) is float for values in result.history.values() for v in values)
    assert result.epoch == [0, 1]
    assert {"epochs": 2, "steps": 4, "verbose": 0}.items() <= result.params.items()


def test_validation_frequency(blobs: Data) -> None:
    history = classifier().fit(*blobs, epochs=5, verbose=0, validation_split=0.1, validation_freq=2)
    assert {k: len(v) for k, v in history.history.items()} == {
        "loss": 5, "accuracy": 5, "val_loss": 2, "val_accuracy": 2,
    }  # fmt: skip


def test_evaluate_in_its_three_forms(blobs: Data) -> None:
    model = classifier()
    loss, accuracy = model.evaluate(*blobs, verbose=0)
    named = model.evaluate(*blobs, verbose=0, return_dict=True)
    assert named == {"loss": loss, "accuracy": accuracy}
    assert model.metrics_names == ["loss", "accuracy"]
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert model.evaluate(*blobs, verbose=0) == loss
    p = model.predict(blobs[0])[np.arange(200), blobs[1]]
    assert loss == pytest.approx(-np.log(p).mean(), rel=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 200, 1000])
def test_evaluate_does_not_depend_on_the_batch_size(batch_size: int, blobs: Data) -> None:
    model = classifier(seed=0)
    expected = model.evaluate(*blobs, verbose=0)
    assert model.evaluate(*blobs, verbose=0, batch_size=batch_size) == expected


def test_the_penalty_is_part_of_the_loss_and_not_of_its_metric(blobs: Data) -> None:
    model = Sequential(
        [layers.Dense(3, "softmax", kernel_regularizer=keras.regularizers.l2(0.5))], seed=0
    )
    name = "sparse_categorical_crossentropy"
    model.compile("sgd", name, [name, "accuracy"])
    loss, cross_entropy, _ = model.evaluate(*blobs, verbose=0)
    penalty = 0.5 * np.square(model.get_weights()[0].astype(float)).sum()
    assert loss - cross_entropy == pytest.approx(penalty, rel=1e-6)
    assert model.metrics_names == ["loss", name, "accuracy"]


@pytest.mark.parametrize("metric", ["cosine_similarity", keras.metrics.CosineSimilarity()])
def test_the_metric_is_the_cosine_and_the_loss_its_negative(metric: Any) -> None:
    x = np.linspace(-1, 1, 12).reshape(6, 2)
    model = Sequential([layers.Dense(2)], seed=0)
    model.compile("sgd", "cosine_similarity", [metric])
    loss, cosine = model.evaluate(x, x + 1, verbose=0)
    assert cosine == pytest.approx(-loss) != 0


def test_zero_weight_takes_a_sample_out(blobs: Data) -> None:
    x, y = blobs
    x = x.copy()
    weight = np.ones(200)
    weight[::2] = 0
    results = []
    for garbage in (0.0, 50.0):
        x[::2] = garbage
        model = classifier(seed=1)
        model.fit(x, y, verbose=0, seed=1, sample_weight=weight, epochs=2)
        results.append(model.get_weights())
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-6)


def test_class_weight_is_the_sample_weight_of_the_class(blobs: Data) -> None:
    x, y = blobs
    table = {0: 0.5, 1: 1.0, 2: 3.0}
    weight = np.array([table[label] for label in y])
    by_class = run(blobs, seed=1, class_weight=table)
    np.testing.assert_equal(run((x, y), seed=1, sample_weight=weight), by_class)


def test_an_interrupt_leaves_model_and_history_usable(blobs: Data) -> None:
    class Interrupt(Callback):
        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            if epoch == 2:
                raise KeyboardInterrupt

    model = classifier(seed=1)
    with pytest.raises(KeyboardInterrupt):
        model.fit(*blobs, epochs=9, verbose=0, seed=1, callbacks=[Interrupt()])
    assert model.history is not None
    assert len(model.history.history["loss"]) == 2
    model.fit(*blobs, epochs=4, initial_epoch=2, verbose=0, seed=1)
    twin = classifier(seed=1)
    twin.fit(*blobs, epochs=4, verbose=0, seed=1)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())


def test_callbacks_are_called_in_keras_order(blobs: Data) -> None:
    calls: list[str] = []

    class Note(Callback):
        def on_train_begin(self, logs: object = None) -> None:
            calls.append(f"train {self.params['epochs']}")

        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            calls.append(f"epoch {epoch}")

        def on_test_begin(self, logs: object = None) -> None:
            calls.append("test")

        def on_test_end(self, logs: Any = None) -> None:
            calls.append(f"tested {sorted(logs)}")

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            calls.append(f"epoch done {sorted(logs)}")
            self.model.stop_training = epoch == 1

        def on_train_end(self, logs: object = None) -> None:
            calls.append("done")

    classifier().fit(*blobs, epochs=7, verbose=0, validation_split=0.5, callbacks=[Note()])
    epoch = [
        "test",
        "tested ['accuracy', 'loss']",
        "epoch done ['accuracy', 'loss', 'val_accuracy', 'val_loss']",
    ]
    assert calls == ["train 7", "epoch 0", *epoch, "epoch 1", *epoch, "done"]


def test_a_schedule_is_followed_step_by_step(blobs: Data) -> None:
    class Switch(Callback):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            self.model.optimizer.learning_rate = 0.01

    drop = optimizers.schedules.PiecewiseConstantDecay([6], [0.1, 0.01])
    by_schedule = classifier(optimizer=optimizers.SGD(drop), seed=1)
    by_schedule.fit(*blobs, epochs=3, verbose=0, seed=1)
    by_callback = classifier(optimizer=optimizers.SGD(0.1), seed=1)
    by_callback.fit(*blobs, epochs=3, verbose=0, seed=1, callbacks=[Switch()])
    np.testing.assert_equal(by_schedule.get_weights(), by_callback.get_weights())
    assert by_schedule.optimizer.iterations == 21


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0, 1e6))
def test_pieces_aim_at_a_quarter_of_a_second(
    n_parameters: int, batch_size: int, batches: int, seconds: float
) -> None:
    pieces = training.Pieces(n_parameters, batch_size)
    assert pieces.length >= 1
    pieces.took(batches, seconds)
    expected = seconds / batches * pieces.length
    assert pieces.length == 1 or expected == pytest.approx(0.25, rel=0.5) or seconds < 1e-6


def test_accuracy_is_not_weighted_as_in_keras(blobs: Data) -> None:
    x, y = blobs
    model = classifier(seed=0)
    right = model.predict(x).argmax(axis=1) == y
    weight = np.where(np.arange(200) < 50, 3.0, 0.5)
    accuracy = model.evaluate(x, y, verbose=0, sample_weight=weight)[1]
    assert accuracy == pytest.approx(right.mean(), rel=1e-12)
    assert accuracy != pytest.approx((weight * right).sum() / weight.sum())


def test_instruction_sets_and_threads_give_the_same_bits(
    blobs: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(blobs, seed=1, validation_split=0.2)
    monkeypatch.setattr(ops, "MIN_WORK_PER_THREAD", 1)
    monkeypatch.setattr(ops, "_num_threads", 2)
    for isa in ops.available_isas():
        with ops.use_isa(isa):
            np.testing.assert_equal(run(blobs, seed=1, validation_split=0.2), expected)
