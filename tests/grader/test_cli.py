"""The command as a student types it: exit codes, both formats, both languages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.cli import main
from grader.i18n import LANGUAGES
from grader.result import SCHEMA_FILE
from source_tree import ROOT

SOLUTION = ROOT / "assignments" / "assignment4" / "solution.py"
WRONG = SOLUTION.read_text("utf-8") + "\n\ndef relu_forward(z):\n    return z\n"


def run(
    *args: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader.cli", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={"PYTHONUTF8": "1", "PATH": "", **environment},
        timeout=120,
    )


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "submission.py"
    path.write_text(WRONG, "utf-8")
    return path


def test_all_passed_is_0_and_some_failed_is_1(wrong: Path) -> None:
    done = run("check", "assignment4", SOLUTION, "--lang", "en", "--format", "json")
    functions = [c for c in json.loads(done.stdout)["checks"] if c["function"] != "diagnosis"]
    assert all(c["status"] == "passed" for c in functions)
    assert run("check", "assignment4", wrong).returncode == 1


def test_the_current_folder_is_the_default(wrong: Path) -> None:
    done = run("check", "assignment4", cwd=wrong.parent)
    assert done.returncode == 1
    assert "submission.py" in done.stdout


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (["check", "assignment99", "."], 2, "assignment4"),
        (["check", "assignment4", "nowhere.py"], 2, "nowhere.py"),
        (["check", "assignment4", ".", "--seed", "-1"], 2, "--seed"),
        (["check", "assignment4", "--format", "xml"], 2, "xml"),
        (["chek"], 2, "chek"),
        (["check"], 2, "ASSIGNMENT"),
    ],
)
def test_a_wrong_call_is_2_and_says_what_is_wrong(
    args: list[str], code: int, word: str, tmp_path: Path
) -> None:
    done = run(*args, cwd=tmp_path)
    assert done.returncode == code
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_isolation_that_is_not_there_is_3_and_no_score(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("grader.sandbox.isolation.find_launcher", lambda: None)
    argv = ["grader", "check", "assignment4", str(SOLUTION), "--isolation", "required"]
    monkeypatch.setattr("sys.argv", argv)
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 3
    assert printed.out == ""
    assert "required" in printed.err


def test_json_obeys_the_published_schema(wrong: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    done = run("check", "assignment4", wrong, "--format", "json")
    result = json.loads(done.stdout)
    jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8"))).validate(result)
    assert result["score"] < result["max_score"]
    (failed,) = [
        c for c in result["checks"] if c["status"] == "failed" and c["function"] == "relu_forward"
    ]
    assert failed["points"] == 0
    assert failed["counterexample"]["code"][-1] == "a = relu_forward(z)"


def test_the_counterexample_can_be_pasted_and_shows_the_difference(wrong: Path) -> None:
    done = run("check", "assignment4", wrong, "--format", "json")
    checks = json.loads(done.stdout)["checks"]
    example = next(c["counterexample"] for c in checks if c["status"] == "failed")
    assert example["shrunk"]
    names: dict[str, object] = {}
    exec("import numpy as np\n" + WRONG, names)
    exec("\n".join(example["code"]), names)
    got = names[example["output"]]
    assert isinstance(got, np.ndarray)
    assert float(got[tuple(example["index"])]) == float(example["got"])
    assert max(float(example["expected"]), 0.0) == float(example["expected"])


def test_the_same_seed_gives_the_same_result(wrong: Path) -> None:
    def fixed(seed: int) -> dict[str, object]:
        done = run("check", "assignment4", wrong, "--format", "json", "--seed", str(seed))
        result = json.loads(done.stdout)
        for part in (result, *result["checks"]):
            del part["seconds"]
        return result

    assert fixed(7) == fixed(7)


@pytest.mark.parametrize(("lang", "word"), [("en", "Score"), ("ja", "得点")])
def test_the_report_is_in_the_language_asked_for(wrong: Path, lang: str, word: str) -> None:
    by_option = run("check", "assignment4", wrong, "--lang", lang).stdout
    by_environment = run("check", "assignment4", wrong, LANG=f"{lang}_XX.UTF-8").stdout
    assert word in by_option
    assert word in by_environment


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_fits_80_columns(wrong: Path, lang: str) -> None:
    from rich.cells import cell_len

    for line in run("check", "assignment4", wrong, "--lang", lang).stdout.splitlines():
        assert cell_len(line) <= 80


def test_a_terminal_without_unicode_gets_a_report(wrong: Path) -> None:
    done = run(
        "check", "assignment4", wrong, "--lang", "en", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert done.returncode == 1
    assert "x failed" in done.stdout


def test_the_result_goes_to_a_file(wrong: Path, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    done = run("check", "assignment4", wrong, "--format", "json", "-o", target)
    assert done.stdout == ""
    assert json.loads(target.read_text("utf-8"))["assignment"] == "assignment4"


def test_help_teaches_by_example() -> None:
    for args in (["--help"], ["check", "--help"]):
        done = run(*args)
        assert done.returncode == 0
        assert "grader check assignment4" in done.stdout


def test_hypothesis_is_imported_only_after_a_failure() -> None:
    script = (
        "import sys; from pathlib import Path; from grader.assignment import find_assignment;"
        "from grader.runner import grade; from grader.submission import read_submission;"
        "a = find_assignment('assignment4');"
        f"r = grade(a, read_submission(Path({str(SOLUTION)!r}), a.functions));"
        "print([m for m in ('hypothesis', 'rich', 'matplotlib', 'unittest') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
