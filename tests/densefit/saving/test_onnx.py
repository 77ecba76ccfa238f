"""What is exported to ONNX gives the same predictions in onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import needs

needs.need("onnx", "onnxruntime")

import onnx
import onnxruntime

from densefit import Sequential, activations, layers
from densefit.onnx import IR_VERSION, OPSET

NAMES = [n for n in activations.__all__ if n.islower() and n not in ("get", "serialize")]


def run(path: Path, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"input": x.astype(np.float32)})
    return np.asarray(output)


def same(model: Sequential, tmp_path: Path, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    model.export(tmp_path / "m.onnx")
    for n in (1, 7):
        x = rng.normal(size=(n, *shape)) * 3
        np.testing.assert_allclose(
            run(tmp_path / "m.onnx", x), model.predict(x), rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize("name", NAMES)
def test_every_activation(name: str, tmp_path: Path) -> None:
    model = Sequential([layers.Dense(5, name, input_shape=(4,)), layers.Dense(3)])
    same(model, tmp_path, (4,))


@pytest.mark.parametrize(
    "layer",
    [
        layers.ReLU(name="tested"),
        layers.Softmax(name="tested"),
        layers.ELU(alpha=0.5, name="tested"),
        layers.LeakyReLU(negative_slope=0.1, name="tested"),
        layers.Activation("tanh", name="tested"),
        layers.Dropout(0.5, name="tested"),
        layers.GaussianNoise(0.5, name="tested"),
        layers.Dense(2, use_bias=False, name="tested"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_every_layer(layer: layers.Layer, tmp_path: Path) -> None:
    stack = [layers.Flatten(input_shape=(2, 3)), layers.Dense(4), layer, layers.Dense(2)]
    same(Sequential(stack), tmp_path, (2, 3))


def test_every_layer_class_is_tested_above() -> None:
    tested = {"ReLU", "Softmax", "ELU", "LeakyReLU", "Activation", "Dropout", "GaussianNoise",
              "Dense", "Flatten"}  # fmt: skip
    assert set(layers.__all__) - tested == {"Input", "InputLayer", "Layer"}


def test_a_float64_model_is_exported_in_float32(tmp_path: Path) -> None:
    stack = [layers.Input((4,)), layers.Dense(3, "tanh"), layers.Dense(2, "softmax")]
    same(Sequential(stack, dtype="float64"), tmp_path, (4,))


def test_what_the_file_says_of_itself(tmp_path: Path) -> None:
    model = Sequential([layers.Dense(2, input_shape=(3,), name="out")], name="名前")
    model.export(tmp_path / "m.onnx")
    made = onnx.load(tmp_path / "m.onnx")
    assert (made.ir_version, made.opset_import[0].version) == (IR_VERSION, OPSET)
    assert made.producer_name == "densefit"
    assert made.graph.name == "名前"
    assert [(i.name, i.type.tensor_type.shape.dim[0].dim_param) for i in made.graph.input] == [
        ("input", "N")
    ]
    assert [o.name for o in made.graph.output] == ["out"]


def test_a_model_without_a_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not know the shape of its input"):
        Sequential([layers.Dense(2)]).export(tmp_path / "m.onnx")


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="format must be 'onnx', got 'tf_saved_model'"):
        Sequential([layers.Dense(2, input_shape=(2,))]).export(tmp_path / "m", "tf_saved_model")
