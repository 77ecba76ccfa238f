"""Finds an assignment; loads its ``assignment.toml``, ``checks.py`` and ``misconceptions.py``."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from grader.errors import AssignmentError
from grader.i18n import Text, text
from grader.policy import Attempts, Late, Override
from grader.sandbox.limits import Limits
from grader.settings import Points, SettingsReader

if TYPE_CHECKING:
    from grader.checks.model import FunctionChecks
    from grader.misconception import Misconception

SCHEMA = 1
OWN = "GRADER_ASSIGNMENTS"  # folders that hold folders of assignments, as PATH does programs
KEYS = (
    "schema",
    "slug",
    "title",
    "checks",
    "limits",
    "diagnosis",
    "late",
    "attempts",
    "overrides",
)


@dataclass(frozen=True)
class Assignment:
    """An assignment's folder, and what its ``assignment.toml`` says."""

    slug: str
    title: Text
    folder: Path
    points: tuple[Points, ...]
    limits: Limits
    diagnosis_points: float | None
    late: Late | None = None
    attempts: Attempts | None = None
    overrides: tuple[Override, ...] = ()

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions of the contract, in order."""
        return tuple(dict.fromkeys(p.function for p in self.points))

    @cached_property
    def checks(self) -> tuple[FunctionChecks, ...]:
        """``CHECKS`` of ``checks.py``; every check listed in ``assignment.toml`` must be there.

        Hidden ones may be missing: what students have of an assignment need not hold them.
        """
        from grader.checks.model import named

        module = _load_module(self.folder / "checks.py")
        checks: tuple[FunctionChecks, ...] = tuple(getattr(module, "CHECKS", ()))
        available = set(named(checks))
        listed = {(p.function, p.name) for p in self.points}
        elsewhere = {(p.function, p.name) for p in self.points if p.hidden} - available
        for function, name in sorted((available ^ listed) - elsewhere):
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
        """``MISCONCEPTIONS`` of every ``*misconceptions.py``, in the order of their names."""
        paths = sorted(self.folder.glob("*misconceptions.py"))
        return tuple(m for path in paths for m in getattr(_load_module(path), "MISCONCEPTIONS", ()))


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
    """The slugs of the assignments that come with the grader, and of one's own."""
    found = {p.parent.name for root in _roots() for p in root.glob("*/assignment.toml")}
    return sorted(found)


def _roots() -> list[Path]:
    """Folders of one's own first, then the installed ones or the checkout's."""
    package = Path(__file__).parent
    own = [Path(root) for root in os.environ.get(OWN, "").split(os.pathsep) if root]
    roots = (*own, package / "assignments", package.parent / "assignments")
    return [root for root in roots if root.is_dir()]


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
    reader = SettingsReader(path, source)
    reader.only(table, KEYS)
    if table.get("schema") != SCHEMA:
        reader.fail("schema", str(SCHEMA), table.get("schema"))
    slug = table.get("slug")
    if not isinstance(slug, str) or not re.fullmatch(r"[\w-]+", slug):
        reader.fail("slug", text("letters, digits, - and _"), slug)
    points = reader.points(table.get("checks"))
    return Assignment(
        slug=slug,
        title=reader.text("title", table.get("title")),
        folder=path.parent,
        points=points,
        limits=reader.limits(table.get("limits", {})),
        diagnosis_points=reader.diagnosis(table.get("diagnosis")),
        late=reader.late(table.get("late")),
        attempts=reader.attempts(table.get("attempts")),
        overrides=reader.overrides(table.get("overrides", []), points),
    )
