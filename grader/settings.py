"""Reads the tables of an ``assignment.toml``; every complaint names file, line, key and remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from grader.errors import AssignmentError
from grader.i18n import LANGUAGES, Text, text
from grader.policy import Attempts, Late, Override
from grader.sandbox.limits import Limits

CHECK_KEYS = ("function", "name", "points", "hidden")
LATE_KEYS = ("deadline", "grace_minutes", "percent_per_day", "max_days")
ATTEMPT_KEYS = ("limit", "counts", "wait_minutes")
OVERRIDE_KEYS = ("function", "name", "points", "reason", "student")


@dataclass(frozen=True)
class Points:
    """What one check of one function is worth; students see nothing of a hidden one."""

    function: str
    name: str
    points: float
    hidden: bool = False


class SettingsReader:
    """Reads the tables of one ``assignment.toml``; every complaint names file, line and key."""

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.lines = source.splitlines()

    def fail(self, key: str, allowed: Text | str, got: Any, occurrence: int = 0) -> NoReturn:
        """Raise for a key: what is allowed, and what stands there."""
        raise AssignmentError(
            text(
                "{where}: {key} must be {allowed}, not {got}.",
                where=self.where(key, occurrence),
                key=key,
                allowed=allowed,
                got=repr(got),
            )
        )

    def where(self, key: str, occurrence: int = 0) -> str:
        """File and, if the key can be found, line."""
        numbers = self.lines_of(key)
        if not numbers:
            return str(self.path)
        return f"{self.path}:{numbers[min(occurrence, len(numbers) - 1)]}"

    def lines_of(self, key: str) -> list[int]:
        """The numbers of the lines that set a key, or open a table of this name."""
        pattern = re.compile(rf"\s*\[*\s*{re.escape(key)}\b")
        return [i for i, line in enumerate(self.lines, 1) if pattern.match(line)]

    def only(self, table: dict[str, Any], allowed: tuple[str, ...]) -> None:
        """Insist that a table has no other keys."""
        for key in table:
            if key not in allowed:
                raise AssignmentError(
                    text(
                        "{where}: unknown key {key}. Allowed are: {allowed}.",
                        where=self.where(key),
                        key=key,
                        allowed=", ".join(allowed),
                    )
                )

    def table(self, key: str, table: Any, allowed: tuple[str, ...]) -> dict[str, Any]:
        """A table that has no other keys than the allowed ones."""
        if not isinstance(table, dict):
            self.fail(key, text("a table"), table)
        self.only(table, allowed)
        return table

    def number(
        self, key: str, value: Any, occurrence: int = 0, most: float = float("inf")
    ) -> float:
        """A number from 0 to ``most``."""
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not good or not 0 <= value <= most:
            allowed = (
                text("a number, 0 or more")
                if most == float("inf")
                else text("a number from 0 to {most:g}", most=most)
            )
            self.fail(key, allowed, value, occurrence)
        return float(value) if isinstance(value, float) else value

    def name(self, key: str, value: Any, occurrence: int = 0) -> str:
        """A string that is not empty."""
        if not isinstance(value, str) or not value:
            self.fail(key, text("a name in quotes"), value, occurrence)
        return value

    def points(self, entries: Any) -> tuple[Points, ...]:
        """The ``[[checks]]`` tables."""
        if not isinstance(entries, list) or not entries:
            self.fail("checks", text("one or more [[checks]] tables"), entries)
        found = []
        for i, entry in enumerate(entries):
            self.table("checks", entry, CHECK_KEYS)
            function = self.name("function", entry.get("function"), i)
            name = self.name("name", entry.get("name"), i)
            points = self.number("points", entry.get("points"), i)
            hidden = entry.get("hidden", False)
            if not isinstance(hidden, bool):
                self.fail("hidden", text("true or false"), hidden)
            found.append(Points(function, name, points, hidden))
            if any((p.function, p.name) == (function, name) for p in found[:-1]):
                self.fail("name", text("another name for each check of {f}", f=function), name, i)
        return tuple(found)

    def late(self, table: Any) -> Late | None:
        """The ``[late]`` table."""
        if table is None:
            return None
        self.table("late", table, LATE_KEYS)
        deadline = table.get("deadline")
        if not isinstance(deadline, datetime) or deadline.tzinfo is None:
            allowed = text("a time with its offset, such as 2026-07-31T23:59:00+09:00")
            self.fail("deadline", allowed, deadline)
        return Late(
            deadline,
            self.number("grace_minutes", table.get("grace_minutes", 0)),
            self.number("percent_per_day", table.get("percent_per_day", 0), most=100),
            self._whole("max_days", table.get("max_days"), 0),
        )

    def attempts(self, table: Any) -> Attempts | None:
        """The ``[attempts]`` table."""
        if table is None:
            return None
        self.table("attempts", table, ATTEMPT_KEYS)
        counts = table.get("counts", "best")
        if counts not in ("best", "last"):
            self.fail("counts", '"best", "last"', counts)
        limit = self._whole("limit", table.get("limit"), 1)
        return Attempts(limit, counts, self.number("wait_minutes", table.get("wait_minutes", 0)))

    def _whole(self, key: str, value: Any, least: int) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.fail(key, text("a whole number, {least} or more", least=least), value)
        return value

    def overrides(self, entries: Any, points: tuple[Points, ...]) -> tuple[Override, ...]:
        """The ``[[overrides]]`` tables; each names a check that there is."""
        if not isinstance(entries, list):
            self.fail("overrides", text("[[overrides]] tables"), entries)
        worth = {(p.function, p.name): p for p in points}
        found = []
        for i, entry in enumerate(entries):
            self.table("overrides", entry, OVERRIDE_KEYS)
            check = worth.get((entry.get("function", ""), entry.get("name", "")))
            if check is None:
                allowed = text("function and name of a check: {known}", known=_listed(worth))
                self.fail("overrides", allowed, entry, i)
            student = entry.get("student")
            if student is not None:
                self.name("student", student, i)
            override = Override(
                check.function,
                check.name,
                self._among_overrides("points", entry.get("points"), i, check.points),
                self.text("reason", entry.get("reason")),
                student,
            )
            found.append(override)
        return tuple(found)

    def _among_overrides(self, key: str, value: Any, number: int, most: float) -> float:
        """A number whose key also stands in ``[[checks]]``: complain of the right line."""
        before = self.lines_of("overrides")[number] if self.lines_of("overrides") else 0
        occurrence = sum(line < before for line in self.lines_of(key))
        return self.number(key, value, occurrence, most)

    def text(self, key: str, value: Any) -> Text:
        """A sentence in every language."""
        if not isinstance(value, dict) or not all(isinstance(value.get(k), str) for k in LANGUAGES):
            self.fail(key, text("a table with en and ja"), value)
        return dict(value)

    def limits(self, table: Any) -> Limits:
        """The ``[limits]`` table; the keys are those of :class:`Limits`."""
        if not isinstance(table, dict):
            self.fail("limits", text("a table"), table)
        self.only(table, tuple(f.name for f in fields(Limits)))
        for key, value in table.items():
            whole = isinstance(getattr(Limits, key), int)
            kinds = (int,) if whole else (int, float)
            if isinstance(value, bool) or not isinstance(value, kinds) or value < 0:
                allowed = text("a whole number") if whole else text("a number of seconds")
                self.fail(key, allowed, value)
        try:
            return Limits(**table)
        except ValueError as error:
            raise AssignmentError(
                text("{where}: {raised}.", where=self.where("limits"), raised=str(error))
            ) from error

    def diagnosis(self, table: Any) -> float | None:
        """The points of the ``[diagnosis]`` table, if there is one."""
        if table is None:
            return None
        points = table.get("points") if isinstance(table, dict) else None
        if isinstance(points, bool) or not isinstance(points, (int, float)) or points < 0:
            self.fail("diagnosis", text("a table with points"), table)
        return float(points)


def _listed(worth: dict[tuple[str, str], Points]) -> str:
    return ", ".join(f"{function}/{name}" for function, name in worth)
