"""The documentation says what is true: its commands exist, its code runs, its links lead on."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import needs
import paste_help
import paste_scaffold
from readme_commands import commands
from source_tree import ROOT

PAGES = paste_help.pages()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What the code of a page needs beyond the core: <!-- needs: onnx onnxruntime -->
NEEDS = re.compile(r"^<!-- needs: (.+) -->$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def blocks(page: Path, *languages: str) -> list[str]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for language, text in found if language in languages]


@cache
def grader_help(*arguments: str) -> str:
    return paste_help.help_of(" ".join(("grader", *arguments)))


def subcommands() -> set[str]:
    listed = grader_help().partition("Commands:")[2]
    return set(re.findall(r"^  ([a-z][\w-]*)", listed, re.MULTILINE))


def grader_calls(page: Path) -> list[list[str]]:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    return [line.partition(" #")[0].split() for line in lines if line.startswith("grader ")]


def test_the_readme_begins_with_the_two_commands() -> None:
    for name in ("README.md", "README.ja.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert commands(text) == ["make demo", "make test"]
        assert text.index("```") < text.index("\n## ")


def test_both_readmes_have_the_same_code_and_sections() -> None:
    english, japanese = ROOT / "README.md", ROOT / "README.ja.md"

    def code(page: Path) -> list[str]:
        return [re.sub(r"\s+# .*", "", block) for block in blocks(page, "sh", "python")]

    def sections(page: Path) -> int:
        return page.read_text(encoding="utf-8").count("\n## ")

    assert code(english) == code(japanese)
    assert sections(english) == sections(japanese)


@each_page
def test_every_command_and_option_exists(page: Path) -> None:
    for _, command, *rest in grader_calls(page):
        assert command in subcommands()
        for option in (word.partition("=")[0] for word in rest if word.startswith("--")):
            assert option in grader_help(command), f"grader {command} has no {option}"


def test_every_command_is_documented() -> None:
    documented = {
        match["command"]
        for p in PAGES
        for match in paste_help.PASTED.finditer(p.read_text("utf-8"))
    }
    assert {f"grader {name}" for name in subcommands()} <= documented


@each_page
def test_pasted_help_is_the_real_help(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == paste_help.pasted(text), "run `make docs`"


@each_page
def test_every_target_of_make_exists(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = re.findall(r"(?:`|^)make ([a-z][\w-]*)", page.read_text("utf-8"), re.MULTILINE)
    assert set(named) <= targets


@each_page
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = (link for link in LINK.findall(page.read_text(encoding="utf-8")) if ":" not in link)
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "page", [p for p in PAGES if blocks(p, "python")], ids=lambda page: page.name
)
def test_the_code_runs(page: Path, tmp_path: Path) -> None:
    """The blocks of a page are one program, in their order, in a fresh folder."""
    for modules in NEEDS.findall(page.read_text(encoding="utf-8")):
        needs.need(*modules.split())
    program = tmp_path / "program.py"
    program.write_text("\n".join(blocks(page, "python")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", paste_scaffold.PAGES, ids=lambda page: page.name)
def test_pasted_files_are_those_of_a_new_assignment(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(paste_scaffold.PASTED.findall(text)) == 5
    assert text == paste_scaffold.pasted(text), "run `make docs`"
