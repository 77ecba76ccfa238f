"""Personal experiments: whose is whose, replayed bit for bit, judged by replicate seeds."""

from __future__ import annotations

import json
import math
import os
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from assignment4 import FOLDER
from grader.cli import cli
from grader.errors import AssignmentError
from grader.experiment import preparation
from grader.experiment.family import assigned
from grader.experiment.secret import make_secret, read_secret
from grader.experiment.statistics import student_t
from grader.sandbox.launch import environment
from personal import OVERFITTING, UNDERFITTING, family_of, history_of, make_assignment, own_items

SECRET = b"a secret of a course, long enough"
READING = '\nverdict = "overfitting"\nbest_epoch = 10\nonset = 20'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_assignment(tmp_path_factory.mktemp("assignment"))


@given(st.text(min_size=1, max_size=20), st.binary(min_size=16, max_size=40))
def test_a_variant_follows_from_secret_and_id(student: str, secret: bytes) -> None:
    family = family_of(FOLDER)
    number = assigned(family, secret, student)
    assert 1 <= number <= family.variants
    assert number == assigned(family, secret, f" {student} ")


def test_ids_are_spread_over_all_variants() -> None:
    family = family_of(FOLDER)
    counts = Counter(assigned(family, SECRET, f"s{i:07d}") for i in range(6400))
    assert len(counts) == family.variants
    assert max(counts.values()) < 2 * 6400 / family.variants


def test_a_secret_is_for_its_owners_eyes_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    make_secret(path)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(read_secret(path) or b"") == 64
    with pytest.raises(AssignmentError):
        make_secret(path)
    (tmp_path / "short").write_text("abc")
    with pytest.raises(AssignmentError):
        read_secret(tmp_path / "short")


def test_the_secret_does_not_reach_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SECRET_FILE", "course.secret")
    assert "secret" not in json.dumps(environment("home")).lower()


def test_the_right_history_and_reading_get_full_marks(folder: Path) -> None:
    family = family_of(folder)
    known = preparation.own(folder, family.fingerprint, UNDERFITTING)
    lines = (
        f'variant = {UNDERFITTING}\nverdict = "学習不足"\nbest_epoch = {known.statistics.best}\n'
        'onset = "none"\nremedy = { kind = "more_epochs", epochs = 40 }'
    )
    items = own_items(folder, lines, history_of(folder, UNDERFITTING))
    assert {part: i.points for part, i in items.items() if i.points < i.max_points} == {}
    assert sum(i.max_points for i in items.values()) == 9
    assert {f.media_type for i in items.values() for f in i.figures} == {"image/png"}


@pytest.mark.parametrize(("key", "epoch"), [("loss", 1), ("val_accuracy", 17), ("val_loss", 40)])
def test_the_first_difference_is_named(folder: Path, key: str, epoch: int) -> None:
    history = history_of(folder, OVERFITTING)
    history[key][epoch - 1] = 0.5 * history[key][epoch - 1] + 0.111
    items = own_items(folder, f"variant = {OVERFITTING}{READING}", history)
    assert f"{key} at epoch {epoch}" in items["history"].message["en"]
    assert f"エポック {epoch} の {key}" in items["history"].message["ja"]
    assert {i.points for i in items.values()} == {0}


def test_rounded_numbers_cost_the_history_only(folder: Path) -> None:
    history = history_of(folder, OVERFITTING)
    history["val_loss"][4] = math.nextafter(history["val_loss"][4], 9)
    items = own_items(folder, f"variant = {OVERFITTING}{READING}", history)
    assert "rounded" in items["history"].message["en"]
    assert "epoch 5" in items["history"].message["en"]
    assert items["verdict"].points == 2


def test_a_copied_history_is_traced_to_its_variant(folder: Path) -> None:
    items = own_items(folder, f"variant = 3{READING}", history_of(folder, 3), assigned=OVERFITTING)
    assert "variant 3" in items["history"].message["en"]
    assert "yours is variant 1" in items["history"].message["en"]
    assert {i.points for i in items.values()} == {0}


@pytest.mark.parametrize(
    ("line", "status", "fragment"),
    [
        ("", "skipped", "variant ="),
        ("variant = 99", "error", "1 to 6"),
        ('variant = "2"', "error", "without quotes"),
    ],
)
def test_a_missing_or_wrong_number_is_said(
    folder: Path, line: str, status: str, fragment: str
) -> None:
    items = own_items(folder, line, history_of(folder, 2))
    assert (items["history"].status, len(items)) == (status, 5)
    assert fragment in items["history"].message["en"]
    assert sum(i.max_points for i in items.values()) == 9


@pytest.mark.parametrize(
    ("number", "remedy", "helps"),
    [
        (UNDERFITTING, '{ kind = "learning_rate", learning_rate = 0.1 }', True),
        (UNDERFITTING, '{ kind = "dropout", rate = 0.5 }', False),
        (OVERFITTING, '{ kind = "more_data", samples = 600 }', True),
        (OVERFITTING, '{ kind = "l2", strength = 0.000001 }', False),
    ],
)
def test_a_remedy_is_judged_by_trying_it(
    folder: Path, number: int, remedy: str, helps: bool
) -> None:
    items = own_items(folder, f"variant = {number}\nremedy = {remedy}", history_of(folder, number))
    assert (items["remedy"].points == 2) == helps, items["remedy"].message["en"]


@pytest.mark.parametrize(("freedom", "value"), [(4, 2.776), (7, 2.365), (19, 2.093), (100, 1.984)])
def test_students_t(freedom: int, value: float) -> None:
    assert student_t(freedom) == pytest.approx(value, rel=0.01)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def test_variant_prints_the_class_as_csv(tmp_path: Path) -> None:
    secret, roster = tmp_path / "secret", tmp_path / "ids.csv"
    roster.write_text("s1,Hanako\ns2,Taro\n\n", encoding="utf-8")
    done = run("variant", "assignment4", "--new-secret", secret, "--roster", roster, "--lang", "en")
    assert [li.partition(",")[0] for li in done.output.splitlines()] == ["student", "s1", "s2"]


def test_prepare_goes_on_where_it_was_and_repeats_itself(folder: Path) -> None:
    family = family_of(folder)
    preparation._work(str(folder), UNDERFITTING)
    known = preparation.prepared(folder, family, UNDERFITTING)
    assert known is not None
    assert known.history == history_of(folder, UNDERFITTING)
    assert next(preparation.prepare(folder, family, 1)) == UNDERFITTING
    (folder / "prepared" / "00002.json").write_text("{", encoding="utf-8")
    assert preparation.prepared(folder, family, UNDERFITTING) is None


def test_explain_tells_each_point(tmp_path: Path) -> None:
    check = {
        "name": "own.verdict",
        "function": "diagnosis",
        "status": "failed",
        "points": 0,
        "max_points": 2,
        "message": {"en": "Because.", "ja": "なぜなら。"},
    }
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"schema": "densefit.grader.result/1", "checks": [check]}))
    assert "Because." in run("explain", path, "--lang", "en").output
    assert "なぜなら。" in run("explain", path, "--part", "own", "--lang", "ja").output
    for wrong in ("{", "[]", '{"schema": 3}'):
        path.write_text(wrong)
        assert isinstance(run("explain", path).exception, AssignmentError)
