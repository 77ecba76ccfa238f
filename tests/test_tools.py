"""What make and CI run before anything is installed: complaints that help, commands found."""

import sysconfig

import pytest

import join_verifications
import law_table
import paste_help
import preflight
import verification_table
from readme_commands import commands


def test_a_machine_that_can_build_is_not_complained_about(monkeypatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(preflight.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(preflight.Path, "exists", lambda path: True)
    assert list(preflight.complaints()) == []


def test_an_old_python_is_named_with_the_way_out(monkeypatch) -> None:
    monkeypatch.setenv("WHEEL", "some.whl")
    monkeypatch.setattr(preflight.sys, "version_info", (3, 10, 13))
    (complaint,) = preflight.complaints()
    assert "needs Python 3.11 or newer" in complaint
    assert "is Python 3.10" in complaint
    assert "make PYTHON=" in complaint


def test_a_missing_compiler_and_missing_headers_are_named(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("WHEEL", raising=False)
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    compiler, headers = preflight.complaints()
    assert "no C compiler was found (no-such-compiler -O2)" in compiler
    assert "python3-dev" in headers


def test_a_wheel_needs_no_compiler(monkeypatch) -> None:
    monkeypatch.setenv("WHEEL", "some.whl")
    monkeypatch.setenv("CC", "no-such-compiler")
    assert list(preflight.complaints()) == []


def test_commands_are_the_first_shell_block_without_comments() -> None:
    text = "a\n```python\nb\n```\n```sh\n# c\nmake demo   # d\n\nmake test\n```\n```sh\ne\n```\n"
    assert commands(text) == ["make demo", "make test"]


def test_a_readme_without_commands_is_an_error() -> None:
    with pytest.raises(SystemExit, match="no shell code block"):
        commands("nothing here")


def test_help_is_pasted_between_its_markers_and_nowhere_else(monkeypatch) -> None:
    monkeypatch.setattr(paste_help, "help_of", lambda command: f"help of {command}\n")
    before = "a\n<!-- help: grader check -->\n```text\nold\n```\n```text\nkept\n```\n"
    after = (
        "a\n<!-- help: grader check -->\n```text\nhelp of grader check\n```\n```text\nkept\n```\n"
    )
    assert paste_help.pasted(before) == after
    assert paste_help.pasted(after) == after


def verification(seed: int, gradings: int | None, pairs: dict | None = None) -> dict:
    correct = gradings and {
        "submissions": 24,
        "gradings": gradings,
        "false_alarms": 1,
        "lost": [{"seed": seed}],
    }
    return {
        "assignment": "a",
        "proved": True,
        "seed": seed,
        "correct": correct,
        "misconceptions": None,
        "pairs": pairs,
        "mutants": None,
        "seconds": {"correct": 1.5} if gradings else {"pairs": 2.0},
        "versions": {"python": "3.11"},
    }


def test_verifications_run_in_pieces_add_up() -> None:
    pieces = [verification(1, 10), verification(2, None, {"tried": 3}), verification(3, 20)]
    whole = join_verifications.joined(pieces)
    assert whole["correct"]["gradings"] == 30
    assert whole["correct"]["false_alarms"] == 2
    assert whole["correct"]["lost"] == [{"seed": 1}, {"seed": 3}]
    assert whole["pairs"] == {"tried": 3}
    assert whole["seconds"] == {"correct": 3.0, "pairs": 2.0}


def test_the_same_gradings_are_not_counted_twice() -> None:
    with pytest.raises(SystemExit, match="same seed"):
        join_verifications.joined([verification(1, 10), verification(1, 10)])
    with pytest.raises(SystemExit, match="pairs"):
        join_verifications.joined([verification(1, None, {}), verification(1, None, {})])


@pytest.mark.parametrize("tool", [law_table, verification_table])
def test_the_page_on_verification_has_its_tables(tool) -> None:
    page = tool.PAGE.read_text("utf-8")
    assert page == tool.with_table(page), "run `make docs`"
