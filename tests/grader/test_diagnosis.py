"""Reading ``diagnosis.toml``: what was meant, what is right, and what is said about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from example_curves import FOLDER, FREE, HISTORY, TURNING, given_reading
from grader.diagnosis import DiagnosisItem, check_diagnosis
from grader.diagnosis.answers import Answers, Problem, parse

TEMPLATE = (FOLDER / "diagnosis.toml").read_text(encoding="utf-8")
CURVES = ("curve_1", "curve_2", "curve_3", "curve_4")
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
    return {i.name: i for i in check_diagnosis(text, FREE, beside)}


def one(section: str, lines: str, part: str) -> DiagnosisItem:
    return items(f"[{section}]\n{lines}\n")[f"{section}.{part}"]


# --- the whole ----------------------------------------------------------------------------------


def test_right_answers_get_full_marks() -> None:
    found = check_diagnosis(RIGHT, FREE, beside)
    assert [i for i in found if i.status != "passed"] == []
    assert sum(i.points for i in found) == sum(i.max_points for i in found) == 20


def test_nothing_handed_in_is_skipped_with_a_sentence() -> None:
    found = check_diagnosis(None, FREE)
    assert Counter(i.status for i in found) == {"skipped": 20}
    assert all("diagnosis.toml" in i.message[language] for i in found for language in ("en", "ja"))
    assert sum(i.points for i in found) == 0


def test_the_untouched_template_is_unanswered_and_no_error() -> None:
    found = check_diagnosis(TEMPLATE, FREE, beside)
    assert Counter(i.status for i in found) == {"skipped": 20}


@pytest.mark.parametrize(
    "text", ["[curve_1", "verdict = underfitting", "\x00", "a = " + "[" * 5000]
)
def test_what_is_not_toml_is_one_readable_error(text: str) -> None:
    (item,) = check_diagnosis(text, FREE)
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
    for item in check_diagnosis(text, FREE, beside):
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
    found = check_diagnosis('[curve_1]\nverdit = "x"\n[curve_9]\n', FREE)
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


def test_an_onset_is_accepted_within_its_window_only() -> None:
    first, last = given_reading("curve_1").onset
    statuses = [
        one("curve_1", f"onset = {e}", "onset").status for e in (first - 1, first, last, last + 1)
    ]
    assert statuses == ["failed", "passed", "passed", "failed"]
    assert one("curve_1", 'onset = "none"', "onset").status == "failed"
    assert one("curve_4", "onset = 40", "onset").status == "failed"


def test_counting_from_zero_by_declaration() -> None:
    first, last = given_reading("curve_1").tied
    statuses = {}
    for epoch in (first - 2, first - 1, last - 1, last):
        found = items(f"first_epoch = 0\n[curve_1]\nbest_epoch = {epoch}\n")
        statuses[epoch] = found["curve_1.best_epoch"].status
    assert list(statuses.values()) == ["failed", "passed", "passed", "failed"]
    assert "1 was added" in found["diagnosis.toml"].message["en"]


def test_counting_from_zero_is_recognised_by_a_zero() -> None:
    found = items("[curve_1]\nonset = 0\n[curve_2]\nbest_epoch = 39\n")
    assert found["curve_2.best_epoch"].status == "passed"
    assert "1 was added" in found["diagnosis.toml"].message["en"]


def test_counting_from_zero_is_recognised_by_being_one_early() -> None:
    first = given_reading("curve_1").tied[0]
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
    found = check_diagnosis(text, FREE, lambda name: json.dumps(history))
    item = next(i for i in found if i.name == "own.verdict")
    assert item.status == "error"
    assert fragment in item.message["en"]


def test_a_history_file_that_is_missing_or_no_json() -> None:
    text = '[own]\nhistory = "h.json"\n'
    for given_text, fragment in ((None, "was not handed in"), ("{", "is not JSON")):
        found = check_diagnosis(text, FREE, lambda name, t=given_text: t)
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


def test_an_unknown_remedy_gets_the_nearest_known() -> None:
    answers = parse('[curve_1]\nremedy = { kind = "drop_out" }\n', CURVES)
    assert isinstance(answers, Answers)
    found = answers.curves["curve_1"].remedy
    assert isinstance(found, Problem)
    assert "Did you mean 'dropout'?" in found.message["en"]


def test_no_message_names_the_right_answer() -> None:
    wrong = RIGHT.replace("過学習", "適切").replace("best_epoch = 18", "best_epoch = 60")
    found = items(wrong.replace("onset = 24", "onset = 3"))
    reading = given_reading("curve_1")
    for part in ("verdict", "best_epoch", "onset"):
        item = found[f"curve_1.{part}"]
        assert item.status == "failed"
        assert "過学習」" not in item.message["ja"]
        assert str(reading.best) not in item.message["en"].replace("60", "")
