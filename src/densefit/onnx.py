"""Export of a model to ONNX, the exchange format that most other programs run.

Needs the package onnx: ``pip install 'densefit[onnx]'``. The file is of opset 17 (IR version 8),
which onnxruntime reads since 1.12, in float32 whatever the model's type, and takes batches of any
size. Layers that are idle in prediction, Dropout and GaussianNoise, are left out.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from densefit.activations import ActivationFunction
from densefit.layers import Activation, Dense, Dropout, Flatten, GaussianNoise, Layer

if TYPE_CHECKING:
    from densefit.sequential import Sequential

__all__ = ["IR_VERSION", "OPSET", "export"]

OPSET = 17
IR_VERSION = 8

# Operators of ONNX that are an activation by themselves, and their attribute of each parameter.
_OPERATORS: dict[str, tuple[str, dict[str, str]]] = {
    "relu": ("Relu", {}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "softmax": ("Softmax", {}),
    "elu": ("Elu", {"alpha": "alpha"}),
    "selu": ("Selu", {}),
    "leaky_relu": ("LeakyRelu", {"negative_slope": "alpha"}),
}


def export(model: Sequential, path: str | os.PathLike[str]) -> None:
    """Write ``model`` to ``path`` as ONNX.

    The input is called "input", (N, *sample shape); the output has the name of the last layer.
    Raises ValueError if the model does not know the shape of its input yet or has a layer that
    cannot be exported, ImportError without the package onnx.
    """
    try:
        import onnx
    except ModuleNotFoundError:
        raise ImportError(
            "ONNX export needs the package onnx: pip install 'densefit[onnx]'"
        ) from None
    graph = _Graph(onnx, model)
    made = onnx.helper.make_model(
        graph.finished(),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="densefit",
    )
    onnx.checker.check_model(made, full_check=True)
    Path(path).write_bytes(made.SerializeToString())


class _Graph:
    """The nodes so far; ``value`` names what the last one gives."""

    def __init__(self, onnx: Any, model: Sequential) -> None:
        self.onnx, self.model = onnx, model
        self.value = "input"
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def finished(self) -> Any:
        """The graph of the whole model."""
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        before, after = (["N", *s[1:]] for s in (self.model.input_shape, self.model.output_shape))
        for layer in self.model.layers:
            self._layer(layer)
        name = self.model.layers[-1].name if self.model.layers else "output"
        self.nodes.append(helper.make_node("Identity", [self.value], [name]))
        return helper.make_graph(
            self.nodes,
            self.model.name,
            [helper.make_tensor_value_info("input", kind, before)],
            [helper.make_tensor_value_info(name, kind, after)],
            self.constants,
        )

    def _layer(self, layer: Layer) -> None:
        if isinstance(layer, Dense):
            self._dense(layer)
        elif isinstance(layer, Activation):
            self._activation(layer.activation, layer.name)
        elif isinstance(layer, Flatten):
            self.node("Flatten", f"{layer.name}/flat", axis=1)
        elif not isinstance(layer, Dropout | GaussianNoise):
            raise ValueError(f"layer {layer.name!r} ({type(layer).__name__}) cannot be exported")

    def _dense(self, layer: Dense) -> None:
        parameters = [self.constant(p.name, p.value) for p in layer.parameters]
        self.node("Gemm", f"{layer.name}/z", *parameters)
        self._activation(layer.activation, layer.name)

    def _activation(self, function: ActivationFunction, layer: str) -> None:
        if function.name == "linear":
            return
        if function.name == "gelu":
            self._gelu(layer)
            return
        operator, attributes = _OPERATORS[function.name]
        values = {attributes[key]: value for key, value in function.parameters}
        if operator == "Softmax":
            values["axis"] = -1
        self.node(operator, f"{layer}/{function.name}", **values)

    def _gelu(self, layer: str) -> None:
        """½ z (1 + erf(z / √2)); an operator of its own comes with opset 20 only."""
        z = self.value
        self.node("Mul", f"{layer}/scaled", self.constant(f"{layer}/root", np.sqrt(0.5)))
        self.node("Erf", f"{layer}/erf")
        self.node("Add", f"{layer}/erf_1", self.constant(f"{layer}/one", 1.0))
        self.node("Mul", f"{layer}/halved", self.constant(f"{layer}/half", 0.5))
        self.node("Mul", f"{layer}/gelu", z)

    def node(self, operator: str, result: str, *others: str, **attributes: Any) -> None:
        """An operator on the last value and ``others``; ``result`` names what it gives."""
        made = self.onnx.helper.make_node(operator, [self.value, *others], [result], **attributes)
        self.nodes.append(made)
        self.value = result

    def constant(self, name: str, values: Any) -> str:
        """An array of the file; its name."""
        array = np.asarray(values, dtype=np.float32)
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name
