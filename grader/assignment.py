"""Finds an assignment; loads its ``assignment.toml``, ``checks.py`` and ``misconceptions.py``."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.errors import AssignmentError
from grader.i18n import Text, text
from grader.sandbox.limits import Limits

if TYPE_CHECKING:
    from grader.checks.model import FunctionChecks
    from grader.misconception import Misconception

SCHEMA = 1
KEYS = ("schema", "slug", "title", "checks", "limits", "diagnosis")
CHECK_KEYS = ("function", "name", "points")


@dataclass(frozen=True)
class Points:
    """What one check of one function is worth."""

    function: str
    name: str
    points: float


@dataclass(frozen=True)
class Assignment:
    """An assignment's folder, and what its ``assignment.toml`` says."""

    slug: str
    title: Text
    folder: Path
    points: tuple[Points, ...]
    limits: Limits
    diagnosis_points: float | None

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions of the contract, in order."""
        return tuple(dict.fromkeys(p.function for p in self.points))

    @cached_property
    def checks(self) -> tuple[FunctionChecks, ...]:
        """``CHECKS`` of ``checks.py``; every check listed in ``assignment.toml`` must be there."""
        from grader.checks.model import named

        module = _load_module(self.folder / "checks.py")
        checks: tuple[FunctionChecks, ...] = tuple(getattr(module, "CHECKS", ()))
        available = set(named(checks))
        listed = {(p.function, p.name) for p in self.points}
        for function, name in sorted(available ^ listed):
            raise AssignmentError(
                text(
                    "{file}: the check {name} of {function} is only in one of assignment.toml and "
                    "checks.py; it must be in both.",
                    file=str(self.folder),
                    function=function,
                    name=name,
                )
            )
        return checks

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """``MISCONCEPTIONS`` of ``misconceptions.py``; none when there is no such file."""
        path = self.folder / "misconceptions.py"
        if not path.is_file():
            return ()
        return tuple(getattr(_load_module(path), "MISCONCEPTIONS", ()))


def find_assignment(name: str) -> Assignment:
    """The assignment of this slug, or in this folder; its own files must be right."""
    for folder in _candidates(name):
        if (folder / "assignment.toml").is_file():
            return _read(folder / "assignment.toml")
    raise AssignmentError(
        text(
            "There is no assignment {name}. There are: {known}.",
            name=name,
            known=", ".join(known_assignments()) or "-",
        )
    )


def known_assignments() -> list[str]:
    """The slugs of the assignments that come with the grader."""
    found = {p.parent.name for root in _roots() for p in root.glob("*/assignment.toml")}
    return sorted(found)


def _roots() -> list[Path]:
    """The installed assignments, or those of the checkout this package stands in."""
    package = Path(__file__).parent
    return [
        root for root in (package / "assignments", package.parent / "assignments") if root.is_dir()
    ]


def _candidates(name: str) -> list[Path]:
    if re.fullmatch(r"[\w-]+", name):
        return [root / name for root in _roots()] + [Path(name)]
    return [Path(name)]


def _load_module(path: Path) -> ModuleType:
    name = f"grader_assignment_{re.sub(r'[^0-9A-Za-z]', '_', str(path.parent))}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise AssignmentError(text("{file} cannot be loaded.", file=str(path)))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise AssignmentError(
            text(
                "{file} cannot be loaded: {raised}.",
                file=_with_line(path, error),
                raised=f"{type(error).__name__}: {error}",
            )
        ) from error
    return module


def _with_line(path: Path, error: Exception) -> str:
    line = error.lineno if isinstance(error, SyntaxError) else None
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == str(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return f"{path}:{line}" if line else str(path)


def _read(path: Path) -> Assignment:
    source = path.read_text("utf-8")
    try:
        table = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise AssignmentError(
            text("{file} is not valid TOML: {raised}.", file=str(path), raised=str(error))
        ) from error
    reader = _Reader(path, source)
    reader.only(table, KEYS)
    if table.get("schema") != SCHEMA:
        reader.fail("schema", str(SCHEMA), table.get("schema"))
    slug = table.get("slug")
    if not isinstance(slug, str) or not re.fullmatch(r"[\w-]+", slug):
        reader.fail("slug", text("letters, digits, - and _"), slug)
    title = table.get("title")
    if not isinstance(title, dict) or not all(isinstance(title.get(k), str) for k in ("en", "ja")):
        reader.fail("title", text("a table with en and ja"), title)
    return Assignment(
        slug=slug,
        title=title,
        folder=path.parent,
        points=reader.points(table.get("checks")),
        limits=reader.limits(table.get("limits", {})),
        diagnosis_points=reader.diagnosis(table.get("diagnosis")),
    )


class _Reader:
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
        pattern = re.compile(rf"\s*\[*\s*{re.escape(key)}\b")
        numbers = [i for i, line in enumerate(self.lines, 1) if pattern.match(line)]
        if not numbers:
            return str(self.path)
        return f"{self.path}:{numbers[min(occurrence, len(numbers) - 1)]}"

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

    def points(self, entries: Any) -> tuple[Points, ...]:
        """The ``[[checks]]`` tables."""
        if not isinstance(entries, list) or not entries:
            self.fail("checks", text("one or more [[checks]] tables"), entries)
        found = []
        for i, entry in enumerate(entries):
            self.only(entry, CHECK_KEYS)
            for key in ("function", "name"):
                if not isinstance(entry.get(key), str):
                    self.fail(key, text("a name in quotes"), entry.get(key), i)
            points = entry.get("points")
            if isinstance(points, bool) or not isinstance(points, (int, float)) or points < 0:
                self.fail("points", text("a number, 0 or more"), points, i)
            found.append(Points(entry["function"], entry["name"], points))
        return tuple(found)

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
