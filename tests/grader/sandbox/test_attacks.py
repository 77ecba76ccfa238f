"""The catalogue of attacks: nothing gained, nothing read, nobody disturbed, a result always."""

from __future__ import annotations

import io
import re
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from submissions.attack import Attack, attacks, build

import attack_table
from grader.assignment import Assignment
from grader.errors import SubmissionNotFound
from grader.i18n import LANGUAGES
from grader.render.text import render
from grader.result import Result
from grader.runner import grade
from grader.sandbox import isolation, namespaces
from grader.sandbox.isolation import Launcher, Mode
from grader.sandbox.limits import Limits
from grader.submission import read_submission

from .conftest import Machine

ATTACKS = attacks()
GRADED = ("dense_forward", "relu_forward", "softmax", "softmax_cross_entropy")
LIMITS = Limits(
    call_seconds=2.0,
    load_seconds=5.0,
    submission_seconds=30.0,
    address_space_bytes=1 << 30,
    output_bytes=20_000_000,
    iterator_items=500,
)
WALL_CLOCK = LIMITS.submission_seconds + 15.0
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

linux = pytest.mark.skipif(sys.platform != "linux", reason="attacks of this kind need Linux")


def of(chosen: list[Attack]) -> list[object]:
    return [
        pytest.param(a, id=a.folder.name, marks=[pytest.mark.slow] if a.slow else [])
        for a in chosen
    ]


@pytest.fixture(scope="module")
def assignment(assignment4: Assignment) -> Assignment:
    """Four of the functions: enough to see that the others are still graded."""
    chosen = tuple(spec for spec in assignment4.checks if spec.function in GRADED)
    part = replace(assignment4, diagnosis_points=None)
    part.__dict__["checks"] = chosen  # what the cached property would read
    return part


def attacked(
    attack: Attack, machine: Machine, assignment: Assignment, target: Path, mode: Mode
) -> Result:
    path = build(attack, target, machine.knowledge())
    submission = read_submission(path, assignment.functions)
    start = time.monotonic()
    result = grade(assignment, submission, isolation=mode, limits=LIMITS)
    assert time.monotonic() - start < WALL_CLOCK
    return result


def outcome(result: Result) -> dict[str, set[str]]:
    """Function → what the report says of the marks it lost."""
    found = defaultdict(set)
    for check in result.checks:
        if check.status in ("failed", "error"):
            assert check.points == 0
            found[check.function].add(check.kind or "failed")
    return dict(found)


def assert_as_expected(attack: Attack, result: Result, machine: Machine) -> None:
    found = outcome(result)
    assert set(found) == set(attack.fails), found
    for function, words in attack.fails.items():
        assert found[function] & set(words.split("|")), found
    for function in set(GRADED) - set(attack.fails):
        checks = [c for c in result.checks if c.function == function]
        assert checks
        assert all(c.status == "passed" and c.points == c.max_points for c in checks)
    written = result.to_json()
    assert machine.canary not in written
    assert "LEAKED" not in result.output, result.output
    assert machine.disturbed() == []
    assert_harmless_words(result)


def assert_harmless_words(result: Result) -> None:
    words = [result.submission, result.output, *_texts(result)]
    for language in LANGUAGES:
        stream = io.StringIO()
        render(result, language, stream)
        words.append(stream.getvalue())
    assert [w for w in words if ESCAPES.search(w)] == []


def _texts(result: Result) -> list[str]:
    texts = [*result.notes, *(c.message for c in result.checks if c.message)]
    return [text[language] for text in texts for language in LANGUAGES]


@linux
@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("attack", of([a for a in ATTACKS if not a.refused]))
def test_an_attack_gains_nothing(
    attack: Attack, machine: Machine, assignment: Assignment, tmp_path: Path
) -> None:
    result = attacked(attack, machine, assignment, tmp_path / "submission", "required")
    assert result.isolation["missing"] == []
    assert_as_expected(attack, result, machine)


@pytest.mark.slow
@pytest.mark.parametrize("attack", of([a for a in ATTACKS if a.harmless and not a.refused]))
def test_a_harmless_attack_gains_nothing_on_a_machine_without_walls(
    attack: Attack,
    machine: Machine,
    assignment: Assignment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(isolation, "find_launcher", lambda: None)
    result = attacked(attack, machine, assignment, tmp_path / "submission", "auto")
    assert result.isolation["missing"]
    assert_as_expected(attack, result, machine)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["namespaces", "nursery"])
@pytest.mark.parametrize("attack", of([a for a in ATTACKS if not a.refused]))
def test_an_attack_gains_nothing_without_bubblewrap(
    attack: Attack,
    launcher: Launcher,
    machine: Machine,
    assignment: Assignment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not namespaces.available():
        pytest.skip("this machine does not let an ordinary process make namespaces")
    monkeypatch.setattr(isolation, "find_launcher", lambda: launcher)
    result = attacked(attack, machine, assignment, tmp_path / "submission", "required")
    assert "Landlock" in result.isolation["layers"]
    assert_as_expected(attack, result, machine)


@linux
@pytest.mark.parametrize("attack", of([a for a in ATTACKS if a.refused]))
def test_what_is_no_submission_is_refused_at_once(
    attack: Attack, machine: Machine, assignment: Assignment, tmp_path: Path
) -> None:
    path = build(attack, tmp_path / "submission", machine.knowledge())
    start = time.monotonic()
    with pytest.raises(SubmissionNotFound) as refusal:
        read_submission(path, assignment.functions)
    assert time.monotonic() - start < 5
    assert machine.canary not in str(refusal.value)
    assert not list(tmp_path.rglob("escaped.py"))


@linux
@pytest.mark.parametrize("attack", of([a for a in ATTACKS if a.leaks_without_walls]))
def test_the_attack_works_where_there_are_no_walls(
    attack: Attack, machine: Machine, assignment: Assignment, tmp_path: Path
) -> None:
    """Or its failure behind the walls would say nothing."""
    result = attacked(attack, machine, assignment, tmp_path / "submission", "none")
    assert "LEAKED" in result.output


def test_the_catalogue_is_complete() -> None:
    assert [attack.number for attack in ATTACKS] == list(range(1, 72))
    assert {a.number for a in ATTACKS if a.remains} >= {57, 59, 60}


def test_the_page_on_security_says_what_the_attacks_say() -> None:
    page = attack_table.PAGE.read_text("utf-8")
    assert page == attack_table.with_table(page), "run `make docs`"
