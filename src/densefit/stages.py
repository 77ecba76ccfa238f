"""What a network is made of, and what a pass over data gives, as ops takes and returns them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from densefit.validation import Floats

__all__ = [
    "FUSED_ACTIVATIONS",
    "Activation",
    "Dense",
    "Dropout",
    "GaussianNoise",
    "Stage",
    "Totals",
    "describe",
    "without_activation",
]

# Those that a dense stage of the kernels applies itself; the others are stages of their own.
FUSED_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid")
_ALPHAS = {"elu": 1.0, "leaky_relu": 0.2}  # of an activation told by its name alone


@dataclass(frozen=True, eq=False)
class Dense:
    """out = activation(in·w + b), w (D, M), b (M,); both are live and updated in place."""

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


def describe(stages: Sequence[Stage], n_in: int) -> Iterator[tuple[Any, ...]]:
    """The stages as the kernels take them; what a dense one cannot apply is one more."""
    width = n_in
    for stage in stages:
        if isinstance(stage, Dense):
            name, width = stage.activation, stage.w.shape[1]
            fused = name in FUSED_ACTIVATIONS
            yield "dense", name if fused else "linear", stage.w, stage.b, stage.w_l1, stage.w_l2
            if not fused:
                yield "activation", name, width, _ALPHAS.get(name, 0.0)
        elif isinstance(stage, Activation):
            yield "activation", stage.name, width, stage.alpha
        elif isinstance(stage, Dropout):
            yield "dropout", stage.rate, width
        else:
            yield "noise", stage.stddev, width


def without_activation(described: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The described stages without the activation that the last one is, or has."""
    *rest, last = described
    return [*rest, ("dense", "linear", *last[2:])] if last[0] == "dense" else rest
