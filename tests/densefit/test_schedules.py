"""Schedules against their formulas, and step by step against arrays."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit import optimizers, schedules
from densefit.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
)

steps = st.integers(0, 10**6)
FORMULAS: list[tuple[LearningRateSchedule, Callable[[int], float]]] = [
    (ExponentialDecay(0.1, 1000, 0.96), lambda s: 0.1 * 0.96 ** (s / 1000)),
    (ExponentialDecay(0.1, 1000, 0.5, staircase=True), lambda s: 0.1 * 0.5 ** (s // 1000)),
    (InverseTimeDecay(0.001, 20000, 1), lambda s: 0.001 / (1 + s / 20000)),
    (InverseTimeDecay(1, 7, 0.5, staircase=True), lambda s: 1 / (1 + 0.5 * (s // 7))),
    (
        PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.1]),
        lambda s: 1.0 if s <= 10 else 0.5 if s <= 20 else 0.1,
    ),
    (
        CosineDecay(0.1, 5000, alpha=0.1),
        lambda s: 0.1 * (0.9 * (1 + math.cos(math.pi * min(s / 5000, 1))) / 2 + 0.1),
    ),
    (
        CosineDecay(0.0, 5000, warmup_target=0.1, warmup_steps=100),
        lambda s: (
            0.1 * s / 100
            if s < 100
            else 0.1 * (1 + math.cos(math.pi * min((s - 100) / 5000, 1))) / 2
        ),
    ),
]


@pytest.mark.parametrize(("schedule", "formula"), FORMULAS)
@given(step=st.one_of(steps, st.integers(0, 30)))
def test_formula(
    schedule: LearningRateSchedule, formula: Callable[[int], float], step: int
) -> None:
    assert float(schedule(step)) == pytest.approx(formula(step), rel=1e-13, abs=1e-17)


@pytest.mark.parametrize(("schedule", "formula"), FORMULAS)
@given(start=steps, count=st.integers(0, 20))
def test_many_steps_are_each_step(
    schedule: LearningRateSchedule, formula: object, start: int, count: int
) -> None:
    rates = optimizers.SGD(schedule).learning_rates(start, count)
    assert rates.dtype == np.float64
    assert rates.tolist() == [float(schedule(start + i)) for i in range(count)]


@given(x=st.floats(-700, 700))
def test_exp(x: float) -> None:
    assert float(schedules._exp(np.array(x))) == pytest.approx(math.exp(x), rel=1e-15)


@given(t=st.floats(0, 1))
def test_cosine(t: float) -> None:
    assert float(schedules._cos_pi(np.array(t))) == pytest.approx(math.cos(math.pi * t), abs=4e-16)


@given(a=st.floats(1e-6, 1), rate=st.floats(0.01, 1), first=steps, second=steps)
def test_decay_never_rises(a: float, rate: float, first: int, second: int) -> None:
    early, late = sorted((first, second))
    for schedule in (ExponentialDecay(a, 100, rate), InverseTimeDecay(a, 100, rate)):
        assert schedule(late) <= schedule(early) <= a


def test_bad_values_are_named() -> None:
    with pytest.raises(ValueError, match=r"decay_steps must be .* above 0, got 0"):
        ExponentialDecay(0.1, 0, 0.5)
    with pytest.raises(ValueError, match="one more than boundaries, got 2 and 2"):
        PiecewiseConstantDecay([1, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match="boundaries must rise"):
        PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3])
