"""Flatten: images to vectors."""

from __future__ import annotations

import math

from densefit.layers.base import Layer, Shape

__all__ = ["Flatten"]


class Flatten(Layer):
    """(N, 28, 28) → (N, 784), in C order; no weights."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(d₁, d₂, …) → (d₁·d₂·…,)."""
        return (math.prod(input_shape),)
