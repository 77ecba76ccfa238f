"""Input: says the shape of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from densefit.layers.base import Layer, check_shape

__all__ = ["Input", "InputLayer"]


class InputLayer(Layer):
    """The shape of one sample, as first entry of a model; not shown in its table."""

    def __init__(
        self,
        shape: Sequence[int] | None = None,
        *,
        input_shape: Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        """``shape`` and ``input_shape`` mean the same; TypeError if neither is given."""
        super().__init__(**kwargs)
        self.declared_shape = check_shape("shape", input_shape if shape is None else shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        assert self.declared_shape is not None
        return {"name": self.name, "shape": list(self.declared_shape)}


def Input(shape: Sequence[int], **kwargs: Any) -> InputLayer:
    """``Input(shape=(28, 28))``: the first entry of a ``Sequential``."""
    return InputLayer(shape, **kwargs)
