"""How the judge reads curves, and which remedies suit them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from example_curves import FALLING, STILL_FALLING, TURNING, given_reading
from grader.diagnosis.answers import REMEDIES, Remedy
from grader.diagnosis.criteria import noise, read, smooth
from grader.diagnosis.remedies import SUITABLE, objection

words = st.text('ax_学0."\\', max_size=5)
scalars = st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | words

# --- criteria -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("curve_1", "overfitting"),
        ("curve_2", "underfitting"),
        ("curve_3", "good_fit"),
        ("curve_4", "good_fit"),
    ],
)
def test_each_given_curve_has_one_reading(name: str, verdict: str) -> None:
    assert given_reading(name).verdicts == (verdict,)


@pytest.mark.parametrize(
    ("curve", "baseline", "verdict"),
    [
        (TURNING, 0.5, "overfitting"),
        (FALLING, 0.5, "good_fit"),
        (FALLING, 0.25, "underfitting"),
        (STILL_FALLING, 1.0, "underfitting"),
    ],
)
def test_verdicts_of_clean_curves(curve: list[float], baseline: float, verdict: str) -> None:
    assert read(curve, baseline).verdicts == (verdict,)


def test_the_best_epoch_of_a_clean_curve_is_its_minimum() -> None:
    reading = read(TURNING, 0.5)
    assert abs(reading.best - (int(np.argmin(TURNING)) + 1)) <= 1
    assert reading.is_best(int(np.argmin(TURNING)) + 1)
    assert not reading.is_best(40)
    assert reading.tied[1] - reading.tied[0] <= 6


curves = st.lists(st.floats(0.01, 10), min_size=3, max_size=80)


@given(curves, st.floats(0.1, 5))
def test_a_reading_is_consistent(values: list[float], baseline: float) -> None:
    r = read(values, baseline)
    assert 1 <= r.tied[0] <= r.best <= r.tied[1] <= r.epochs == len(values)
    assert 1 <= r.onset[0] <= r.onset[1] <= r.epochs
    assert r.is_best(int(np.argmin(values)) + 1)
    assert r.verdicts


@given(curves, st.floats(0.1, 5), st.floats(0.5, 20))
def test_a_reading_does_not_depend_on_the_unit_of_the_loss(
    values: list[float], baseline: float, unit: float
) -> None:
    one, other = read(values, baseline), read([unit * v for v in values], unit * baseline)
    assert one.best == other.best or np.isclose(
        smooth(np.array(values), min(len(values) // 20, 3))[other.best - 1],
        smooth(np.array(values), min(len(values) // 20, 3)).min(),
    )
    assert np.isclose(one.rise, other.rise, atol=1e-6)


@given(st.integers(3, 60), st.floats(-2, 2), st.floats(0.1, 3))
def test_a_straight_line_has_no_noise(n: int, slope: float, start: float) -> None:
    assert noise(start + slope * np.arange(n)) < 1e-12


def test_the_noise_of_noise_is_its_deviation() -> None:
    v = 0.3 * np.random.default_rng(1).standard_normal(20_000)
    assert abs(noise(v) - 0.3) < 0.01


@given(curves, st.integers(0, 3))
def test_smoothing_stays_within_the_values(values: list[float], half: int) -> None:
    s = smooth(np.array(values), half)
    assert s.shape == (len(values),)
    assert min(values) - 1e-12 <= s.min()
    assert s.max() <= max(values) + 1e-12


# --- remedies -----------------------------------------------------------------------------------

SENSIBLE = {
    "early_stopping": {"epoch": 12},
    "dropout": {"rate": 0.5},
    "l1": {"strength": 1e-3},
    "l2": {"strength": 1e-3},
    "fewer_units": {"units": [16]},
    "more_units": {"units": [128, 64]},
    "more_epochs": {"epochs": 200},
    "learning_rate": {"learning_rate": 0.5},
    "more_data": {"samples": 5000},
    "augmentation": {"transforms": ["shift"]},
    "none": {},
}
SETTING = {"units": [64], "samples": 700, "learning_rate": 0.1}
READINGS = {
    "overfitting": read(TURNING, 0.5),
    "good_fit": read(FALLING, 0.5),
    "underfitting": read(STILL_FALLING, 1.0),
}


@pytest.mark.parametrize("verdict", READINGS)
@pytest.mark.parametrize("kind", REMEDIES)
def test_a_remedy_is_right_for_its_verdicts_and_no_other(kind: str, verdict: str) -> None:
    setting = {"epoch": READINGS[verdict].best} if kind == "early_stopping" else SENSIBLE[kind]
    found = objection(Remedy(kind, setting), READINGS[verdict], SETTING)
    assert (found is None) == (kind in SUITABLE[verdict])


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        ("dropout", {"rate": 0.99}),
        ("dropout", {"rate": "half"}),
        ("dropout", {}),
        ("early_stopping", {"epoch": 39}),
        ("early_stopping", {"patience": 1000}),
        ("fewer_units", {"units": [64]}),
        ("fewer_units", {"units": "small"}),
        ("l2", {"strength": 10}),
        ("more_data", {"samples": 700}),
        ("augmentation", {"transforms": ["magic"]}),
    ],
)
def test_a_remedy_needs_a_sensible_configuration(kind: str, setting: dict[str, Any]) -> None:
    found = objection(Remedy(kind, setting), READINGS["overfitting"], SETTING)
    assert found is not None
    assert found["en"] != found["ja"]


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        ("more_units", {"units": [32]}),
        ("more_epochs", {"epochs": 40}),
        ("learning_rate", {"learning_rate": 0.1}),
    ],
)
def test_more_must_be_more(kind: str, setting: dict[str, Any]) -> None:
    assert objection(Remedy(kind, setting), READINGS["underfitting"], SETTING) is not None


@given(st.sampled_from(sorted(REMEDIES)), st.lists(scalars, max_size=2))
def test_any_configuration_gets_an_answer(kind: str, values: list[Any]) -> None:
    known = dict(zip(REMEDIES[kind], values, strict=False))
    for reading in READINGS.values():
        for own in (SETTING, {}, {"units": "x", "learning_rate": "y", "samples": None}):
            found = objection(Remedy(kind, known), reading, own)
            assert found is None or set(found) == {"en", "ja"}
