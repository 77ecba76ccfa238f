"""Recognises what an LMS downloads, and says whose each file is.

=========== ====================================================================================
Moodle      ``<full name>_<participant number>_assignsubmission_file/<path>``, or the same flat;
            older ones end the folder's name with ``_``
Canvas      ``<sortablename>[_LATE]_<user id>_<attachment id>_<file>``
Gradescope  ``submission_metadata.yml`` and a folder for each submission
WebClass    a table ``answer.csv`` with a column of file names and one of names
folder      one file or one folder for each student, named after them and perhaps the time:
            ``s1234567 2026-07-31 23-59.py``
=========== ====================================================================================

Moodle numbers participants anew for each assignment, so that number names a person only within
one assignment; Canvas's user id and Gradescope's student id or address name them everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any

from grader.batch.archive import Archive
from grader.errors import GraderError
from grader.i18n import text
from grader.sheet import read_sheet
from grader.store.people import Person
from grader.times import read_time

MOODLE = re.compile(
    r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
CANVAS = re.compile(
    r"(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)"
)
TIMED = re.compile(
    r"(?P<who>.+?)[ _@-]+(?P<time>\d{4}-\d{2}-\d{2}[T_ -]\d{2}[-:.]?\d{2}(?:[-:.]?\d{2})?)"
)
METADATA = "submission_metadata.yml"
WEBCLASS_TABLE = "answer.csv"
WEBCLASS_FILE = ("report/answer", "report", "answer", "ファイル", "提出ファイル", "ファイル名")
WEBCLASS_NAME = ("氏名", "name", "名前")
WEBCLASS_TIME = ("提出日時", "提出日", "回答日時", "日時", "submitted", "date")
WEBCLASS_ID = ("ユーザID", "ユーザーID", "ユーザid", "学籍番号", "user id", "userid", "id")
KINDS = ("moodle", "canvas", "gradescope", "webclass", "folder")


class SourceError(GraderError):
    """The download or the map is not what it should be. Look at the file and line named."""


@dataclass(frozen=True)
class Entry:
    """What one person handed in; ``members`` are its files by their name in the submission.

    ``late`` is the platform's own word, ``submitted`` the time where it tells.
    """

    label: str
    person: Person
    members: dict[str, str] = field(default_factory=dict)
    late: bool = False
    submitted: datetime | None = None


@dataclass(frozen=True)
class Roster:
    """Everybody found in a source, and how the source was recognised."""

    kind: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Where:
    """Course and assignment, where names are unique, and the zone of their times."""

    scope: str
    zone: tzinfo | None = None


def recognise(
    archive: Archive, scope: str, kind: str | None = None, zone: tzinfo | None = None
) -> Roster:
    """Who handed in what; ``scope`` (course and assignment) is where names are unique.

    ``zone`` is that of times without an offset.
    """
    names = archive.names()
    top = _common_folder(names)
    for offset in dict.fromkeys(["", top]):
        inner = {name.removeprefix(offset): name for name in names}
        for known, reader in _READERS.items():
            if kind in (None, known) and known != "folder":
                entries = reader(archive, inner, Where(scope, zone))
                if entries:
                    return Roster(known, in_order(entries))
    if kind not in (None, "folder"):
        raise SourceError(text("This is not a download of {kind}.", kind=kind))
    inner = {name.removeprefix(top): name for name in names}
    if len({name.partition("/")[0] for name in inner}) == 1:
        inner = {name: name for name in names}  # one student's folder rather than a class
    return Roster("folder", in_order(_folder(archive, inner, Where(scope, zone))))


def _common_folder(names: Sequence[str]) -> str:
    tops = {name.partition("/")[0] for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """By name; attempts of one person by the time they were handed in."""
    return tuple(sorted(entries, key=_order))


def _order(entry: Entry) -> tuple[str, str, float]:
    when = entry.submitted.timestamp() if entry.submitted else 0.0
    return entry.person.name, entry.person.subject, when


def _moodle(_: Archive, names: dict[str, str], where: Where) -> list[Entry]:
    found: dict[str, Entry] = {}
    for inner, name in names.items():
        head, _slash, rest = inner.partition("/")
        match = MOODLE.fullmatch(head)
        if match is None:
            continue
        number = match["id"]
        person = Person(f"moodle:{where.scope}", number, match["name"])
        entry = found.setdefault(number, Entry(f"{match['name']} ({number})", person))
        entry.members[rest or match["file"] or head] = name
    return list(found.values())


def _canvas(_: Archive, names: dict[str, str], where: Where) -> list[Entry]:
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


def _gradescope(archive: Archive, names: dict[str, str], where: Where) -> list[Entry]:
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
            lateness = about.get(":lateness")
            late = isinstance(lateness, int | float) and lateness > 0
            when = _in_utc(about.get(":created_at"))
            found.append(Entry(f"{person.name} ({folder})", person, members, late, when))
    return found


def _in_utc(value: object) -> datetime | None:
    """A time of the export, which YAML reads; one without an offset is UTC."""
    if isinstance(value, str):
        return read_time(value, UTC)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


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


def _webclass(archive: Archive, names: dict[str, str], where: Where) -> list[Entry]:
    if WEBCLASS_TABLE not in names:
        return []
    sheet = read_sheet(archive.read(names[WEBCLASS_TABLE]), WEBCLASS_TABLE)
    files, person = sheet.find(WEBCLASS_FILE), sheet.find(WEBCLASS_NAME)
    identity, time = sheet.find(WEBCLASS_ID), sheet.find(WEBCLASS_TIME)
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
            known = subject if identity is not None else None
            who = Person(f"webclass:{where.scope}", subject, name, student_number=known)
            when = None if time is None else read_time(sheet.cell(row, time), where.zone)
            found.append(Entry(name or subject, who, members, submitted=when))
    return found


def _is_file(name: str, wanted: str) -> bool:
    return bool(wanted) and PurePosixPath(name).name == wanted


def _folder(_: Archive, names: dict[str, str], where: Where) -> list[Entry]:
    found: dict[str, Entry] = {}
    for inner, name in names.items():
        head, slash, rest = inner.partition("/")
        who, when = _timed(head if slash else PurePosixPath(head).stem, where.zone)
        person = Person(f"folder:{where.scope}", who, who, student_number=who)
        entry = found.setdefault(head, Entry(head, person, submitted=when))
        entry.members[rest or head] = name
    return list(found.values())


def _timed(name: str, zone: tzinfo | None) -> tuple[str, datetime | None]:
    """The student and the time of ``s1234567 2026-07-31 23-59``."""
    match = TIMED.fullmatch(name)
    when = read_time(match["time"], zone) if match else None
    return (match["who"], when) if match and when else (name, None)


_READERS: dict[str, Callable[[Archive, dict[str, str], Where], list[Entry]]] = {
    "gradescope": _gradescope,
    "webclass": _webclass,
    "moodle": _moodle,
    "canvas": _canvas,
    "folder": _folder,
}
