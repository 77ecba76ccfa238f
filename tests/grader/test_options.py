"""Options that several commands share say the same everywhere, and are written in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import grader
from densefit.cli import cli as densefit
from grader import options
from grader.cli import cli
from grader.i18n import LANGUAGES
from grader.sandbox.isolation import MODES


def commands() -> Iterator[tuple[str, click.Command]]:
    groups: list[tuple[str, click.Command]] = [("grader", cli), ("densefit", densefit)]
    while groups:
        title, command = groups.pop()
        if isinstance(command, click.Group):
            groups += [(f"{title} {n}", c) for n, c in command.commands.items()]
        yield title, command


def every(name: str) -> Iterator[tuple[str, click.Option]]:
    for title, command in commands():
        for option in command.params if title.startswith("grader") else []:
            if isinstance(option, click.Option) and name in option.opts:
                yield title, option


def test_the_help_keeps_examples_on_lines_of_their_own() -> None:
    shown = 0
    for title, command in commands():
        said = command.get_help(click.Context(command, info_name=title))
        assert "\\b" not in said, title
        examples = re.search(r"^ *Examples?:\n((?: {4}\S.*\n)+)", said, re.MULTILINE)
        assert "Example" not in said or examples is not None, said
        shown += examples is not None
    assert shown > 12


def test_the_language_is_chosen_alike_everywhere() -> None:
    found = dict(every("--lang"))
    assert {"grader check", "grader verify", "grader batch", "grader gradescope"} <= set(found)
    for title, option in found.items():
        assert isinstance(option.type, click.Choice), title
        assert list(option.type.choices) == [*LANGUAGES, "auto"], title
        assert option.help is not None
        assert option.help.startswith("Language of "), title
        assert option.help.endswith("; auto follows LANG."), title


def test_isolation_and_seeds_have_one_range() -> None:
    for title, option in every("--isolation"):
        assert isinstance(option.type, click.Choice), title
        assert tuple(option.type.choices) == tuple(MODES), title
    for title, option in every("--seed"):
        assert isinstance(option.type, click.IntRange), title
        assert (option.type.min, option.type.max) == (0, 2**63 - 1), title


@pytest.mark.parametrize("name", ["--lang", "--isolation", "--seed"])
def test_they_are_written_in_one_place(name: str) -> None:
    folder = Path(grader.__file__).parent
    declared = f'option(\n    "{name}"'
    written = [p.name for p in folder.rglob("*.py") if declared in p.read_text("utf-8")]
    assert written == []
    assert f'"{name}"' in Path(options.__file__).read_text("utf-8")
