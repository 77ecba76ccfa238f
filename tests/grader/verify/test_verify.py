"""``grader verify`` on a small assignment: good checks are proved, weak ones found out."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import find_assignment
from grader.errors import AssignmentError
from grader.verify.evidence import read_evidence


def sigmoid(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The assignment of ``sigmoid.py`` beside this file, with some files of its own."""
    spec = importlib.util.spec_from_file_location("sigmoid", Path(__file__).with_name("sigmoid.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(folder)
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def verify(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = run(folder, "--format", "json", *options)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "grader.cli", "verify", str(folder), "-j", "2", *options]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        call, capture_output=True, encoding="utf-8", env=environment, timeout=1800, check=False
    )


def test_good_checks_are_proved(tmp_path: Path) -> None:
    code, found = verify(sigmoid(tmp_path), "--gradings", "12")
    assert (code, found["proved"]) == (0, True), found
    assert found["correct"] == {"submissions": 1, "gradings": 12, "false_alarms": 0, "lost": []}
    assert found["misconceptions"]["named"] == found["misconceptions"]["tried"] == 2
    assert found["mutants"]["score"] == 1.0
    assert found["mutants"]["made"] > 8


WEAK = """
def zero_is_half(example, answers):
    return None


agreement = Law("agreement", text("is a number"), (zero_is_half,))
"""


def test_a_check_that_accepts_anything_is_found_out(tmp_path: Path) -> None:
    folder = sigmoid(tmp_path)
    checks = (folder / "checks.py").read_text("utf-8")
    head, _, tail = checks.partition("agreement = ")
    weak = head.replace("FunctionChecks, laws", "FunctionChecks, Law, laws") + WEAK
    (folder / "checks.py").write_text(weak + tail.partition("\n")[2], "utf-8")
    code, found = verify(folder, "--only", "mutants", "--only", "misconceptions")
    assert (code, found["proved"]) == (1, False)
    assert len(found["misconceptions"]["wrong"]) == 2
    assert found["mutants"]["score"] < 0.99
    assert {"line", "function", "operator", "before", "after"} <= set(
        found["mutants"]["survivors"][0]
    )
    shown = run(folder, "--only", "mutants")
    assert shown.returncode == 1
    assert "NOT proved" in shown.stdout
    assert "no check catches" in shown.stdout
    assert "未証明" in run(folder, "--only", "misconceptions", "--lang", "ja").stdout


TOO_COARSE = "import numpy as np\ndef sigmoid(z):\n    return np.round(1 / (1 + np.exp(-z)), 3)\n"


def test_a_correct_submission_that_loses_marks_is_a_false_alarm(tmp_path: Path) -> None:
    folder = sigmoid(tmp_path, {"correct/coarse.py": TOO_COARSE})
    code, found = verify(folder, "--only", "correct", "--gradings", "6")
    assert code == 1
    assert found["correct"]["submissions"] == 2
    assert found["correct"]["false_alarms"] == 3
    assert {loss["submission"] for loss in found["correct"]["lost"]} == {"coarse.py"}


def entry(before: str, after: str) -> str:
    return (
        f"[[equivalent]]\nfunction = 'sigmoid'\nbefore = '{before}'\nafter = '{after}'\n"
        "reason = 'a reason'\n"
    )


LINE = "return np.exp(-np.logaddexp(0, -z))"


def test_excuses_are_checked(tmp_path: Path) -> None:
    folder = sigmoid(tmp_path, {"verify.toml": entry(LINE, "return 6") + entry(LINE, "return 7")})
    code, found = verify(folder, "--only", "mutants")
    assert code == 1
    assert [stale["after"] for stale in found["mutants"]["stale"]] == [
        "return 6",
        "return 7",
    ]
    excused = entry(LINE, LINE.replace("-z", "z"))
    (folder / "verify.toml").write_text(excused, "utf-8")
    code, found = verify(folder, "--only", "mutants")
    assert code == 1
    assert len(found["mutants"]["wrongly_excused"]) == 1
    (folder / "verify.toml").write_text(f"{excused}depends_on_seed = true\n", "utf-8")
    _, found = verify(folder, "--only", "mutants")
    assert found["mutants"]["wrongly_excused"] == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("correct = 1\n", "correct must be a list of folders"),
        ("correct = ['nowhere']\n", "there is no folder"),
        ("corect = []\n", "unknown key corect"),
        (entry("a", "b") + "depends_on_seed = 'yes'\n", "depends_on_seed must be true or false"),
        ("[[equivalent]]\nfunction = 'f'\n", "a table with function, before, after, reason"),
        ("[[equivalent]\n", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, words: str, complaint: str) -> None:
    folder = sigmoid(tmp_path, {"verify.toml": words})
    with pytest.raises(AssignmentError, match=complaint):
        read_evidence(find_assignment(str(folder)))


def test_without_a_solution_nothing_can_be_verified(tmp_path: Path) -> None:
    folder = sigmoid(tmp_path)
    (folder / "solution.py").unlink()
    done = run(folder)
    assert done.returncode == 2
    assert "solution.py is missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_assignment_4_is_proved() -> None:
    parts = [word for part in ("correct", "misconceptions", "mutants") for word in ("--only", part)]
    code, found = verify(Path("assignment4"), "--gradings", "24", *parts)
    assert code == 0, found
    assert found["correct"]["false_alarms"] == 0
    assert found["misconceptions"]["named"] == found["misconceptions"]["tried"] > 100
    assert found["mutants"]["made"] > 500
    assert found["mutants"]["score"] >= 0.99
