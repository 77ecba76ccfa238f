"""Late days, attempts and points set by the teacher."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results
from grader.assignment import Assignment, find_assignment
from grader.errors import AssignmentError
from grader.i18n import plain
from grader.policy import Attempts, Late, Override, apply

DEADLINE = datetime(2026, 7, 31, 23, 59, tzinfo=timezone(timedelta(hours=9)))
POLICY = Late(DEADLINE, grace_minutes=10, percent_per_day=10, max_days=3)
moments = st.floats(-10, 20).map(lambda days: DEADLINE + timedelta(days=days))


@pytest.mark.parametrize(
    ("after", "days", "percent"),
    [
        (timedelta(seconds=-1), 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(minutes=10), 0, 0),
        (timedelta(minutes=10, seconds=1), 1, 10),
        (timedelta(days=1), 1, 10),
        (timedelta(days=1, seconds=1), 2, 20),
        (timedelta(days=3), 3, 30),
        (timedelta(days=3, seconds=1), 4, 100),
    ],
)
def test_days_count_from_the_deadline_once_the_grace_is_over(
    after: timedelta, days: int, percent: float
) -> None:
    assert (POLICY.days(DEADLINE + after), POLICY.percent(DEADLINE + after)) == (days, percent)


@given(moments, moments)
def test_later_is_never_better_and_the_clock_of_any_zone_is_the_same(
    one: datetime, other: datetime
) -> None:
    first, second = sorted([one, other])
    assert 0 <= POLICY.percent(first) <= POLICY.percent(second) <= 100
    assert POLICY.percent(one) == POLICY.percent(one.astimezone(UTC))


def test_attempts_are_limited_and_apart() -> None:
    attempts = Attempts(limit=2, wait_minutes=30)
    assert attempts.refusal([], DEADLINE) is None
    refusal = attempts.refusal([DEADLINE], DEADLINE + timedelta(minutes=9, seconds=30))
    assert refusal is not None
    assert "21" in refusal["en"]
    assert "21" in refusal["ja"]
    assert attempts.refusal([DEADLINE], DEADLINE + timedelta(minutes=30)) is None
    assert attempts.refusal([DEADLINE] * 2, DEADLINE + timedelta(days=1)) is not None
    assert Attempts().refusal([DEADLINE] * 99, DEADLINE) is None


@given(st.lists(st.floats(0, 100), min_size=1))
def test_the_best_or_the_last_counts(scores: list[float]) -> None:
    assert scores[Attempts(counts="best").counted(scores)] == max(scores)
    assert Attempts(counts="last").counted(scores) == len(scores) - 1
    with pytest.raises(ValueError, match="at least one"):
        Attempts().counted([])


@pytest.fixture
def assignment(assignment4: Assignment) -> Assignment:
    everybody = Override("relu_forward", "agreement", 3, plain("Our mistake"))
    one = replace(everybody, points=4, student="s1", reason=plain("Oral exam"))
    return replace(assignment4, late=POLICY, overrides=(one, everybody))


def test_points_are_set_for_everybody_or_one_and_say_why(assignment: Assignment) -> None:
    graded = results.result(results.PASSED, results.FAILED)
    everybody = apply(graded, assignment)
    assert (everybody.score, everybody.checks[1].override) == (7, plain("Our mistake"))
    assert apply(graded, assignment, student="s1").score == 8
    assert apply(graded, assignment, student="s2") == everybody
    assert everybody.failed, "the check still did not pass"


def test_the_score_of_a_late_submission_says_how_it_came_about(assignment: Assignment) -> None:
    graded = results.result(results.PASSED)
    late = apply(graded, assignment, submitted=DEADLINE + timedelta(days=2))
    assert (late.score, late.raw_score, late.max_score) == (3.2, 4, 4)
    assert late.late is not None
    assert (late.late.days, late.late.percent) == (2, 20)
    assert apply(graded, assignment).late is None
    assert apply(graded, replace(assignment, late=None), submitted=DEADLINE).late is None
    with pytest.raises(ValueError, match="time zone"):
        apply(graded, assignment, submitted=datetime(2026, 1, 1))


SETTINGS = """schema = 1
slug = "relu"
title = { en = "ReLU", ja = "ReLU" }
[late]
deadline = 2026-07-31T23:59:00+09:00
grace_minutes = 10
percent_per_day = 10
max_days = 3
[attempts]
limit = 5
counts = "last"
wait_minutes = 15
[[checks]]
function = "relu_forward"
name = "values"
points = 4
[[checks]]
function = "relu_forward"
name = "secret"
points = 2
hidden = true
[[overrides]]
function = "relu_forward"
name = "values"
points = 4
reason = { en = "Our mistake", ja = "出題の誤り" }
student = "s1"
"""


def read(folder: Path, settings: str) -> Assignment:
    (folder / "assignment.toml").write_text(settings, "utf-8")
    return find_assignment(str(folder))


def test_the_rules_are_read_from_the_assignment(tmp_path: Path) -> None:
    found = read(tmp_path, SETTINGS)
    assert found.late == POLICY
    assert found.attempts == Attempts(5, "last", 15)
    reason = {"en": "Our mistake", "ja": "出題の誤り"}
    assert found.overrides == (Override("relu_forward", "values", 4, reason, "s1"),)
    assert [points.hidden for points in found.points] == [False, True]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "words"),
    [
        ("23:59:00+09:00", "23:59:00", 5, ["deadline", "+09:00"]),
        ("2026-07-31T23:59:00+09:00", '"tomorrow"', 5, ["deadline", "tomorrow"]),
        ("percent_per_day = 10", "percent_per_day = 101", 7, ["percent_per_day", "100", "101"]),
        ("percent_per_day", "percent", 7, ["percent", "percent_per_day"]),
        ("max_days = 3", "max_days = -1", 8, ["max_days", "-1"]),
        ("limit = 5", "limit = 0", 10, ["limit", "1 or more"]),
        ('"last"', '"first"', 11, ["counts", "best", "first"]),
        ("wait_minutes = 15", "wait_minutes = true", 12, ["wait_minutes", "True"]),
        ('name = "secret"', 'name = "values"', 19, ["name", "relu_forward"]),
        ("hidden = true", 'hidden = "yes"', 21, ["hidden", "true or false"]),
        ("points = 4\nreason", "points = 5\nreason", 25, ["points", "0 to 4", "5"]),
        ("points = 4\nreason", 'points = "all"\nreason', 25, ["points", "all"]),
        (
            'name = "values"\npoints = 4\nreason',
            'name = "x"\npoints = 4\nreason',
            22,
            ["relu_forward/values"],
        ),
        (', ja = "出題の誤り"', "", 26, ["reason", "ja"]),
        ('student = "s1"', "student = 7", 27, ["student", "7"]),
        ("[attempts]", "[attempt]", 9, ["attempt", "attempts"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, words: list[str]
) -> None:
    assert right in SETTINGS
    with pytest.raises(AssignmentError) as raised:
        read(tmp_path, SETTINGS.replace(right, wrong, 1))
    said = raised.value.text["en"]
    assert f"assignment.toml:{line}:" in said
    assert [word for word in words if word not in said] == []
    assert raised.value.text["ja"] != said
