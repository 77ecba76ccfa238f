"""Building models: shapes, names, weights, the table."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import densefit as keras
from densefit import Sequential, backend, layers

from .classifiers import classifier

LECTURES = {
    50_890: [64, 10],
    25_450: [32, 10],
    101_770: [128, 10],
    111_146: [128, 64, 32, 10],
    236_394: [256, "drop", 64, 128, "drop", 64, 32, 10],
}


@pytest.mark.parametrize(("count", "plan"), LECTURES.items())
def test_parameter_counts_of_the_lectures(count: int, plan: list[int | str]) -> None:
    model = Sequential([layers.Flatten(input_shape=(28, 28))])
    for units in plan:
        model.add(layers.Dropout(0.5) if units == "drop" else layers.Dense(units, "relu"))
    assert model.count_params() == count
    assert model.output_shape == (None, 10)
    assert sum(w.size for w in model.get_weights()) == count


def test_summary_is_the_table_of_the_lectures(capsys: pytest.CaptureFixture[str]) -> None:
    model = keras.Sequential(
        [
            keras.layers.Flatten(input_shape=(28, 28)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.summary()
    assert capsys.readouterr().out == (
        'Model: "sequential"\n'
        "_________________________________________________________________\n"
        " Layer (type)                Output Shape              Param #\n"
        "=================================================================\n"
        " flatten (Flatten)           (None, 784)               0\n"
        "\n"
        " dense (Dense)               (None, 128)               100480\n"
        "\n"
        " dense_1 (Dense)             (None, 10)                1290\n"
        "\n"
        "=================================================================\n"
        "Total params: 101,770\n"
        "Trainable params: 101,770\n"
        "Non-trainable params: 0\n"
        "_________________________________________________________________\n"
    )


def test_summary_wraps_long_names_within_their_column() -> None:
    lines: list[str] = []
    name = "a_layer_with_a_rather_long_name"
    Sequential([layers.Dense(3, input_shape=(2,), name=name)]).summary(print_fn=lines.append)
    assert lines[4] == " a_layer_with_a_rather_long  (None, 3)                 9"
    assert lines[5] == " _name (Dense)"


def test_automatic_names_count_over_the_session_as_in_keras() -> None:
    first = Sequential([layers.Dense(1), layers.Dense(1), layers.GaussianNoise(0.1)])
    second = Sequential([layers.Dense(1), layers.ReLU()])
    assert [layer.name for layer in first.layers] == ["dense", "dense_1", "gaussian_noise"]
    assert [layer.name for layer in second.layers] == ["dense_2", "re_lu"]
    assert (first.name, second.name) == ("sequential", "sequential_1")
    backend.clear_session()
    assert layers.Dense(1).name == "dense"


@pytest.mark.parametrize(
    "model",
    [
        lambda: Sequential([layers.Dense(4, input_shape=(6,)), layers.Dense(3)]),
        lambda: Sequential([layers.Dense(4, input_dim=6), layers.Dense(3)]),
        lambda: Sequential([layers.Input(shape=(6,)), layers.Dense(4), layers.Dense(3)]),
        lambda: Sequential([keras.Input((6,)), layers.Dense(units=4), layers.Dense(3)]),
        lambda: Sequential([layers.InputLayer(input_shape=[6]), layers.Dense(4), layers.Dense(3)]),
    ],
)
def test_ways_to_say_the_input_shape(model: object) -> None:
    built = model()  # type: ignore[operator]
    assert built.built
    assert [w.shape for w in built.get_weights()] == [(6, 4), (4,), (4, 3), (3,)]
    assert len(built.layers) == 2


def test_weights_come_with_the_first_data_if_the_shape_is_not_said() -> None:
    model = Sequential([layers.Flatten(), layers.Dense(3)])
    assert not model.built
    assert model.predict(np.zeros((5, 2, 4))).shape == (5, 3)
    assert model.input_shape == (None, 2, 4)
    assert model.layers[1].input_shape == (None, 8)


def test_build_takes_the_shape_of_a_batch() -> None:
    model = Sequential([layers.Dense(3)])
    model.build((None, 7))
    assert model.get_weights()[0].shape == (7, 3)
    with pytest.raises(ValueError, match=r"samples of shape \(7,\), got \(8,\)"):
        model.build((None, 8))


def test_a_build_that_fails_leaves_no_layer_built() -> None:
    model = Sequential([layers.ReLU(), layers.Dense(3)])
    with pytest.raises(ValueError, match="Flatten"):
        model.predict(np.zeros((5, 2, 4)))
    assert model.predict(np.zeros((5, 8))).shape == (5, 3)


def test_pop_and_get_layer() -> None:
    model = classifier()
    last = model.get_layer("dense_1")
    assert last is model.get_layer(index=1)
    assert model.pop() is last
    assert model.predict(np.zeros((1, 6))).shape == (1, 8)
    with pytest.raises(ValueError, match="no layer 'dense_1'; it has dense"):
        model.get_layer("dense_1")


def test_glorot_uniform_and_zeros_are_the_initial_weights() -> None:
    kernel, bias = Sequential([layers.Dense(200, input_shape=(300,))], seed=3).get_weights()
    limit = np.sqrt(6 / 500)
    assert np.abs(kernel).max() <= limit
    assert abs(kernel.std() / (limit / np.sqrt(3)) - 1) < 0.01
    assert not bias.any()
    assert kernel.dtype == bias.dtype == np.float32


def test_float64_by_argument_or_for_the_session() -> None:
    assert Sequential([layers.Dense(1, input_shape=(1,))], dtype="float64").weights[0].dtype == "f8"
    backend.set_floatx("float64")
    model = Sequential([layers.Dense(2, input_shape=(3,))])
    assert model.predict(np.zeros((1, 3))).dtype == np.float64


def test_set_weights_copies() -> None:
    model = classifier()
    values = [np.full(w.shape, i, dtype=np.float64) for i, w in enumerate(model.get_weights())]
    live = model.weights
    model.set_weights(values)
    values[0][:] = 9
    for i, (mine, given_back) in enumerate(zip(live, model.get_weights(), strict=True)):
        assert (mine == i).all()
        assert (given_back == i).all()


def test_weights_do_not_depend_on_the_order_they_are_looked_at() -> None:
    forward = [layer.get_weights() for layer in classifier(seed=8).layers]
    model = classifier(seed=8)
    backward = [layer.get_weights() for layer in reversed(model.layers)][::-1]
    for a, b in zip(forward, backward, strict=True):
        np.testing.assert_equal(a, b)


def test_layers_of_one_shape_begin_with_different_weights() -> None:
    model = Sequential([layers.Dense(5, input_shape=(5,)), layers.Dense(5), layers.Dense(5)])
    kernels = model.get_weights()[::2]
    for i in range(3):
        assert not np.isclose(kernels[i], kernels[i - 1]).any()


def test_a_layer_that_does_not_fit_is_not_added() -> None:
    model = Sequential()
    with pytest.raises(ValueError, match="softmax takes flat samples"):
        model.add(layers.Softmax(input_shape=(2, 2)))
    assert (model.built, model.layers) == (False, [])


def test_a_layer_used_in_two_models_has_one_set_of_weights() -> None:
    model = classifier()
    logits = Sequential(model.layers[:1])
    logits.build((None, 6))
    assert logits.weights[0] is model.weights[0]
    with pytest.raises(ValueError, match="float32 weights, the model float64"):
        Sequential(model.layers, dtype="float64").build((None, 6))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_train_on_by_themselves(again: object, blobs: tuple[np.ndarray, ...]) -> None:
    x, y = blobs
    model = classifier(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), seed=1)
    model.fit(x, y, epochs=2, verbose=0, seed=1)
    before = model.get_weights()
    twin = again(model)  # type: ignore[operator]
    twin.fit(x, y, epochs=4, initial_epoch=2, verbose=0, seed=1)
    np.testing.assert_equal(model.get_weights(), before)
    model.fit(x, y, epochs=4, initial_epoch=2, verbose=0, seed=1)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())


@given(shape=st.lists(st.integers(1, 5), min_size=1, max_size=3), n=st.integers(0, 4))
def test_flatten_is_a_reshape(shape: list[int], n: int) -> None:
    x = np.arange(n * np.prod(shape), dtype=np.float32).reshape(n, *shape)
    flat = Sequential([layers.Flatten()]).predict(x)
    np.testing.assert_array_equal(flat, x.reshape(n, int(np.prod(shape))))


def test_images_of_bytes_are_taken(blobs: tuple[np.ndarray, ...]) -> None:
    images = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    model = Sequential([layers.Flatten(input_shape=(28, 28, 1)), layers.Dense(3)])
    expected = images.reshape(2, 784).astype(np.float32) @ model.weights[0]
    np.testing.assert_allclose(model.predict(images), expected, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(model.predict(images[..., None]), model(images))
