"""Layers that disturb training and do nothing afterwards: dropout and Gaussian noise."""

from __future__ import annotations

from typing import Any

from densefit import ops
from densefit.layers.base import Layer

__all__ = ["Dropout", "GaussianNoise"]


def _refuse_seed(seed: object) -> None:
    if seed is not None:
        raise TypeError("layers draw from the seed of the training: use model.fit(..., seed=)")


class Dropout(Layer):
    """a = x · mask / (1 - rate) in training, a = x otherwise (Srivastava et al. 2014).

    Every element of the mask is 0 with probability ``rate``, else 1.
    """

    def __init__(self, rate: float, *, seed: None = None, **kwargs: Any) -> None:
        """Raise ValueError unless 0 ≤ rate < 1."""
        super().__init__(**kwargs)
        _refuse_seed(seed)
        if not 0 <= rate < 1:
            raise ValueError(
                f"rate is the share of values dropped, from 0 to below 1; got {rate!r}"
            )
        self.rate = float(rate)

    def stages(self) -> list[Any]:
        """One stage, or none if nothing is dropped."""
        return [ops.Dropout(self.rate)] if self.rate else []

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        return super().get_config() | {"rate": self.rate}


class GaussianNoise(Layer):
    """a = x + N(0, stddev²) in training, a = x otherwise."""

    def __init__(self, stddev: float, *, seed: None = None, **kwargs: Any) -> None:
        """Raise ValueError unless stddev ≥ 0."""
        super().__init__(**kwargs)
        _refuse_seed(seed)
        if not 0 <= stddev < float("inf"):
            raise ValueError(f"stddev must be a finite number of at least 0, got {stddev!r}")
        self.stddev = float(stddev)

    def stages(self) -> list[Any]:
        """One stage, or none without noise."""
        return [ops.GaussianNoise(self.stddev)] if self.stddev else []

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        return super().get_config() | {"stddev": self.stddev}
