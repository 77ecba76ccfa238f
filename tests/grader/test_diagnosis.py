"""Reading ``diagnosis.toml``: what was meant, what is right, and what is said about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.diagnosis import DiagnosisItem, check_diagnosis
from grader.diagnosis.answers import REMEDIES, Answers, Problem, Remedy, parse
from grader.diagnosis.criteria import Reading, noise, read, smooth
from grader.diagnosis.remedies import SUITABLE, objection
from submissions import build

FOLDER = build.SOLUTION.parent
TEMPLATE = (FOLDER / "diagnosis.toml").read_text(encoding="utf-8")
CURVES = ("curve_1", "curve_2", "curve_3", "curve_4")
EPOCHS = np.arange(1, 41)
FALLING = (0.5 + np.exp(-EPOCHS / 3)).tolist()
TURNING = (0.5 + np.exp(-EPOCHS / 3) + np.maximum(EPOCHS - 12, 0) * 0.01).tolist()
STILL_FALLING = (2.0 - 0.03 * EPOCHS).tolist()
HISTORY = {"loss": FALLING, "val_loss": TURNING, "accuracy": FALLING, "val_accuracy": FALLING}
HISTORY |= {k: (np.array(HISTORY[k]) / 2).tolist() for k in ("accuracy", "val_accuracy")}
RIGHT = """
[curve_1]
verdict = "過学習"
best_epoch = 18
onset = 24
remedy = { kind = "dropout", rate = 0.5 }
[curve_2]
verdict = "underfitting"
best_epoch = 40
onset = "none"
remedy = { kind = "more_units", units = [64] }
[curve_3]
verdict = "good_fit"
best_epoch = 55
onset = "なし"
remedy = { kind = "none" }
[curve_4]
verdict = "適切"
best_epoch = 46
onset = "none"
remedy = "none"
[own]
history = "history.json"
setting = { units = [64], samples = 700, learning_rate = 0.1 }
verdict = "overfitting"
best_epoch = 12
onset = 15
remedy = { kind = "early_stopping", epoch = 12 }
reason = "the validation loss turns"
"""


def beside(name: str) -> str | None:
    return json.dumps(HISTORY) if name == "history.json" else None


def items(text: str | None) -> dict[str, DiagnosisItem]:
    return {i.name: i for i in check_diagnosis(text, FOLDER, beside)}


def one(section: str, lines: str, part: str) -> DiagnosisItem:
    return items(f"[{section}]\n{lines}\n")[f"{section}.{part}"]


# --- the whole ----------------------------------------------------------------------------------


def test_right_answers_get_full_marks() -> None:
    found = check_diagnosis(RIGHT, FOLDER, beside)
    assert [i for i in found if i.status != "passed"] == []
    assert sum(i.points for i in found) == sum(i.max_points for i in found) == 20


def test_nothing_handed_in_is_skipped_with_a_sentence() -> None:
    found = check_diagnosis(None, FOLDER)
    assert Counter(i.status for i in found) == {"skipped": 20}
    assert all("diagnosis.toml" in i.message[language] for i in found for language in ("en", "ja"))
    assert sum(i.points for i in found) == 0


def test_the_untouched_template_is_unanswered_and_no_error() -> None:
    found = check_diagnosis(TEMPLATE, FOLDER, beside)
    assert Counter(i.status for i in found) == {"skipped": 20}


@pytest.mark.parametrize(
    "text", ["[curve_1", "verdict = underfitting", "\x00", "a = " + "[" * 5000]
)
def test_what_is_not_toml_is_one_readable_error(text: str) -> None:
    (item,) = check_diagnosis(text, FOLDER)
    assert (item.status, item.points, item.max_points) == ("error", 0, 20)
    assert "template" in item.message["en"]


def test_every_part_counts_by_itself() -> None:
    found = items(RIGHT.replace("best_epoch = 18", "best_epoch = 60"))
    assert {n for n, i in found.items() if i.status != "passed"} == {"curve_1.best_epoch"}


def test_reason_is_never_scored() -> None:
    def points(text: str) -> float:
        return sum(i.points for i in items(text).values())

    assert points(RIGHT) == points(RIGHT.replace("the validation loss turns", "no idea"))


words = st.text('ax_学0."\\', max_size=5)
scalars = st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | words
junk = st.dictionaries(
    st.sampled_from(["verdict", "best_epoch", "onset", "remedy", "history", "setting", "odd"]),
    scalars | st.lists(scalars, max_size=3),
    max_size=6,
)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if value is None or isinstance(value, str):
        return json.dumps(value or "").replace("\x7f", "")
    return repr(value)


@given(st.dictionaries(st.sampled_from([*CURVES, "own", "odd"]), junk))
def test_whatever_is_written_gets_an_answer(tables: Mapping[str, Mapping[str, Any]]) -> None:
    text = "\n".join(
        f"[{name}]\n" + "\n".join(f"{k} = {_toml(v)}" for k, v in table.items())
        for name, table in tables.items()
    )
    for item in check_diagnosis(text, FOLDER, beside):
        assert item.status in {"passed", "failed", "skipped", "error"}
        assert 0 <= item.points <= item.max_points
        assert item.message["en"]
        assert item.message["ja"]


# --- what was meant -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("過学習", "passed"),
        ("Overfitting", "passed"),
        ("学習不足", "failed"),
        ("good-fit", "failed"),
    ],
)
def test_verdict_words(said: str, status: str) -> None:
    assert one("curve_1", f'verdict = "{said}"', "verdict").status == status


def test_an_unknown_verdict_gets_the_nearest_known() -> None:
    item = one("curve_1", 'verdict = "overfiting"', "verdict")
    assert item.status == "error"
    assert "Did you mean 'overfitting'?" in item.message["en"]
    assert "「overfitting」のことですか" in item.message["ja"]


def test_unknown_keys_and_tables_are_named() -> None:
    found = check_diagnosis('[curve_1]\nverdit = "x"\n[curve_9]\n', FOLDER)
    said = " ".join(i.message["en"] for i in found if i.name == "diagnosis.toml")
    assert "'verdit' in [curve_1]" in said
    assert "Did you mean 'verdict'" in said
    assert "'curve_9'" in said


@pytest.mark.parametrize(
    ("line", "fragment"),
    [
        ('best_epoch = "18"', "without quotes: best_epoch = 18"),
        ("best_epoch = 18.5", "whole number"),
        ("best_epoch = -3", "epochs count from 1"),
        ("best_epoch = true", "whole number"),
        ('best_epoch = "eighteen"', "whole number"),
    ],
)
def test_an_epoch_that_is_no_number(line: str, fragment: str) -> None:
    item = one("curve_1", line, "best_epoch")
    assert (item.status, item.points) == ("error", 0)
    assert fragment in item.message["en"]


def test_an_epoch_beyond_the_end_is_said() -> None:
    item = one("curve_2", "best_epoch = 41", "best_epoch")
    assert item.status == "failed"
    assert "1 to 40" in item.message["en"]


def test_counting_from_zero_by_declaration() -> None:
    found = items("first_epoch = 0\n[curve_2]\nbest_epoch = 39\n")
    assert found["curve_2.best_epoch"].status == "passed"
    assert "1 was added" in found["diagnosis.toml"].message["en"]


def test_counting_from_zero_is_recognised_by_a_zero() -> None:
    found = items("[curve_1]\nonset = 0\n[curve_2]\nbest_epoch = 39\n")
    assert found["curve_2.best_epoch"].status == "passed"
    assert "1 was added" in found["diagnosis.toml"].message["en"]


def test_counting_from_zero_is_recognised_by_being_one_early() -> None:
    first = _reading("curve_1").tied[0]
    item = one("curve_1", f"best_epoch = {first - 1}", "best_epoch")
    assert item.status == "passed"
    assert "count epochs from 0" in item.message["en"]
    declared = items(f"first_epoch = 1\n[curve_1]\nbest_epoch = {first - 1}\n")
    assert declared["curve_1.best_epoch"].status == "failed"


@pytest.mark.parametrize(
    ("history", "fragment"),
    [
        ({"loss": [1, 2, 3]}, "lacks 'val_loss'"),
        ({"loss": [1, 2, 3], "val_loss": [1, 2]}, "loss 3, val_loss 2"),
        ({"loss": [1, "a", 3], "val_loss": [1, 2, 3]}, "'loss'] at epoch 2 is 'a'"),
        ({"loss": [1, 2, 3], "val_loss": [1, 2, float("nan")]}, "'val_loss'] at epoch 3 is 'nan'"),
        ({"loss": [1, -2, 3], "val_loss": [1, 2, 3]}, "epoch 2 is '-2'"),
        ({"loss": [1], "val_loss": [1]}, "at least 3 epochs"),
        ({"loss": 3, "val_loss": 3}, "one number per epoch"),
        ([1, 2], "table of lists"),
    ],
)
def test_a_history_that_is_none_names_key_epoch_and_value(history: Any, fragment: str) -> None:
    text = '[own]\nhistory = "h.json"\nverdict = "overfitting"\n'
    found = check_diagnosis(text, FOLDER, lambda name: json.dumps(history))
    item = next(i for i in found if i.name == "own.verdict")
    assert item.status == "error"
    assert fragment in item.message["en"]


def test_a_history_file_that_is_missing_or_no_json() -> None:
    text = '[own]\nhistory = "h.json"\n'
    for given_text, fragment in ((None, "was not handed in"), ("{", "is not JSON")):
        found = check_diagnosis(text, FOLDER, lambda name, t=given_text: t)
        assert fragment in next(i for i in found if i.name == "own.verdict").message["en"]


def test_a_history_may_stand_in_the_file_and_in_percent() -> None:
    values = [round(v, 3) for v in TURNING]
    text = f"[own.history]\nloss = {values}\nval_loss = {values}\naccuracy = {[90] * 40}\n"
    answers = parse(text, CURVES)
    assert isinstance(answers, Answers)
    assert isinstance(answers.history, dict)
    assert answers.history["accuracy"] == [0.9] * 40
    item = one("own", f"verdict = 'overfitting'\n{text}", "verdict")
    assert item.status == "passed"


# --- criteria -----------------------------------------------------------------------------------


def _reading(name: str) -> Reading:
    def val_loss(curve: str) -> list[float]:
        text = (FOLDER / "curves" / f"{curve}.json").read_text(encoding="utf-8")
        values: list[float] = json.loads(text)["history"]["val_loss"]
        return values

    return read(val_loss(name), min(val_loss("baseline")))


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
    assert _reading(name).verdicts == (verdict,)


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


def test_an_unknown_remedy_gets_the_nearest_known() -> None:
    answers = parse('[curve_1]\nremedy = { kind = "drop_out" }\n', CURVES)
    assert isinstance(answers, Answers)
    found = answers.curves["curve_1"].remedy
    assert isinstance(found, Problem)
    assert "Did you mean 'dropout'?" in found.message["en"]


@given(st.sampled_from(sorted(REMEDIES)), st.lists(scalars, max_size=2))
def test_any_configuration_gets_an_answer(kind: str, values: list[Any]) -> None:
    known = dict(zip(REMEDIES[kind], values, strict=False))
    for reading in READINGS.values():
        for own in (SETTING, {}, {"units": "x", "learning_rate": "y", "samples": None}):
            found = objection(Remedy(kind, known), reading, own)
            assert found is None or set(found) == {"en", "ja"}


def test_no_message_names_the_right_answer() -> None:
    wrong = RIGHT.replace("過学習", "適切").replace("best_epoch = 18", "best_epoch = 60")
    found = items(wrong.replace("onset = 24", "onset = 3"))
    reading = _reading("curve_1")
    for part in ("verdict", "best_epoch", "onset"):
        item = found[f"curve_1.{part}"]
        assert item.status == "failed"
        assert "過学習」" not in item.message["ja"]
        assert str(reading.best) not in item.message["en"].replace("60", "")
