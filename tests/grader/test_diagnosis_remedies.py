"""How the judge reads curves, and which remedies suit them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from example_curves import FALLING, STILL_FALLING, TURNING, given_reading
from grader.diagnosis.answers import REMEDIES, Remedy
from grader.diagnosis.reading import read
from grader.diagnosis.remedies import SUITABLE, objection


def history(val_loss: list[float]) -> dict[str, list[float]]:
    return {"loss": FALLING, "val_loss": val_loss}


words = st.text('ax_学0."\\', max_size=5)
scalars = st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | words

# --- the given curves -----------------------------------------------------------------------------


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
    "overfitting": read(history(TURNING), 0.5),
    "good_fit": read(history(FALLING), 0.5),
    "underfitting": read(history(STILL_FALLING), 1.0),
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
