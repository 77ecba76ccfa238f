"""A row of layers, each taking what the one before gives: shapes, names, weights, its table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import DTypeLike, NDArray

from densefit import backend, ops
from densefit._html import model_html
from densefit._naming import automatic_name
from densefit._seeds import WeightSeed
from densefit.layers.base import Layer, Shape, check_weights
from densefit.layers.input import InputLayer
from densefit.layers.parameter import Parameter
from densefit.summary import Summary

__all__ = ["LayerStack"]


class LayerStack:
    """The layers of a model, its weights and the compiled network made of them."""

    def __init__(
        self,
        layers: Sequence[Layer] | None = None,
        name: str | None = None,
        *,
        dtype: DTypeLike | None = None,
        seed: int | None = None,
    ) -> None:
        """Raise TypeError for an entry that is no layer, ValueError if the shapes do not fit."""
        self.name = automatic_name(type(self).__name__) if name is None else str(name)
        self.dtype = backend.floatx() if dtype is None else backend.check_float_type(dtype)
        self._layers: list[Layer] = []
        self._sample_shape: Shape | None = None
        self._weight_seed = WeightSeed(seed)
        self._net: ops.Network | None = None
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers in order, without the input."""
        return list(self._layers)

    @property
    def built(self) -> bool:
        """Whether the shape of a sample is known, and with it the weights."""
        return self._sample_shape is not None

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Shape of a batch going in, ``(None, 28, 28)``; ValueError if it is not known yet."""
        return (None, *self._shapes()[0])

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Shape of a batch coming out, ``(None, 10)``; ValueError if it is not known yet."""
        return (None, *self._shapes()[1])

    def add(self, layer: Layer) -> None:
        """Put a layer at the end.

        Raises TypeError for what is no layer, ValueError if its input does not fit, or its name
        or the layer itself is in the model already.
        """
        _check_layer(layer, self._layers)
        if isinstance(layer, InputLayer):
            if self._layers or self.built:
                raise ValueError("Input must come first in a model")
            self._sample_shape = layer.declared_shape
            return
        shape = self._sample_shape
        if shape is None and not self._layers:
            shape = layer.declared_shape
        if shape is not None:
            self._build_layer(layer, self._shapes()[1] if self.built else shape)
            self._sample_shape = shape
        self._layers.append(layer)
        self._net = None

    def pop(self) -> Layer:
        """Take the last layer away and return it; ValueError if there is none."""
        if not self._layers:
            raise ValueError("the model has no layers")
        self._net = None
        return self._layers.pop()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of that name or at that index; ValueError if there is none."""
        if index is not None:
            if not -len(self._layers) <= index < len(self._layers):
                raise ValueError(f"the model has {len(self._layers)} layers, no index {index}")
            return self._layers[index]
        for layer in self._layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in self._layers)
        raise ValueError(f"the model has no layer {name!r}; it has {names}")

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Fix the shape of a batch, ``(None, 784)``; ValueError if it is another one already."""
        shape = tuple(input_shape)
        if not shape or shape[0] is not None or None in shape[1:]:
            raise ValueError(f"input_shape must be of a batch, such as (None, 784), got {shape}")
        self._build(tuple(n for n in shape if n is not None))

    def _build(self, sample_shape: Shape) -> None:
        if self._sample_shape is not None:
            if self._sample_shape != sample_shape:
                raise ValueError(
                    f"the model takes samples of shape {self._sample_shape}, got {sample_shape}"
                )
            return
        shape = sample_shape
        for layer in self._layers:  # all of them must fit before any is built
            shape = layer.compute_output_shape(shape)
        shape = sample_shape
        for layer in self._layers:
            shape = self._build_layer(layer, shape)
        self._sample_shape = sample_shape

    def _build_layer(self, layer: Layer, shape: Shape) -> Shape:
        before = (
            self._layers[: self._layers.index(layer)] if layer in self._layers else self._layers
        )
        stream = sum(len(other.parameters) for other in before)
        return layer.build(shape, self.dtype, self._weight_seed, stream)

    def _shapes(self) -> tuple[Shape, Shape]:
        """Shapes of a sample going in and coming out."""
        if self._sample_shape is None:
            raise ValueError(
                f"model {self.name!r} does not know the shape of its input yet: give the first"
                " layer input_shape=(...), or call model.build((None, n_features)), or fit it"
            )
        out = self._layers[-1].output_shape[1:] if self._layers else self._sample_shape
        return self._sample_shape, tuple(n for n in out if n is not None)

    @property
    def _parameters(self) -> list[Parameter]:
        self._shapes()
        return [parameter for layer in self._layers for parameter in layer.parameters]

    @property
    def weights(self) -> list[NDArray[Any]]:
        """The live parameters: kernel and bias of the first layer, of the second, and so on."""
        return [parameter.value for parameter in self._parameters]

    trainable_weights = weights

    def get_weights(self) -> list[NDArray[Any]]:
        """Copies of ``weights``."""
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Copy ``weights`` into the model; ValueError naming both shapes if one differs."""
        parameters = self._parameters
        check_weights(self.name, parameters, weights)
        for parameter, values in zip(parameters, weights, strict=True):
            parameter.assign(values)

    def count_params(self) -> int:
        """The number of weights and biases."""
        return sum(math.prod(parameter.shape) for parameter in self._parameters)

    def summary(
        self, line_length: int = 65, print_fn: Callable[[str], object] | None = None
    ) -> None:
        """Print the layers, the shapes that come out of them and their numbers of parameters.

        A notebook shows them as a table; ``print_fn`` is called with each line instead. Raises
        ValueError if the shape of a sample is not known yet.
        """
        self._shapes()
        table = Summary(self, line_length)
        if print_fn is None:
            table.show()
            return
        for line in table.lines:
            print_fn(line)

    def __repr__(self) -> str:
        """Class, name and number of layers."""
        return f"<{type(self).__name__} {self.name!r} of {len(self._layers)} layers>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the table of ``summary``."""
        return model_html(self)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the compiled network, which is made again from the weights."""
        return self.__dict__ | {"_net": None}

    def _network(self) -> ops.Network:
        if self._net is None:
            stages = [stage for layer in self._layers for stage in layer.stages()]
            n_in = math.prod(self._shapes()[0])
            self._net = ops.Network(stages or [ops.Activation("linear")], n_in, self.dtype)
        return self._net


def _check_layer(layer: object, others: Sequence[Layer]) -> None:
    if isinstance(layer, type) and issubclass(layer, Layer):
        raise TypeError(f"{layer.__name__} is a class: write {layer.__name__}(...)")
    if isinstance(layer, LayerStack):
        raise TypeError(
            "a model cannot be a layer of another: use Sequential([*model.layers, ...]); its layers"
            " keep their weights"
        )
    if not isinstance(layer, Layer):
        raise TypeError(f"a model is made of layers such as layers.Dense(10), got {layer!r}")
    if any(layer is other for other in others):
        raise ValueError(f"layer {layer.name!r} is in the model already")
    if any(layer.name == other.name for other in others):
        raise ValueError(f"two layers are called {layer.name!r}: give one another name=")
