"""A new assignment works before its author has changed a line of it."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grader import new
from grader.assignment import Assignment, find_assignment
from grader.cli import cli
from grader.errors import AssignmentError
from grader.render.text import render
from grader.result import Result
from grader.runner import grade
from grader.submission import read_submission


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("new")
    call = ["new", "sigmoid", "--folder", str(place), "--title-ja", "シグモイド"]
    done = CliRunner().invoke(cli, [*call, "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert f"grader verify {place / 'sigmoid'}" in done.output
    return place / "sigmoid"


@pytest.fixture(scope="module")
def assignment(folder: Path) -> Assignment:
    return find_assignment(str(folder))


def graded(assignment: Assignment, path: Path, seed: int = 1) -> Result:
    return grade(assignment, read_submission(path, assignment.functions), seed=seed)


def test_titles_and_name_are_the_authors(assignment: Assignment) -> None:
    assert (assignment.slug, assignment.title["ja"]) == ("sigmoid", "シグモイド")
    assert assignment.title["en"] == "sigmoid"
    assert "@" not in "".join(p.read_text("utf-8") for p in assignment.folder.glob("*.*"))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_right_gets_full_marks(assignment: Assignment, folder: Path, seed: int) -> None:
    correct = [folder / "solution.py", *sorted((folder / "correct").glob("*.py"))]
    assert len(correct) == 2
    for path in correct:
        result = graded(assignment, path, seed)
        assert result.passed, [c.message for c in result.checks if c.status != "passed"]
        assert result.score == result.max_score == 13


def test_the_starter_gets_nothing_and_is_told_what_is_left(
    assignment: Assignment, folder: Path
) -> None:
    result = graded(assignment, folder / "starter.py")
    assert result.score == 0
    said = [
        check.message["en"] for check in result.checks if check.status == "failed" and check.message
    ]
    assert said == [f"{f} is not written yet." for f in assignment.functions]


def test_every_mistake_is_caught_and_named(assignment: Assignment, tmp_path: Path) -> None:
    assert len(assignment.misconceptions) == 4
    bodies = {
        "exponent-without-minus": "return 1 / (1 + np.exp(z))",
        "tanh-instead": "return np.tanh(z)",
        "gradient-from-above-missing": "a = 1 / (1 + np.exp(-z)); return a * (1 - a)",
        "derivative-of-z-not-a": "return da * z * (1 - z)",
    }
    for mistake in assignment.misconceptions:
        arguments = "z" if mistake.function.endswith("forward") else "da, z"
        path = tmp_path / f"{mistake.id}.py"
        path.write_text(
            f"import numpy as np\ndef {mistake.function}({arguments}):\n    {bodies[mistake.id]}\n"
        )
        checks = [c for c in graded(assignment, path).checks if c.function == mistake.function]
        assert checks[0].status == "failed"
        assert checks[0].misconception is not None
        assert checks[0].misconception.id == mistake.id


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_student_reads_it_in_their_language(
    assignment: Assignment, folder: Path, language: str
) -> None:
    stream = io.StringIO()
    render(graded(assignment, folder / "solution.py"), language, stream)
    assert ("入力とメモリの扱い" in stream.getvalue()) == (language == "ja")


def test_the_rules_that_can_be_switched_on_are_right(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "assignment.toml").read_text("utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if "[late]" in line)
    switched = [line.removeprefix("# ") if i >= first else line for i, line in enumerate(lines)]
    (tmp_path / "assignment.toml").write_text("\n".join(switched), "utf-8")
    found = find_assignment(str(tmp_path))
    assert found.late is not None
    assert found.attempts is not None
    assert found.overrides


@pytest.mark.parametrize("name", ["", "-x", "a/b", "..", "a b", "é", "name.toml"])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="cannot name"):
        new.make(name, tmp_path, "t", "t")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(AssignmentError, match="there already"):
        new.make("there", tmp_path, "t", "t")


@given(st.text())
def test_any_title_can_stand_in_the_settings(title: str) -> None:
    line = f'title = "{new._quoted(new.one_line(title))}"'
    assert tomllib.loads(line)["title"] == new.one_line(title)
