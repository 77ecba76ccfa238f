"""Puts what was found into the store: bytes on the disk first, then one row and one job each.

Doing it again, wholly or in part, changes nothing: a submission is known by its person and its
content, a job by its submission.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.batch.archive import Archive
from grader.batch.sources import Entry, Roster
from grader.errors import SubmissionNotFound
from grader.files import MAX_TOTAL_BYTES
from grader.i18n import Text, text
from grader.sanitise import clean
from grader.store import Queue, Store, people
from grader.store.models import Assignment, Submission, User

MAX_FILES = 2000
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files are the same bytes, whenever they are packed


@dataclass(frozen=True)
class Target:
    """The course and assignment that a batch belongs to."""

    course: str
    assignment: str


@dataclass(frozen=True)
class Refused:
    """An entry whose files could not even be read."""

    entry: Entry
    reason: Text


def pack(archive: Archive, entry: Entry) -> bytes:
    """One zip of an entry's files; a zip that was handed in alone stays what it is."""
    names = sorted(entry.members)
    if len(names) > MAX_FILES:
        raise _too_large(entry)
    if len(names) == 1 and PurePosixPath(names[0]).suffix.lower() == ".zip":
        return archive.read(entry.members[names[0]])
    stream = io.BytesIO()
    total = 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        for name in names:
            data = archive.read(entry.members[name])
            total += len(data)
            if total > MAX_TOTAL_BYTES:
                raise _too_large(entry)
            made.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def take_in(
    store: Store, queue: Queue, archive: Archive, roster: Roster, target: Target
) -> tuple[list[int], list[Refused]]:
    """The jobs of a roster, new or known, and the entries that could not be read."""
    jobs: list[int] = []
    refused: list[Refused] = []
    for entry in roster.entries:
        try:
            data = pack(archive, entry)
        except (SubmissionNotFound, OSError) as error:
            reason = error.text if isinstance(error, SubmissionNotFound) else _unread(error)
            refused.append(Refused(entry, reason))
            data = pack(archive, Entry(entry.label, entry.person))  # a row of its own all the same
        digest = store.files.add(data)
        with store.writing() as session:
            jobs.append(_register(session, queue, entry, target, digest, len(data)))
    return jobs, refused


def _register(
    session: Session, queue: Queue, entry: Entry, target: Target, digest: str, size: int
) -> int:
    course = people.course(session, target.course)
    assignment = people.assignment(session, course, target.assignment)
    who = people.user(session, entry.person)
    people.enrol(session, course, who)
    known = _known(session, assignment, who, digest)
    source = {"label": entry.label}
    if entry.submitted is not None:
        source["submitted"] = entry.submitted.isoformat()
    if known is None:
        name = f"{clean(entry.label, 100)}.zip"
        upload = people.Upload(digest, name, size, entry.late, source, entry.submitted)
        known = people.submit(session, assignment, who, upload)
    elif entry.submitted is not None:  # told, or told otherwise, since it was taken in
        known.source, known.received_at = known.source | source, entry.submitted
    return queue.add(session, known.id, key=f"grade:{known.id}").id


def _known(session: Session, assignment: Assignment, who: User, digest: str) -> Submission | None:
    wanted = select(Submission).where(
        Submission.assignment_id == assignment.id,
        Submission.user_id == who.id,
        Submission.digest == digest,
    )
    return session.scalars(wanted.order_by(Submission.number.desc())).first()


def _too_large(entry: Entry) -> SubmissionNotFound:
    return SubmissionNotFound(
        text(
            "{path} is too large. Hand in only your source files; clear the notebook's output.",
            path=clean(entry.label),
        )
    )


def _unread(error: OSError) -> Text:
    return text("It could not be checked: {raised}.", raised=str(error))
