"""The published criteria, against their definitions and on curves whose values are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit.learning_curves import criteria

curves = st.lists(st.floats(0.01, 10), min_size=3, max_size=120).map(np.array)


@given(curves, st.integers(0, 6))
def test_smoothing_is_the_shrinking_centred_mean(v: np.ndarray, half: int) -> None:
    s = criteria.smooth(v, half)
    for i in range(len(v)):
        h = min(half, i, len(v) - 1 - i)
        assert s[i] == pytest.approx(v[i - h : i + h + 1].mean(), rel=1e-9)


@given(st.integers(3, 60), st.floats(-2, 2), st.floats(0.1, 3))
def test_a_straight_line_has_no_noise(n: int, slope: float, start: float) -> None:
    assert criteria.noise(start + slope * np.arange(n)) < 1e-12


def test_the_noise_of_noise_is_its_deviation() -> None:
    v = 0.3 * np.random.default_rng(1).standard_normal(20_000)
    assert abs(criteria.noise(v) - 0.3) < 0.01


def test_generalization_loss_by_hand() -> None:
    v = np.array([2.0, 1.0, 1.1, 1.5])
    assert criteria.generalization_loss(v) == pytest.approx([0, 0, 10, 50])


def test_training_progress_and_quotient_by_hand() -> None:
    t, v = np.array([1.0, 0.5, 0.4, 0.6]), np.array([1.0, 1.0, 1.0, 1.2])
    assert criteria.training_progress(t, 3) == pytest.approx(1000 * (0.5 / 0.4 - 1))
    assert criteria.progress_quotient(v, t, 3) == pytest.approx(20 / 250)


@pytest.mark.parametrize(
    ("values", "strips"),
    [([3, 2, 1], 0), ([1, 2, 3], 2), ([3, 1, 2, 3], 2), ([1, 5, 2, 3], 1)],
)
def test_rising_strips_by_hand(values: list[float], strips: int) -> None:
    assert criteria.rising_strips(np.array(values, dtype=float), 1) == strips


@given(curves)
def test_the_trend_of_a_reversed_curve_is_the_opposite(v: np.ndarray) -> None:
    up, down = criteria.mann_kendall(v), criteria.mann_kendall(v[::-1])
    if len(v) <= criteria.TREND_POINTS:
        assert up + down == pytest.approx(1)


@pytest.mark.parametrize("n", [10, 100, 1000])
def test_the_trend_of_a_rise_is_certain_and_of_noise_is_not(n: int) -> None:
    assert criteria.mann_kendall(np.arange(float(n))) > 0.999
    assert criteria.mann_kendall(np.ones(n)) == 0.5
    found = [
        criteria.mann_kendall(np.random.default_rng(seed).standard_normal(n)) for seed in range(200)
    ]
    assert 0.02 < np.mean(np.array(found) > 0.95) < 0.09


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.data())
def test_a_run_is_the_longest_around_its_index(inside: list[bool], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(inside) - 1))
    inside[index] = True
    first, last = criteria.run_around(index, np.array(inside))
    assert first <= index <= last
    assert all(inside[first : last + 1])
    assert first == 0 or not inside[first - 1]
    assert last == len(inside) - 1 or not inside[last + 1]
