"""The autograder zip, installed and run as Gradescope does, in another root."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy
import pytest
from click.testing import CliRunner

import relu_assignment
from grader.assignment import find_assignment
from grader.cli import cli
from grader.export.autograder import about, main, results
from grader.runner import grade
from grader.submission import read_submission

ROOT = Path(__file__).parents[3]
TOP = {"score", "execution_time", "output", "output_format", "visibility", "stdout_visibility"}
TOP |= {"tests", "extra_data"}
TEST = {"name", "number", "score", "max_score", "status", "output", "output_format", "visibility"}


def insist_on_form(found: dict[str, object]) -> None:
    """What Gradescope's documentation asks of ``results.json``."""
    assert set(found) <= TOP
    assert isinstance(found["score"], int | float)
    assert found["visibility"] == "visible"
    assert found["stdout_visibility"] == "hidden"
    tests = found["tests"]
    assert isinstance(tests, list)
    for test in tests:
        assert set(test) == TEST
        assert test["status"] in ("passed", "failed")
        assert test["visibility"] in ("visible", "hidden", "after_due_date", "after_published")
        assert test["output_format"] in ("text", "html", "simple_format", "md", "ansi")
        assert 0 <= test["score"] <= test["max_score"]


def make_root(root: Path, archive: Path, source: str | None) -> Path:
    """The folders of a Gradescope machine."""
    (root / "submission").mkdir(parents=True)
    with zipfile.ZipFile(archive) as made:
        made.extractall(root / "source")
    if source is not None:
        (root / "submission" / "my work.py").write_text(source)
    return root


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The zip of an assignment of the teacher's own."""
    folder = relu_assignment.make(tmp_path / "relu")
    (folder / "solution.py").write_text("secret = 1\n")
    out = tmp_path / "auto.zip"
    call = ["gradescope", str(folder), "-o", str(out), "--lang", "ja"]
    done = CliRunner().invoke(cli, call, catch_exceptions=False)
    assert "Gradescope" in done.output
    return out


def test_the_zip_holds_what_it_needs_and_no_answers(own: Path) -> None:
    with zipfile.ZipFile(own) as made:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in made.infolist()}
        scripts = made.read("setup.sh") + made.read("run_autograder")
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert {"assignment/assignment.toml", "assignment/checks.py", "settings.json"} <= set(modes)
    assert not any("solution" in name for name in modes)
    assert b"\r" not in scripts


@pytest.mark.parametrize(("kind", "score"), [("good", 4), ("wrong", 0), ("dies", 0)])
def test_a_submission_is_graded(own: Path, tmp_path: Path, kind: str, score: float) -> None:
    root = make_root(tmp_path / "root", own, relu_assignment.SOURCES[kind])
    assert main(str(root / "source" / "assignment"), root) == 0
    found = json.loads((root / "results" / "results.json").read_text("utf-8"))
    insist_on_form(found)
    assert found["score"] == score
    assert len(found["tests"]) == 1


def test_nothing_handed_in_is_a_zero_with_its_reason(own: Path, tmp_path: Path) -> None:
    root = make_root(tmp_path / "root", own, None)
    assert main(str(root / "source" / "assignment"), root) == 0
    found = json.loads((root / "results" / "results.json").read_text("utf-8"))
    insist_on_form(found)
    assert found["score"] == 0
    assert ".py" in found["output"]


def test_what_could_not_be_checked_gets_no_score(own: Path, tmp_path: Path) -> None:
    root = make_root(tmp_path / "root", own, relu_assignment.SOURCES["good"])
    (root / "source" / "assignment" / "checks.py").write_text("1 / 0")
    assert main(str(root / "source" / "assignment"), root) == 2
    assert not (root / "results" / "results.json").exists()


def test_late_days_count_from_what_gradescope_says(tmp_path: Path) -> None:
    folder = relu_assignment.make(tmp_path / "relu")
    late = "[late]\ndeadline = 2026-07-31T23:59:00+09:00\npercent_per_day = 10\n"
    (folder / "assignment.toml").write_text(relu_assignment.SETTINGS + late)
    out = tmp_path / "auto.zip"
    call = ["gradescope", str(folder), "-o", str(out), "--lang", "en"]
    CliRunner().invoke(cli, call, catch_exceptions=False)
    root = make_root(tmp_path / "root", out, relu_assignment.SOURCES["good"])
    told = {"created_at": "2026-08-02T10:00:00.365935+09:00", "users": [{"email": "a@b"}]}
    (root / "submission_metadata.json").write_text(json.dumps(told))
    assert main(str(root / "source" / "assignment"), root) == 0
    found = json.loads((root / "results" / "results.json").read_text("utf-8"))
    insist_on_form(found)
    assert found["score"] == 3.2
    assert "2 days late" in found["output"]


@pytest.mark.parametrize("words", ["", "[]", "{", '{"users": [7]}', '{"created_at": "soon"}'])
def test_metadata_that_cannot_be_read_cost_nothing(tmp_path: Path, words: str) -> None:
    (tmp_path / "m.json").write_text(words)
    assert about(tmp_path / "m.json") == (None, None)
    assert about(tmp_path / "none.json") == (None, None)


def test_hidden_checks_show_when_grades_are_published(tmp_path: Path) -> None:
    folder = relu_assignment.make(tmp_path / "relu")
    settings = folder / "assignment.toml"
    settings.write_text(settings.read_text() + "hidden = true\n")
    (tmp_path / "s.py").write_text(relu_assignment.SOURCES["wrong"])
    assignment = find_assignment(str(folder))
    result = grade(assignment, read_submission(tmp_path / "s.py"), isolation="auto")
    found = results(result, "en")
    insist_on_form(found)
    assert [test["visibility"] for test in found["tests"]] == ["after_published"]
    assert found["tests"][0]["output"]
    assert found["tests"][0]["output"] not in found["output"]


@pytest.mark.slow
def test_setup_installs_the_wheel_and_grades(tmp_path: Path) -> None:
    """setup.sh and run_autograder as they are, offline, in a root of their own."""
    wheel = os.environ.get("DENSEFIT_WHEEL")
    if not wheel:
        pytest.skip("DENSEFIT_WHEEL does not name the wheel under test")
    out = tmp_path / "auto.zip"
    call = ["gradescope", "assignment4", "-o", str(out), "--wheel", wheel, "--lang", "en"]
    assert CliRunner().invoke(cli, call, catch_exceptions=False).exit_code == 0
    solution = (ROOT / "assignments" / "assignment4" / "solution.py").read_text("utf-8")
    root = make_root(tmp_path / "root", out, solution)
    offline = {
        "AUTOGRADER_ROOT": str(root),
        "PYTHON": sys.executable,
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        # What the wheel depends on; Gradescope's machine takes it from the package index.
        "PYTHONPATH": str(Path(numpy.__file__).parents[1]),
    }
    for script in ("setup.sh", "run_autograder"):
        done = subprocess.run(
            ["bash", root / "source" / script],
            env=os.environ | offline,
            cwd=root,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((root / "results" / "results.json").read_text("utf-8"))
    insist_on_form(found)
    assert found["score"] == sum(t["score"] for t in found["tests"]) > 0
    code = [t for t in found["tests"] if not t["name"].startswith("diagnosis")]
    assert {t["status"] for t in code} == {"passed"}
