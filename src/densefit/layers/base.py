"""What all layers share: a name, shapes, weights, stages of a network."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from densefit._naming import automatic_name
from densefit._seeds import WeightSeed
from densefit.backend import FloatType
from densefit.layers.parameter import Parameter

__all__ = ["Layer", "Shape", "check_count", "check_shape"]

Shape = tuple[int, ...]


def check_count(name: str, value: object) -> int:
    """``value`` as a positive int; TypeError or ValueError naming ``name`` otherwise."""
    try:
        count = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        count = None
    if count is None or isinstance(value, bool):
        raise TypeError(f"{name} must be a positive integer, got {type(value).__name__} {value!r}")
    if count < 1:
        raise ValueError(f"{name} must be at least 1, got {count}")
    return count


def check_shape(name: str, shape: object) -> Shape:
    """The shape of one sample as a tuple of ints; TypeError or ValueError otherwise."""
    if isinstance(shape, str) or not isinstance(shape, Sequence):
        raise TypeError(f"{name} must be a tuple such as (784,) or (28, 28), got {shape!r}")
    return tuple(check_count(f"every entry of {name}", n) for n in shape)


class Layer:
    """A layer: it knows the shape of a sample before and after it once it is built.

    Subclasses say which shape comes out (``compute_output_shape``), which parameters they have
    (``create_parameters``) and which stages of the compiled network they are (``stages``).
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        input_shape: Sequence[int] | None = None,
        input_dim: int | None = None,
        **unknown: object,
    ) -> None:
        """``input_shape`` is the shape of one sample, for the first layer of a model.

        Raise TypeError for an argument that the layer does not have.
        """
        if unknown:
            raise TypeError(f"{type(self).__name__} has no argument {next(iter(unknown))!r}")
        if input_dim is not None:
            input_shape = (check_count("input_dim", input_dim),)
        self.name = automatic_name(type(self).__name__) if name is None else str(name)
        self.declared_shape = (
            None if input_shape is None else check_shape("input_shape", input_shape)
        )
        self.parameters: list[Parameter] = []
        self._shapes: tuple[Shape, Shape] | None = None

    @property
    def built(self) -> bool:
        """Whether the layer knows its input shape and thereby its weights."""
        return self._shapes is not None

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Shape of a batch coming in, the number of samples being None: ``(None, 784)``."""
        return (None, *self._built_shapes()[0])

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Shape of a batch going out: ``(None, 128)``."""
        return (None, *self._built_shapes()[1])

    def build(
        self,
        input_shape: Shape,
        dtype: FloatType = "float32",
        seed: WeightSeed | None = None,
        stream: int = 0,
    ) -> Shape:
        """Fix the shape of a sample, create the parameters and return the shape that comes out.

        A layer used in a second model keeps its weights; ValueError if the shape is another one.
        """
        input_shape = check_shape("input_shape", input_shape)
        if self._shapes is not None:
            if self._shapes[0] != input_shape:
                raise ValueError(
                    f"layer {self.name!r} takes samples of shape {self._shapes[0]}, got"
                    f" {input_shape}"
                )
            if self.parameters and self.parameters[0].dtype != dtype:
                raise ValueError(
                    f"layer {self.name!r} has {self.parameters[0].dtype} weights, the model {dtype}"
                )
            return self._shapes[1]
        output_shape = self.compute_output_shape(input_shape)
        self.parameters = self.create_parameters(input_shape)
        seed = WeightSeed() if seed is None else seed
        for offset, parameter in enumerate(self.parameters):
            parameter.bind(dtype, seed, stream + offset)
        self._shapes = input_shape, output_shape
        return output_shape

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of a sample that comes out; ValueError if ``input_shape`` does not fit."""
        return input_shape

    def create_parameters(self, input_shape: Shape) -> list[Parameter]:
        """The layer's parameters for samples of ``input_shape``, in Keras's order."""
        return []

    def stages(self) -> list[Any]:
        """The stages of a compiled network that this layer is."""
        return []

    @property
    def weights(self) -> list[NDArray[Any]]:
        """The live parameters, kernel first."""
        return [parameter.value for parameter in self.parameters]

    def get_weights(self) -> list[NDArray[Any]]:
        """Copies of the parameters, kernel first."""
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Copy ``weights`` into the parameters; ValueError naming both shapes if one differs."""
        self._built_shapes()
        check_weights(self.name, self.parameters, weights)
        for parameter, values in zip(self.parameters, weights, strict=True):
            parameter.assign(values)

    def count_params(self) -> int:
        """The number of weights and biases."""
        self._built_shapes()
        return sum(math.prod(parameter.shape) for parameter in self.parameters)

    @property
    def trainable(self) -> bool:
        """Always True: freezing layers is not supported."""
        return True

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not value:
            raise NotImplementedError(f"layer {self.name!r}: densefit cannot freeze layers")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        config: dict[str, Any] = {"name": self.name}
        if self.declared_shape is not None:
            config["input_shape"] = list(self.declared_shape)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The layer whose ``get_config`` this is."""
        return cls(**config)

    def __call__(self, *args: object, **kwargs: object) -> None:
        """Layers are not callable here; raises NotImplementedError."""
        raise NotImplementedError(
            "densefit has no functional API: put the layers into"
            " densefit.Sequential([...]) and call model.predict(x)"
        )

    def __repr__(self) -> str:
        """Class, name and, once built, the shapes."""
        shapes = f", {self.input_shape} → {self.output_shape}" if self.built else ", not built"
        return f"<{type(self).__name__} {self.name!r}{shapes}>"

    def _built_shapes(self) -> tuple[Shape, Shape]:
        if self._shapes is None:
            raise ValueError(
                f"layer {self.name!r} has no shape or weights yet: give the first layer of the"
                " model input_shape=, or call model.build((None, n_features)), or fit it first"
            )
        return self._shapes


def check_weights(owner: str, parameters: Sequence[Parameter], weights: Sequence[Any]) -> None:
    """Raise ValueError unless ``weights`` has one array of the right shape per parameter."""
    if len(weights) != len(parameters):
        expected = ", ".join(str(parameter.shape) for parameter in parameters)
        raise ValueError(
            f"{owner!r} has {len(parameters)} weight arrays (shapes {expected or 'none'}),"
            f" got {len(weights)}"
        )
    for i, (parameter, values) in enumerate(zip(parameters, weights, strict=True)):
        if np.shape(values) != parameter.shape:
            raise ValueError(
                f"weights[{i}] must have the shape {parameter.shape} of {parameter.name!r},"
                f" got {np.shape(values)}"
            )
