"""Recognises what an LMS downloads, and says whose each file is.

=========== ====================================================================================
Moodle      ``<full name>_<participant number>_assignsubmission_file/<path>``, or the same flat
Canvas      ``<sortablename>[_LATE]_<user id>_<attachment id>_<file>``
Gradescope  ``submission_metadata.yml`` and a folder for each submission
WebClass    a table ``answer.csv`` with a column of file names and one of names
folder      one file or one folder for each student, named after them
=========== ====================================================================================

Moodle numbers participants anew for each assignment, so that number names a person only within
one assignment; Canvas's user id and Gradescope's student id or address name them everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from grader.batch.archive import Archive
from grader.errors import GraderError
from grader.i18n import text
from grader.sheet import Sheet, read_sheet
from grader.store.people import Person

MOODLE = re.compile(
    r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.+))?"
)
CANVAS = re.compile(
    r"(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)"
)
METADATA = "submission_metadata.yml"
WEBCLASS_TABLE = "answer.csv"
WEBCLASS_FILE = ("report/answer", "report", "answer", "ファイル", "提出ファイル", "ファイル名")
WEBCLASS_NAME = ("氏名", "name", "名前")
WEBCLASS_ID = ("ユーザID", "ユーザーID", "ユーザid", "学籍番号", "user id", "userid", "id")
KINDS = ("moodle", "canvas", "gradescope", "webclass", "folder")


class SourceError(GraderError):
    """The download or the map is not what it should be. Look at the file and line named."""


@dataclass(frozen=True)
class Entry:
    """What one person handed in; ``members`` are its files by their name in the submission."""

    label: str
    person: Person
    members: dict[str, str] = field(default_factory=dict)
    late: bool = False


@dataclass(frozen=True)
class Roster:
    """Everybody found in a source, and how the source was recognised."""

    kind: str
    entries: tuple[Entry, ...]


def recognise(archive: Archive, scope: str, kind: str | None = None) -> Roster:
    """Who handed in what; ``scope`` (course and assignment) is where names are unique."""
    names = archive.names()
    top = _common_folder(names)
    for offset in dict.fromkeys(["", top]):
        inner = {name.removeprefix(offset): name for name in names}
        for known, reader in _READERS.items():
            if kind in (None, known) and known != "folder":
                entries = reader(archive, inner, scope)
                if entries:
                    return Roster(known, _in_order(entries))
    if kind not in (None, "folder"):
        raise SourceError(text("This is not a download of {kind}.", kind=kind))
    return Roster("folder", _in_order(_folder(archive, {n: n for n in names}, scope)))


def _common_folder(names: Sequence[str]) -> str:
    tops = {name.partition("/")[0] for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.person.name, entry.person.subject)))


def _moodle(_: Archive, names: dict[str, str], scope: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    for inner, name in names.items():
        head, _slash, rest = inner.partition("/")
        match = MOODLE.fullmatch(head)
        if match is None:
            continue
        number = match["id"]
        person = Person(f"moodle:{scope}", number, match["name"])
        entry = found.setdefault(number, Entry(f"{match['name']} ({number})", person))
        entry.members[rest or match["file"] or head] = name
    return list(found.values())


def _canvas(_: Archive, names: dict[str, str], scope: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    for inner, name in names.items():
        match = CANVAS.fullmatch(inner)
        if match is None:
            return []  # one file of another form: not Canvas
        user = match["user"]
        person = Person("canvas", user, match["name"])
        entry = found.setdefault(user, Entry(f"{match['name']} ({user})", person))
        entry.members[match["file"]] = name
        if match["late"]:
            found[user] = replace(entry, late=True)
    return list(found.values())


def _gradescope(archive: Archive, names: dict[str, str], scope: str) -> list[Entry]:
    if METADATA not in names:
        return []
    submissions = _yaml(archive.read(names[METADATA]))
    found = []
    for folder, about in submissions.items():
        prefix = f"{folder}/"
        members = {
            n.removeprefix(prefix): name for n, name in names.items() if n.startswith(prefix)
        }
        for submitter in about.get(":submitters") or []:
            person = _gradescope_person(submitter)
            late = float(about.get(":lateness") or 0) > 0 if _is_number(about) else False
            found.append(Entry(f"{person.name} ({folder})", person, members, late))
    return found


def _is_number(about: dict[str, Any]) -> bool:
    return isinstance(about.get(":lateness"), int | float)


def _gradescope_person(submitter: dict[str, Any]) -> Person:
    sid, email = (str(submitter.get(key) or "") or None for key in (":sid", ":email"))
    name = str(submitter.get(":name") or "")
    return Person("gradescope", sid or email or name, name, email=email, student_number=sid)


def _yaml(data: bytes) -> dict[str, Any]:
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise SourceError(
            text("Reading a Gradescope export needs PyYAML: pip install 'densefit[batch]'.")
        ) from error
    try:
        table = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(
            text("{file} cannot be read: {raised}.", file=METADATA, raised=str(error))
        ) from error
    return table if isinstance(table, dict) else {}


def _webclass(archive: Archive, names: dict[str, str], scope: str) -> list[Entry]:
    if WEBCLASS_TABLE not in names:
        return []
    sheet = read_sheet(archive.read(names[WEBCLASS_TABLE]), WEBCLASS_TABLE)
    files, person = sheet.find(WEBCLASS_FILE), sheet.find(WEBCLASS_NAME)
    identity = sheet.find(WEBCLASS_ID)
    if files is None or (person is None and identity is None):
        raise SourceError(
            text(
                "{file} has no column of file names ({wanted}); its columns are: {columns}. "
                "Give --map instead.",
                file=WEBCLASS_TABLE,
                wanted=WEBCLASS_FILE[0],
                columns=", ".join(sheet.header),
            )
        )
    found = []
    for row in sheet.rows:
        handed_in = PurePosixPath(sheet.cell(row, files).replace("\\", "/")).name
        name = sheet.cell(row, person) if person is not None else ""
        subject = sheet.cell(row, identity) if identity is not None else name
        members = {PurePosixPath(n).name: p for n, p in names.items() if _is_file(n, handed_in)}
        if subject:
            found.append(
                Entry(name or subject, Person(f"webclass:{scope}", subject, name), members)
            )
    return found


def _is_file(name: str, wanted: str) -> bool:
    return bool(wanted) and PurePosixPath(name).name == wanted


def _folder(_: Archive, names: dict[str, str], scope: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    for inner, name in names.items():
        head, slash, rest = inner.partition("/")
        who = head if slash else PurePosixPath(head).stem
        entry = found.setdefault(head, Entry(head, Person(f"folder:{scope}", who, who)))
        entry.members[rest or head] = name
    return list(found.values())


_READERS: dict[str, Callable[[Archive, dict[str, str], str], list[Entry]]] = {
    "gradescope": _gradescope,
    "webclass": _webclass,
    "moodle": _moodle,
    "canvas": _canvas,
    "folder": _folder,
}


# --- the teacher's own map ------------------------------------------------------------------------

MAP_COLUMNS = ("file", "id", "name", "email", "username", "student_number")


def apply_map(roster: Roster, sheet: Sheet, file: str) -> Roster:
    """The roster with people as the teacher's CSV says; entries with one id become one."""
    columns = {name: sheet.find((name,)) for name in MAP_COLUMNS}
    if columns["file"] is None or columns["id"] is None:
        raise SourceError(
            text(
                "{file} needs the columns file and id (and may have {others}); it has: {columns}.",
                file=file,
                others=", ".join(MAP_COLUMNS[2:]),
                columns=", ".join(sheet.header),
            )
        )
    people = {}
    for row in sheet.rows:
        cells = {n: sheet.cell(row, c).strip() for n, c in columns.items() if c is not None}
        people[cells.pop("file")] = cells
    merged: dict[tuple[str, str], Entry] = {}
    for entry in roster.entries:
        told = people.get(entry.label) or people.get(entry.person.subject)
        mapped = replace(entry, person=_mapped(told)) if told else entry
        key = (mapped.person.provider, mapped.person.subject)
        if key in merged:
            mapped.members.update({f"{entry.label}/{k}": v for k, v in merged[key].members.items()})
        merged[key] = mapped
    return Roster(roster.kind, _in_order(merged.values()))


def _mapped(told: dict[str, str]) -> Person:
    return Person(
        "map",
        told["id"],
        told.get("name") or told["id"],
        told.get("email") or None,
        told.get("username") or None,
        told.get("student_number") or told["id"],
    )
