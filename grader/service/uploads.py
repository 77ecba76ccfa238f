"""Takes what a student hands in: on the disk and in the database before it is acknowledged.

The order is the promise. The bytes are written, flushed and renamed; then one transaction adds the
submission and its job; only then does the answer go out. A browser that heard nothing sends again
with the same ``upload`` word, and gets the same submission.
"""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.assignment import find_assignment
from grader.errors import GraderError
from grader.i18n import text
from grader.store import Queue, Store
from grader.store.audit import record
from grader.store.models import QUEUED, RUNNING, Assignment, Job, Submission, User, utc_now
from grader.store.people import Upload, submit

SUFFIXES = (".py", ".ipynb", ".zip")
BESIDE = (".toml", ".json")  # diagnosis.toml, and the histories it names
PASTED = "submission.py"
_WORD = re.compile(r"[0-9a-zA-Z-]{8,64}")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class UploadRefused(GraderError):
    """Nothing was handed in that can be graded; the sentence says what would be."""


@dataclass(frozen=True)
class Part:
    """A file as the browser sent it."""

    name: str
    data: bytes


def packed(parts: Sequence[Part], pasted: str, largest: int) -> Part:
    """What is to be kept: one file as it is, several in a zip, pasted code as a file."""
    named = [Part(safe_name(part.name), part.data) for part in parts if part.name and part.data]
    if pasted.strip():
        named.append(Part(PASTED, pasted.replace("\r\n", "\n").encode()))
    _insist_on_code(named)
    if sum(len(part.data) for part in named) > largest:
        raise UploadRefused(
            text(
                "That is more than {limit} MB. Hand in only your source files; clear the "
                "notebook's output.",
                limit=largest >> 20,
            )
        )
    return named[0] if len(named) == 1 else Part("submission.zip", _zipped(named))


def _insist_on_code(parts: Sequence[Part]) -> None:
    allowed = SUFFIXES + BESIDE
    for part in parts:
        if not part.name.lower().endswith(allowed):
            raise UploadRefused(
                text("{name} is not one of {allowed}.", name=part.name, allowed=", ".join(allowed))
            )
    if not any(part.name.lower().endswith(SUFFIXES) for part in parts):
        raise UploadRefused(
            text("Choose a .py, .ipynb or .zip file, or paste your code into the box.")
        )


def safe_name(name: str) -> str:
    """The last part of a file's name, without anything that is not a letter, a digit or ``._-``."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return re.sub(r"[^\w.-]", "_", last).lstrip(".")[-100:] or "submission"


def _zipped(parts: Sequence[Part]) -> bytes:
    """The same files give the same bytes: no time of day is in the archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted({part.name: part for part in parts}.values(), key=lambda p: p.name):
            archive.writestr(zipfile.ZipInfo(part.name, _EPOCH), part.data)
    return buffer.getvalue()


def accept(
    store: Store, assignment_id: int, user_id: int, part: Part, word: str, most_waiting: int
) -> int:
    """Keep a submission and ask for its grading; the number of the submission's row."""
    key = f"upload:{user_id}:{word}" if _WORD.fullmatch(word) else ""
    digest = store.files.add(part.data)  # on the disk before the row
    with store.writing() as session:
        _one_at_a_time(session, user_id)
        known = session.scalar(select(Job).where(Job.key == key)) if key else None
        if known is not None:
            return known.submission_id
        _insist_on_patience(session, user_id, most_waiting)
        _insist_on_rules(session, assignment_id, user_id)
        made = _add(session, assignment_id, user_id, part, digest)
        key = key or f"submission:{made.id}"
        Queue(store).add(session, made.id, key=key, priority=1 if made.number == 1 else 0)
        return made.id


def _one_at_a_time(session: Session, user_id: int) -> None:
    """Two uploads of one person wait for each other, or both would be attempt 3."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update())


def _insist_on_patience(session: Session, user_id: int, most: int) -> None:
    waiting = (
        select(func.count())
        .select_from(Job)
        .join(Submission)
        .where(Submission.user_id == user_id, Job.state.in_((QUEUED, RUNNING)))
    )
    if (session.scalar(waiting) or 0) >= most:
        raise UploadRefused(
            text("{most} of your submissions are still waiting. Look at those first.", most=most)
        )


def _insist_on_rules(session: Session, assignment_id: int, user_id: int) -> None:
    """The assignment's own limit on attempts and the time between them."""
    assignment = session.get(Assignment, assignment_id)
    rules = find_assignment(assignment.slug).attempts if assignment else None
    if rules is None:
        return
    mine = select(Submission.received_at).where(
        Submission.assignment_id == assignment_id, Submission.user_id == user_id
    )
    refusal = rules.refusal(session.scalars(mine).all(), utc_now())
    if refusal is not None:
        raise UploadRefused(refusal)


def _add(session: Session, assignment_id: int, user_id: int, part: Part, digest: str) -> Submission:
    assignment, user = session.get(Assignment, assignment_id), session.get(User, user_id)
    assert assignment is not None
    assert user is not None
    late = assignment.due_at is not None and utc_now() > assignment.due_at
    size = len(part.data)
    made = submit(session, assignment, user, Upload(digest, part.name, size, late, {"via": "web"}))
    course = assignment.course_id
    record(session, f"user:{user_id}", "submit", made, course_id=course, digest=digest, size=size)
    return made


def word() -> str:
    """A fresh word for one upload."""
    return secrets.token_hex(16)
