"""What a network is made of, and what a pass over data gives, as ops takes and returns them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from densefit.validation import Floats

__all__ = ["Activation", "Dense", "Dropout", "Stage", "Totals"]


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
    """An activation as a stage of its own."""

    name: str


@dataclass(frozen=True)
class Dropout:
    """While training, sets a share ``rate`` to 0 and multiplies the rest by 1 / (1 - rate)."""

    rate: float


Stage = Dense | Activation | Dropout


class Totals(NamedTuple):
    """Sums over the samples of a call: of weight · loss, of the penalty of their mini-batch, of
    those classified correctly (not weighted, as in Keras), of the weights, and their number.
    """

    loss: float
    penalty: float
    correct: float
    weight: float
    samples: int
