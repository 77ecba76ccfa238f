"""What a network is made of, and what a pass over data gives, as ops takes and returns them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from densefit.validation import Floats

__all__ = ["Activation", "Dense", "Dropout", "GaussianNoise", "Stage", "Totals"]


@dataclass(frozen=True, eq=False)
class Dense:
    """out = activation(in·w + b); ``w`` and ``b`` are live and updated in place."""

    w: Floats
    b: Floats | None
    activation: str = "linear"
    w_l1: float = 0.0
    w_l2: float = 0.0


@dataclass(frozen=True)
class Activation:
    """An activation as a stage of its own; ``alpha`` is elu's, or leaky_relu's negative slope."""

    name: str
    alpha: float = 0.0


@dataclass(frozen=True)
class Dropout:
    """While training, sets a share ``rate`` to 0 and multiplies the rest by 1 / (1 - rate)."""

    rate: float


@dataclass(frozen=True)
class GaussianNoise:
    """While training, adds normal deviates of the standard deviation ``stddev``."""

    stddev: float


Stage = Dense | Activation | Dropout | GaussianNoise


class Totals(NamedTuple):
    """Sums over the samples of a call: of weight · loss, of the penalty of their mini-batch, of
    each metric (not weighted, as in Keras), and the number of samples.
    """

    loss: float
    penalty: float
    samples: int
    metrics: tuple[float, ...] = ()
