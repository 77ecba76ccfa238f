"""Writes down who did what, in the transaction that does it: both happen or neither."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from grader.store.models import AuditEntry, Base


def record(
    session: Session,
    actor: str,
    action: str,
    subject: Base | str,
    *,
    course_id: int | None = None,
    **details: Any,
) -> AuditEntry:
    """Add an entry; ``subject`` is a row, named ``table:id``, or words."""
    entry = AuditEntry(
        actor=actor,
        action=action,
        course_id=course_id,
        subject=subject if isinstance(subject, str) else _name(subject),
        details=details,
    )
    session.add(entry)
    return entry


def _name(row: Base) -> str:
    return f"{row.__tablename__}:{row.id}"  # type: ignore[attr-defined]
