"""Options that several commands share: the same words, choices and ranges everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from grader.i18n import LANGUAGES
from grader.sandbox.isolation import MODES, Mode

__all__ = ["FULL_SANDBOX", "format_", "isolation", "lang", "output", "seed"]

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Command], Command]

FULL_SANDBOX = "required: refuse without a full sandbox. none: only a separate process."


def lang(of: str = "the report") -> Option[Any]:
    """``--lang``; ``of`` is what is written in that language."""
    return click.option(
        "--lang",
        type=click.Choice([*LANGUAGES, "auto"]),
        default="auto",
        show_default=True,
        help=f"Language of {of}; auto follows LANG.",
    )


def format_(choices: Sequence[str], default: str, words: str) -> Option[Any]:
    """``--format``, given to the command as ``format_``."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(choices),
        default=default,
        show_default=True,
        help=words,
    )


def isolation(default: Mode = "auto", words: str = FULL_SANDBOX) -> Option[Any]:
    """``--isolation``."""
    return click.option(
        "--isolation", type=click.Choice(MODES), default=default, show_default=True, help=words
    )


def seed(words: str, default: int | None = None) -> Option[Any]:
    """``--seed``: 63 bits, so that it fits into every database."""
    return click.option(
        "--seed",
        type=click.IntRange(min=0, max=2**63 - 1),
        default=default,
        show_default=default is not None,
        help=words,
    )


def output() -> Option[Any]:
    """``--output``, for commands that print without it."""
    return click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path, dir_okay=False, writable=True),
        help="Write to this file instead of the screen.",
    )
