"""A graded class with awkward names, without grading anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import needs
import results

if TYPE_CHECKING:
    from grader.batch.roll import Line

# Participant number, name, points of 10.
CLASS = (
    ("11", "山田 太郎", 10.0),
    ("12", "髙﨑 花子", 7.256),
    ("13", "O'Neil-Smith", 0.0),
    ("14", "Zoë", 9.999),
    ("15", "=cmd|' C calc'!A0", 3.0),
)


def document(points: float) -> dict[str, Any]:
    words = {"en": "Sums <over> the wrong axis", "ja": "和をとる軸が違います"}
    named = None if points == 10 else results.NamedMisconception("axis", words, words, words)
    shown = results.check(
        "gradients",
        "passed" if points == 10 else "failed",
        points,
        function="dense_backward",
        title={"en": "gradients", "ja": "勾配"},
        max_points=10,
        message=words,
        misconception=named,
    )
    secret = results.check(
        "hidden",
        "failed",
        function="hidden",
        max_points=0,
        message={"en": "SECRET", "ja": "SECRET"},
        hidden=True,
    )
    return results.result(shown, secret, seconds=0.1).as_dict()


@pytest.fixture
def graded(tmp_path: Path) -> Iterator[Path]:
    """The output folder of a batch of :data:`CLASS`, and one that could not be checked."""
    needs.need("sqlalchemy", "alembic")
    from grader.i18n import text
    from grader.store import Queue, open_store, people
    from grader.store.queue import Outcome

    store = open_store(tmp_path / "grades.db")
    queue = Queue(store)
    for number, name, _ in (*CLASS, ("16", "Nobody", 0.0)):
        with store.writing() as session:
            course = people.course(session, "course")
            assignment = people.assignment(session, course, "assignment4")
            person = people.Person(
                "moodle:course/assignment4",
                number,
                name,
                email=f"s{number}@example.org",
                username=f"u{number}",
                student_number=f"n{number}",
            )
            who = people.user(session, person)
            for provider, subject in (("canvas", f"9{number}"), ("webclass:x", f"w{number}")):
                session.add(_identity(who, provider, subject))
            upload = people.Upload(store.files.add(number.encode()), "s.zip")
            made = people.submit(session, assignment, who, upload)
            queue.add(session, made.id, key=f"grade:{made.id}")
    for points in (*[points for *_, points in CLASS], None):
        (lease,) = queue.claim("test")
        if points is None:
            queue.fail(lease, text("It could not be checked."))
        else:
            queue.finish(lease, Outcome(document(points)))
    yield tmp_path
    store.close()


def _identity(who: Any, provider: str, subject: str) -> Any:
    from grader.store.models import Identity

    return Identity(provider=provider, subject=subject, user=who)


@pytest.fixture
def lines(graded: Path) -> list[Line]:
    from grader.batch import roll
    from grader.store import open_store

    store = open_store(graded / "grades.db")
    found = roll.call(store, "course", "assignment4")
    store.close()
    return found
