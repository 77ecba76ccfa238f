"""Weights that Keras wrote are read; damaged or hostile files are refused."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needs

needs.need("h5py")

import h5py

from densefit import Sequential, layers, models

DATA = Path(__file__).parent / "data"
EXPECTED = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))


def network() -> Sequential:
    return Sequential(
        [
            layers.Flatten(input_shape=(2, 3)),
            layers.Dense(4, "relu"),
            layers.Dropout(0.5),
            layers.Dense(3, "tanh", use_bias=False),
            layers.Dense(2, "softmax"),
        ]
    )


@pytest.mark.parametrize("name", ["keras3.weights.h5", "keras2.h5"])
def test_files_of_keras_give_its_predictions(name: str) -> None:
    model = network()
    model.load_weights(DATA / name)
    np.testing.assert_allclose(
        model.predict(EXPECTED["x"]), EXPECTED["predictions"], rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize("container", ["layers", "_layer_checkpoint_dependencies"])
def test_the_tenth_layer_comes_after_the_ninth(container: str, tmp_path: Path) -> None:
    kernels = [np.full((1, 1), float(i)) for i in range(12)]
    with h5py.File(tmp_path / "w.h5", "w") as file:
        for i, kernel in enumerate(kernels):
            name = f"dense_{i}" if i else "dense"
            file[f"{container}/{name}/vars/0"] = kernel
    model = Sequential([layers.Input((1,)), *(layers.Dense(1, use_bias=False) for _ in range(12))])
    model.load_weights(tmp_path / "w.h5")
    np.testing.assert_equal(model.get_weights(), kernels)


def test_weights_of_another_network_are_refused() -> None:
    model = Sequential([layers.Dense(4, input_shape=(6,)), layers.Dense(2)])
    with pytest.raises(ValueError, match=r"keras3\.weights\.h5 do not fit the model: it has 5"):
        model.load_weights(DATA / "keras3.weights.h5")
    model = network()
    model.pop()
    model.add(layers.Dense(7))
    with pytest.raises(ValueError, match=r"has shape \(3, 2\), the model's is \(3, 7\)"):
        model.load_weights(DATA / "keras3.weights.h5")


def test_a_model_without_a_shape_says_so() -> None:
    with pytest.raises(ValueError, match="does not know the shape of its input"):
        Sequential([layers.Dense(4)]).load_weights(DATA / "keras3.weights.h5")


def test_it_is_not_a_model() -> None:
    with pytest.raises(ValueError, match=r"file of Keras: build the same model here"):
        models.load_model(DATA / "keras3.weights.h5")


def one_weight(tmp_path: Path) -> tuple[Sequential, Path]:
    model = Sequential([layers.Dense(1, use_bias=False, input_shape=(1,))])
    return model, tmp_path / "w.h5"


def test_a_link_out_of_the_file_is_refused(tmp_path: Path) -> None:
    model, path = one_weight(tmp_path)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.ones((1, 1))
    with h5py.File(path, "w") as file:
        file.create_group("layers/dense/vars")["0"] = h5py.ExternalLink("other.h5", "/secret")
    with pytest.raises(ValueError, match="is a link, not data"):
        model.load_weights(path)


def test_values_kept_in_another_file_are_refused(tmp_path: Path) -> None:
    model, path = one_weight(tmp_path)
    (tmp_path / "raw").write_bytes(np.ones(1, "<f4").tobytes())
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "layers/dense/vars/0", (1, 1), "<f4", external=[(str(tmp_path / "raw"), 0, 4)]
        )
    with pytest.raises(ValueError, match="not an array of the file's own"):
        model.load_weights(path)


def test_a_huge_array_is_refused_before_it_is_read(tmp_path: Path) -> None:
    model, path = one_weight(tmp_path)
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", (10**7, 10**7), "<f4", chunks=(1000, 1000))
    with pytest.raises(ValueError, match=r"the model's is \(1, 1\)"):
        model.load_weights(path)


@pytest.mark.parametrize("value", [np.array([[b"x"]]), np.array([[1]]), np.array([[np.nan]])])
def test_what_is_no_finite_number_is_refused(value: np.ndarray, tmp_path: Path) -> None:
    model, path = one_weight(tmp_path)
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = value
    with pytest.raises(ValueError, match=r"not real numbers|must be finite"):
        model.load_weights(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    model, path = one_weight(tmp_path)
    with h5py.File(path, "w") as file:
        file["measurements"] = np.ones(3)
    with pytest.raises(ValueError, match="cannot be read as weights of Keras"):
        model.load_weights(path)


@given(
    at=st.integers(0, (DATA / "keras3.weights.h5").stat().st_size - 1),
    change=st.integers(1, 255),
    cut=st.booleans(),
)
def test_a_damaged_file_is_refused_or_harmless(
    at: int, change: int, cut: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.h5"
    content = bytearray((DATA / "keras3.weights.h5").read_bytes())
    content[at] ^= change
    path.write_bytes(content[:at] if cut else content)
    with contextlib.suppress(ValueError):
        network().load_weights(path)
