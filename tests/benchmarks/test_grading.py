"""The benchmark of grading: what it measures runs, and its tables judge by the targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import grading, grading_report
from benchmarks.graders import registry
from benchmarks.graders.base import CORRECT, PATCHED, WRONG, Grader
from benchmarks.graders.densefit import Densefit
from benchmarks.graders.nbgrader import _notebook


def entry(package: str, seconds: float, patched: float) -> dict[str, Any]:
    points = {"wrong": [2, 3], "patched": [patched, 3]}
    figures = {"version": "1.0", "how": "somehow", "seconds": [seconds] * 3, "points": points}
    return {"package": package} | figures


def result(one: float = 0.5, rate: float = 9.0) -> dict[str, Any]:
    machine = {"processor": "Test CPU", "processors": 2, "date": "2026-01-02T03:04:05+00:00"}
    machine |= {"load_at_start": 0.1, "python": "3.11", "numpy": "2.0"}
    made = {
        "machine": machine,
        "repetitions": 3,
        "one": [one] * 3,
        "batch": {"rates": [rate], "processes": 2, "submissions": 40},
        "relu": [entry("sound", 0.25, 2), entry("naive", 3.0, 3)],
        "missing": ["absent-grader"],
        "targets": {"one": grading_report.SINGLE_TARGET, "batch": grading_report.BATCH_TARGET},
    }
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("one", "rate", "marks"),
    [(0.8, 8.0, "✓✓"), (0.81, 8.0, "✗✓"), (0.5, 7.9, "✓✗")],
)
def test_the_table_holds_the_medians_beside_their_targets(
    one: float, rate: float, marks: str
) -> None:
    own, _ = grading_report.grading_tables(result(one, rate))
    shown = own.markdown()
    assert "".join(c for c in shown if c in "✓✗") == marks
    assert f"{rate:.1f} a second" in shown


def test_who_is_fooled_is_told_in_words() -> None:
    _, compared = grading_report.grading_tables(result())
    sound, naive = compared.rows
    assert sound[0] == "sound 1.0"
    assert "0.25 s" in sound[2]
    assert sound[-1] == "2 of 3: nothing gained"
    assert naive[3] == "12.0 ×"
    assert naive[-1] == "3 of 3: full marks"


def test_the_section_names_who_is_missing_and_the_chart_is_drawn(tmp_path: Path) -> None:
    assert "Not installed: absent-grader." in grading_report.section(result())
    grading_report.draw(result(), tmp_path / "grading.png")
    assert (tmp_path / "grading.png").read_bytes().startswith(b"\x89PNG")


def test_a_busy_machine_is_told() -> None:
    made = result()
    assert "busy" not in grading_report.section(made)
    made["machine"]["load_at_start"] = 14.3
    assert "Other work kept the machine busy" in grading_report.section(made)


def test_the_patched_submission_differs_by_its_one_line() -> None:
    added = [line for line in PATCHED.splitlines() if line not in WRONG.splitlines()]
    assert len(added) == 1
    assert "allclose" in added[0]


def test_every_grader_says_what_it_is_and_does(tmp_path: Path) -> None:
    made = [kind(tmp_path / kind.package) for kind in registry.GRADERS]
    assert [g.package for g in made] == [
        "densefit",
        "otter-grader",
        "nbgrader",
        "check50",
        "gradescope-utils",
    ]
    assert all("`" in grader.how for grader in made)


def test_the_notebook_of_a_course_has_a_cell_to_fill_in_and_locked_tests() -> None:
    first, *tests = _notebook("pass")["cells"]
    assert first["metadata"]["nbgrader"]["solution"] is True
    assert [cell["metadata"]["nbgrader"]["points"] for cell in tests] == [1, 1, 1]
    assert all(cell["metadata"]["nbgrader"]["locked"] for cell in tests)


class Silent(Grader):
    """A grader that writes its result once and never again."""

    package = "silent"
    result_file = "result.json"

    def command(self) -> list[str]:
        return ["/bin/sh", "-c", "[ -e once ] || { touch once; echo '[1, 1]' > result.json; }"]

    def score(self, said: str) -> tuple[float, float]:
        return tuple(json.loads(said))  # type: ignore[return-value]


def test_an_older_result_is_never_taken_for_a_new_one(tmp_path: Path) -> None:
    silent = Silent(tmp_path / "silent")
    assert silent.grade(CORRECT).full
    with pytest.raises(RuntimeError, match="silent gave no points"):
        silent.grade(CORRECT)


def test_a_grader_that_gives_a_wrong_submission_full_marks_is_not_compared(tmp_path: Path) -> None:
    class Generous(Silent):
        def command(self) -> list[str]:
            return ["/bin/sh", "-c", "echo '[1, 1]' > result.json"]

    with pytest.raises(RuntimeError, match="not set up"):
        grading.points(Generous(tmp_path / "generous"))


@pytest.mark.slow
def test_every_installed_grader_grades_the_exercise(tmp_path: Path) -> None:
    installed, missing = grading.compared(tmp_path)
    assert any(isinstance(grader, Densefit) for grader in installed)
    assert len(installed) + len(missing) == len(registry.GRADERS)
    for grader in installed:
        assert grading.relu(grader) > 0
        assert grader.version()
        found = grading.points(grader)
        if isinstance(grader, Densefit):
            assert found["patched"] == found["wrong"] == [1, 5]


@pytest.mark.slow
def test_what_is_measured_runs(tmp_path: Path) -> None:
    assert grading.one(tmp_path) > 0
    assert grading.batch_rate(2, 1, tmp_path) > 0
