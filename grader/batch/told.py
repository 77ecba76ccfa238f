"""What the teacher tells beside a download: a map of who is who, and Moodle's own worksheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from grader.batch.sources import Entry, Roster, SourceError, in_order
from grader.i18n import text
from grader.sheet import Row, Sheet
from grader.store.people import Person
from grader.times import read_time

MAP_COLUMNS = ("file", "id", "name", "email", "username", "student_number", "submitted")
IDENTIFIER = ("Identifier", "ID", "識別子")
WORKSHEET = {
    "name": ("Full name", "氏名", "フルネーム"),
    "email": ("Email address", "メールアドレス"),
    "username": ("Username", "ユーザ名", "ユーザー名"),
    "student_number": ("ID number", "IDナンバー", "学籍番号"),
}
MODIFIED = (
    "Last modified (submission)",
    "最終更新日時 (提出)",
    "最終更新日時(提出)",
    "最終更新 (提出)",
    "最終更新日時 (提出物)",
)


@dataclass(frozen=True)
class Told:
    """A roster with people as they were told, and the lines that fit nobody."""

    roster: Roster
    unused: tuple[str, ...] = ()


def apply_map(roster: Roster, sheet: Sheet, file: str, zone: tzinfo | None = None) -> Told:
    """The roster with people as the teacher's CSV says; entries with one id become one.

    Entries of one id that were handed in at different times stay: they are attempts.
    """
    people = dict(_map_lines(sheet, file))
    used: set[str] = set()
    merged: dict[tuple[str, str, datetime | None], Entry] = {}
    for entry in roster.entries:
        name = next((n for n in _names(entry) if n in people), None)
        mapped = entry
        if name is not None:
            used.add(name)
            mapped = _mapped(entry, people[name], file, zone)
        key = (mapped.person.provider, mapped.person.subject, mapped.submitted)
        if key in merged:
            mapped.members.update({f"{entry.label}/{k}": v for k, v in merged[key].members.items()})
        merged[key] = mapped
    return Told(Roster(roster.kind, in_order(merged.values())), tuple(sorted(set(people) - used)))


def _map_lines(sheet: Sheet, file: str) -> Iterator[tuple[str, dict[str, str]]]:
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
    for row in sheet.rows:
        cells = {n: sheet.cell(row, c).strip() for n, c in columns.items() if c is not None}
        yield cells.pop("file").rstrip("/"), cells


def _names(entry: Entry) -> Iterator[str]:
    """What a teacher may call an entry by: its label, its number, or its file or folder."""
    yield entry.label
    yield entry.person.subject
    for path in entry.members.values():
        yield path
        yield from path.split("/")[:-1]


def _mapped(entry: Entry, told: dict[str, str], file: str, zone: tzinfo | None) -> Entry:
    person = Person(
        "map",
        told["id"],
        told.get("name") or told["id"],
        told.get("email") or None,
        told.get("username") or None,
        told.get("student_number") or told["id"],
    )
    words = told.get("submitted", "")
    submitted = read_time(words, zone) if words else entry.submitted
    if words and submitted is None:
        raise SourceError(
            text(
                "{file}: {words} in the column submitted is not a time. Write "
                "2026-07-31T23:59:00+09:00.",
                file=file,
                words=repr(words),
            )
        )
    return replace(entry, person=person, submitted=submitted)


def apply_worksheet(roster: Roster, sheet: Sheet, file: str, zone: tzinfo | None = None) -> Told:
    """The roster with names, addresses and times from Moodle's offline grading worksheet."""
    identifier = sheet.find(IDENTIFIER)
    if roster.kind != "moodle" or identifier is None:
        raise SourceError(
            text(
                "{file} is not the grading worksheet of this download: a Moodle download and a "
                "column Identifier are needed; its columns are: {columns}.",
                file=file,
                columns=", ".join(sheet.header),
            )
        )
    rows = {_digits(sheet.cell(row, identifier)): row for row in sheet.rows}
    entries = [
        _as_in(entry, sheet, rows[entry.person.subject], zone)
        if entry.person.subject in rows
        else entry
        for entry in roster.entries
    ]
    absent = {entry.label for entry in roster.entries if entry.person.subject not in rows}
    return Told(Roster(roster.kind, in_order(entries)), tuple(sorted(absent)))


def _digits(words: str) -> str:
    """``12`` of ``Participant 12``, in whatever language the teacher's Moodle speaks."""
    stripped = words.rstrip()
    return stripped[len(stripped.rstrip("0123456789")) :]


def _as_in(entry: Entry, sheet: Sheet, row: Row, zone: tzinfo | None) -> Entry:
    found = {name: sheet.find(usual) for name, usual in WORKSHEET.items()}
    cells = {name: sheet.cell(row, c).strip() for name, c in found.items() if c is not None}
    known = {name: value for name, value in cells.items() if value}
    modified = sheet.find(MODIFIED)
    submitted = None if modified is None else read_time(sheet.cell(row, modified), zone)
    person = replace(entry.person, **known)
    return replace(entry, person=person, submitted=submitted or entry.submitted)
