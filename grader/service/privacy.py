"""Deletes a person's data at their request; what must stay is that it was done."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy import text as sql

from grader.store import Store
from grader.store.audit import record
from grader.store.models import (
    AuditEntry,
    Enrolment,
    Identity,
    Override,
    Submission,
    User,
    utc_now,
)
from grader.store.service import Invitation, OutgoingScore, WebSession


def forget(store: Store, user_id: int, actor: str) -> int:
    """Delete submissions, results, scores, sessions and every personal word; how many attempts.

    The audit log keeps its entries by number, without what they said. Files go when nobody else
    handed in the same bytes. Returns -1 when there is no such person.
    """
    with store.writing() as session:
        if store.is_sqlite:  # overwrites what is deleted, which would stay in the file otherwise
            session.execute(sql("PRAGMA secure_delete = ON"))
        person = session.get(User, user_id)
        if person is None:
            return -1
        mine = select(Submission).where(Submission.user_id == user_id)
        attempts = session.scalars(mine).all()
        numbers = [attempt.id for attempt in attempts]
        digests = {attempt.digest for attempt in attempts}
        session.execute(delete(Override).where(Override.submission_id.in_(numbers)))
        for attempt in attempts:
            session.delete(attempt)
        session.flush()
        for table in (Identity, Enrolment, WebSession, OutgoingScore, Invitation):
            session.execute(delete(table).where(table.user_id == user_id))
        names = [f"submissions:{number}" for number in numbers] + [f"users:{user_id}"]
        for entry in session.scalars(select(AuditEntry).where(AuditEntry.subject.in_(names))):
            entry.details = {}
        person.name, person.email, person.username = "", None, None
        person.student_number, person.deleted_at = None, utc_now()
        record(session, actor, "forget", person, attempts=len(numbers))
        shared = select(Submission.digest, func.count()).where(Submission.digest.in_(digests))
        kept = {digest for digest, _ in session.execute(shared.group_by(Submission.digest))}
    for digest in digests - kept:
        store.files.remove(digest)
    if store.is_sqlite:
        _empty_log(store)
    return len(numbers)


def _empty_log(store: Store) -> None:
    """Move SQLite's write-ahead log into the file: it holds the rows as they were before."""
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.rollback()  # a checkpoint wants no transaction
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
