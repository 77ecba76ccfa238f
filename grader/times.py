"""Times as people and learning platforms write them."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

import click

__all__ = ["as_time", "read_time"]

_NUMBERS = re.compile(
    r"(\d{4})[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?\s*(?:[(（][^)）]*[)）])?"
    r"[T_ ,]*(\d{1,2})[-:.時]?(\d{2})(?:[-:.分]?(\d{2}))?(?:\.\d+)?秒?分?"
)
_WORDS = ("%A, %d %B %Y, %I:%M %p", "%d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %H:%M")


def as_time(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """A time in ISO 8601 with its offset from UTC, for an option of a command."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise click.BadParameter(
            f"{value!r} is not a time with its offset, such as 2026-07-31T23:59:00+09:00"
        )
    return found


def read_time(words: str, zone: tzinfo | None = None) -> datetime | None:
    """The time that a table or a file name says; None if it says none.

    ISO 8601, ``2026/07/31 23:59``, ``2026年 07月 31日(金曜日) 23:59`` and ``Friday, 31 July 2026,
    11:59 PM`` are read. Without an offset it is a time in ``zone``, or else of this machine.
    """
    words = words.strip()
    found = _iso(words) or _in_numbers(words) or _in_words(words)
    if found is None or found.tzinfo is not None:
        return found
    return found.replace(tzinfo=zone) if zone is not None else found.astimezone()


def _iso(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        return None


def _in_numbers(words: str) -> datetime | None:
    match = _NUMBERS.fullmatch(words)
    try:
        return None if match is None else datetime(*(int(n or 0) for n in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None


def _in_words(words: str) -> datetime | None:
    for form in _WORDS:
        try:
            return datetime.strptime(words, form)
        except ValueError:
            continue
    return None
