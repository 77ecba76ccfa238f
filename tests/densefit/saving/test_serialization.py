"""Files of models and weights: what is written comes back; anything else is refused."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit import Sequential, backend, initializers, layers, models

from ..classifiers import classifier


def every_layer() -> Sequential:
    return Sequential(
        [
            layers.Flatten(input_shape=(2, 3), name="in"),
            layers.GaussianNoise(0.0),
            layers.Dense(
                4,
                "leaky_relu",
                use_bias=False,
                kernel_initializer=initializers.HeNormal(seed=3),
                kernel_regularizer="l2",
            ),
            layers.LeakyReLU(negative_slope=0.1),
            layers.Activation("tanh"),
            layers.Dropout(0.25),
            layers.Dense(2),
            layers.Softmax(),
        ],
        name="各層",
        dtype="float64",
    )


def test_a_model_comes_back(tmp_path: Path) -> None:
    model = every_layer()
    model.save(tmp_path / "m.keras")
    again = models.load_model(tmp_path / "m.keras")
    assert again.get_config() == model.get_config()
    assert (again.name, again.dtype) == ("各層", "float64")
    np.testing.assert_equal(again.get_weights(), model.get_weights())
    assert [p.name for p in tmp_path.iterdir()] == ["m.keras"]


def test_it_predicts_the_same_and_trains_on(tmp_path: Path, blobs: tuple[np.ndarray, ...]) -> None:
    model = classifier()
    model.fit(*blobs, verbose=0)
    model.save(tmp_path / "m")
    again = models.load_model(tmp_path / "m")
    np.testing.assert_array_equal(again.predict(blobs[0]), model.predict(blobs[0]))
    again.compile("sgd", "sparse_categorical_crossentropy")
    again.fit(*blobs, verbose=0)


def test_the_format_is_safetensors(tmp_path: Path) -> None:
    model = Sequential([layers.Dense(2, input_shape=(3,), name="d")])
    model.save_weights(tmp_path / "w")
    data = (tmp_path / "w").read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0
    assert json.loads(data[8 : 8 + length]) == {
        "d/kernel": {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]},
        "d/bias": {"dtype": "F32", "shape": [2], "data_offsets": [24, 32]},
    }
    kernel = np.frombuffer(data[8 + length :][:24], "<f4").reshape(3, 2)
    np.testing.assert_array_equal(kernel, model.get_weights()[0])


def test_weights_of_another_network_do_not_fit(tmp_path: Path) -> None:
    every_layer().save_weights(tmp_path / "w")
    with pytest.raises(ValueError, match=r"do not fit the model: 'sequential.*' has 4 weight"):
        classifier().load_weights(tmp_path / "w")
    with pytest.raises(ValueError, match=r"weights without a model: use model\.load_weights"):
        models.load_model(tmp_path / "w")


@given(data=st.data())
def test_a_damaged_file_is_refused_or_harmless(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    backend.clear_session()
    classifier(name="m", seed=1).save(path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with contextlib.suppress(ValueError):
        models.load_model(path)
