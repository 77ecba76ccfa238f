"""The statistics: what a noisy machine may not change, and what they refuse."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.timing import fastest, ratio, summary

times = st.floats(1e-6, 1e6)
figures = st.lists(times, min_size=1, max_size=9)


@given(figures)
def test_a_summary_holds_median_and_extremes(values: list[float]) -> None:
    s = summary(values)
    assert s.low == min(values) <= s.median <= max(values) == s.high
    assert s.median == statistics.median(values)
    assert s.spread == pytest.approx((max(values) - min(values)) / s.median)


def test_a_summary_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        summary([])


@given(st.lists(st.tuples(times, st.floats(0.1, 10)), min_size=1, max_size=9), st.floats(0.1, 10))
def test_a_ratio_is_not_changed_by_slow_repetitions(
    repetitions: list[tuple[float, float]], factor: float
) -> None:
    """Whatever slows both sides of a repetition down cancels."""
    ours = [time * slowed for time, slowed in repetitions]
    theirs = [factor * time for time in ours]
    assert ratio(theirs, ours) == pytest.approx(factor)


def test_a_ratio_is_the_median_of_the_ratios() -> None:
    assert ratio([2.0, 30.0, 400.0], [1.0, 10.0, 1.0]) == 3.0


def test_a_ratio_needs_as_many_repetitions_of_both() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


def test_the_fastest_of_at_least_three_calls_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 5.0, 9.0, 10.0, 12.0, 16.0, 20.0])
    monkeypatch.setattr("benchmarks.timing.time.perf_counter", lambda: next(clock))
    assert fastest(lambda: None, 0.0) == 1.0
