"""The small model most tests train."""

from __future__ import annotations

from densefit import Sequential, layers

__all__ = ["classifier"]


def classifier(*, optimizer: object = "sgd", **kwargs: object) -> Sequential:
    """6-8-3, compiled for integer labels."""
    model = Sequential(
        [layers.Dense(8, "relu", input_shape=(6,)), layers.Dense(3, "softmax")],
        **kwargs,  # type: ignore[arg-type]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
    return model
