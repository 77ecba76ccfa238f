"""Activations as layers of their own."""

from __future__ import annotations

from typing import Any

from densefit import activations
from densefit.layers.base import Layer, Shape

__all__ = ["ELU", "Activation", "LeakyReLU", "ReLU", "Softmax"]


class Activation(Layer):
    """a = activation(z); any shape for elementwise ones, (N, C) for softmax; no weights."""

    def __init__(self, activation: object, **kwargs: Any) -> None:
        """Raise ValueError for an unknown name."""
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The same shape; ValueError for a softmax over samples that are not flat."""
        if self.activation.name == "softmax" and len(input_shape) != 1:
            raise ValueError(
                f"layer {self.name!r}: softmax takes flat samples (n_classes,), got samples of"
                f" shape {input_shape}: put layers.Flatten() before it"
            )
        return input_shape

    def stages(self) -> list[Any]:
        """One stage."""
        return [self.activation.stage()]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        return super().get_config() | {"activation": activations.serialize(self.activation)}


class _Fixed(Activation):
    """A layer named after its activation."""

    function = activations.linear

    def __init__(self, **kwargs: Any) -> None:
        own = {k: kwargs.pop(k) for k in dict(self.function.parameters) if k in kwargs}
        super().__init__(self.function.with_parameters(**own), **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        config = super().get_config() | dict(self.activation.parameters)
        del config["activation"]
        return config


class ReLU(_Fixed):
    """a = max(z, 0)."""

    function = activations.relu


class Softmax(_Fixed):
    """a = exp(z) / Σ exp(z), shape (N, C)."""

    function = activations.softmax


class ELU(_Fixed):
    """a = z, or alpha · (exp(z) - 1) below 0; ``alpha`` is 1 unless given."""

    function = activations.elu


class LeakyReLU(_Fixed):
    """a = z, or negative_slope · z below 0; ``negative_slope`` is 0.3 unless given, as in Keras."""

    function = activations.leaky_relu.with_parameters(negative_slope=0.3)

    def __init__(self, **kwargs: Any) -> None:
        """``alpha`` is Keras 2's name of ``negative_slope``."""
        if "alpha" in kwargs:
            kwargs["negative_slope"] = kwargs.pop("alpha")
        super().__init__(**kwargs)
