"""Learning rates as functions of the step, the number of mini-batches trained so far.

A schedule is called with one step or an array of steps and answers in float64. Training is to
give the same bits on every machine, so exp and cos are computed here from IEEE operations
alone, not by the C library, whose last bit differs from one system to the next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
]

Array = NDArray[np.float64]

# ln 2 in two parts, the first with trailing zeros, so that n·ln 2 is subtracted exactly
# (Cody and Waite 1980).
_LN2 = float.fromhex("0x1.62e42fefa39efp-1")
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")

# Decimal logarithms are correctly rounded, the same everywhere.
_DECIMAL = Context(prec=40)


def _polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    """Σ coefficients[k]·x^k by Horner's rule."""
    value = np.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        value = value * x + c
    return value


def _exp(x: Array) -> Array:
    """exp(x) = 2ⁿ·exp(r), |r| ≤ ln 2 / 2, exp(r) by its Taylor series to r¹³; error < 2 ulp."""
    x = np.clip(x, -745.0, 709.0)
    n = np.rint(x / _LN2)
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    exp_r = _polynomial(r, [1 / math.factorial(k) for k in range(14)])
    return np.asarray(np.ldexp(exp_r, n.astype(int)))


def _cos_pi(t: Array) -> Array:
    """cos(πt) = -sin(π(t - ½)) for t in [0, 1], the sine by its Taylor series to x²³."""
    x = math.pi * (t - 0.5)
    return -x * _polynomial(x * x, [(-1) ** k / math.factorial(2 * k + 1) for k in range(12)])


def _positive(name: str, value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a finite number above 0, got {value!r}")
    return float(value)


class LearningRateSchedule:
    """Base of the schedules; your own needs ``__call__(step)``."""

    def __call__(self, step: ArrayLike) -> Array:
        """The learning rate at ``step``, of the same shape."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return dict(vars(self))


class _Decay(LearningRateSchedule):
    """Decay over ``decay_steps``; in stairs if ``staircase``."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
    ) -> None:
        self.initial_learning_rate = _positive("initial_learning_rate", initial_learning_rate)
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.decay_rate = _positive("decay_rate", decay_rate)
        self.staircase = bool(staircase)

    def _elapsed(self, step: ArrayLike) -> Array:
        elapsed = np.asarray(step, dtype=np.float64) / self.decay_steps
        return np.floor(elapsed) if self.staircase else elapsed


class ExponentialDecay(_Decay):
    """initial · decay_rate^(step / decay_steps)."""

    def __call__(self, step: ArrayLike) -> Array:
        """The learning rate at ``step``, of the same shape."""
        log_rate = float(_DECIMAL.ln(Decimal(self.decay_rate)))
        return self.initial_learning_rate * _exp(self._elapsed(step) * log_rate)


class InverseTimeDecay(_Decay):
    """initial / (1 + decay_rate · step / decay_steps)."""

    def __call__(self, step: ArrayLike) -> Array:
        """The learning rate at ``step``, of the same shape."""
        return self.initial_learning_rate / (1.0 + self.decay_rate * self._elapsed(step))


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and including step boundaries[0], then values[1], and so on."""

    def __init__(self, boundaries: Sequence[float], values: Sequence[float]) -> None:
        """Raise ValueError unless boundaries rise and there is one value more than boundaries."""
        if len(values) != len(boundaries) + 1:
            raise ValueError(
                f"values must be one more than boundaries, got {len(values)} and {len(boundaries)}"
            )
        if any(a >= b for a, b in pairwise(boundaries)):
            raise ValueError(f"boundaries must rise, got {list(boundaries)}")
        self.boundaries = list(boundaries)
        self.values = [_positive("every value", value) for value in values]

    def __call__(self, step: ArrayLike) -> Array:
        """The learning rate at ``step``, of the same shape."""
        index = np.searchsorted(self.boundaries, np.asarray(step, dtype=np.float64), side="left")
        return np.asarray(np.asarray(self.values)[index])


class CosineDecay(LearningRateSchedule):
    """initial · ((1 - alpha) · (1 + cos(π·t)) / 2 + alpha), t = step / decay_steps up to 1.

    With ``warmup_steps`` the rate first rises in a line from ``initial_learning_rate`` to
    ``warmup_target``, and decays from there (Loshchilov and Hutter 2017). Raises ValueError for a
    number out of its domain.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        if not (0 <= initial_learning_rate < math.inf):
            raise ValueError(f"initial_learning_rate must be finite, got {initial_learning_rate!r}")
        self.initial_learning_rate = float(initial_learning_rate)
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.alpha = float(alpha)
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: ArrayLike) -> Array:
        """The learning rate at ``step``, of the same shape."""
        step = np.asarray(step, dtype=np.float64)
        if self.warmup_target is None:
            return self._decayed(self.initial_learning_rate, step)
        rise = self.warmup_target - self.initial_learning_rate
        warming = self.initial_learning_rate + rise * (step / max(self.warmup_steps, 1))
        decayed = self._decayed(self.warmup_target, np.maximum(step - self.warmup_steps, 0.0))
        return np.where(step < self.warmup_steps, warming, decayed)

    def _decayed(self, initial: float, step: Array) -> Array:
        cosine = 0.5 * (1.0 + _cos_pi(np.minimum(step / self.decay_steps, 1.0)))
        return initial * ((1.0 - self.alpha) * cosine + self.alpha)
