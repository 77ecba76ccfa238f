"""A class of fifty is graded as each student deserves, and each is told the reason."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import cli
from simulated_class import KINDS, Student, make_class


@pytest.fixture(scope="module")
def students(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Student]]:
    return make_class(tmp_path_factory.mktemp("simulated"))


def graded(place: Path, secret: Path, student: Student, out: Path) -> dict[str, Any]:
    """The checks of the diagnosis, by part, of what ``grader check`` wrote."""
    arguments = ["check", place, student.folder, "--student", student.id, "--format", "json"]
    arguments += ["-o", out, "--lang", "en"]
    done = CliRunner(env={"GRADER_SECRET_FILE": str(secret)}).invoke(cli, list(map(str, arguments)))
    assert done.exit_code in (0, 1), done.output
    found = json.loads(out.read_text(encoding="utf-8"))["checks"]
    return {c["name"].removeprefix("own."): c for c in found if c["function"] == "diagnosis"}


def test_fifty_students_of_many_kinds() -> None:
    assert sum(kind.count for kind in KINDS) == 50


def test_the_page_shows_this_class() -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
    try:
        import class_table
    finally:
        sys.path.pop(0)
    assert class_table.page() == class_table.PAGE.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_each_is_graded_as_deserved(
    kind: Any, students: tuple[Path, Path, list[Student]], tmp_path: Path
) -> None:
    place, secret, everybody = students
    those = [student for student in everybody if student.kind is kind]
    assert len(those) == kind.count
    for student in those:
        checks = graded(place, secret, student, tmp_path / "result.json")
        messages = {name: check["message"] for name, check in checks.items()}
        got = {part: checks[part]["status"] for part in kind.expected}
        assert got == kind.expected, (student, messages)
        assert kind.reason in messages[kind.part]["en"], (student, messages)
        assert messages[kind.part]["ja"]
        own = [c["points"] for n, c in checks.items() if not n.startswith("curve_")]
        assert sum(own) == kind.points, (student, messages)
