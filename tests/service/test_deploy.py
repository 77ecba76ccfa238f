"""The files for containers and systemd start commands that exist, with options they have."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from grader.cli import cli
from source_tree import ROOT

DEPLOY = ROOT / "deploy"


def commands(path: Path) -> list[list[str]]:
    """What a file starts: JSON lists of containers, ExecStart lines of systemd."""
    source = path.read_text(encoding="utf-8")
    lists = re.findall(r"^(?:CMD|\s*command:)\s*(\[.*\])$", source, re.MULTILINE)
    lines = re.findall(r"^ExecStart=(.*)$", source, re.MULTILINE)
    return [json.loads(found) for found in lists] + [shlex.split(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "started"),
    [
        ("Dockerfile", ["serve"]),
        ("compose.yaml", ["serve", "worker"]),
        ("grader-web.service", ["serve"]),
        ("grader-worker.service", ["worker"]),
    ],
)
def test_what_is_started_can_be(name: str, started: list[str]) -> None:
    found = commands(DEPLOY / name)
    assert [words[1] for words in found] == started
    for program, command, *arguments in found:
        assert Path(program).name == "grader"
        context = cli.commands[command].make_context(command, arguments)
        assert context.params.get("isolation", "required") == "required"


def test_variables_are_ones_that_the_commands_read() -> None:
    known = {
        option.envvar
        for command in ("serve", "worker")
        for option in cli.commands[command].params
        if option.envvar
    }
    for path in DEPLOY.iterdir():
        used = set(re.findall(r"GRADER_[A-Z_]+", path.read_text(encoding="utf-8")))
        assert used <= known, path.name
