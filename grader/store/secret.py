"""The installation's secret: made at the first start, kept in the database, told to nobody.

The examples that a submission is checked with follow from it and the submission's bytes, and a
student's personal experiment from it and their number. It goes to judges through a pipe, so it
stands in no command line, environment or log; workers of submissions never have it.
"""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy.exc import IntegrityError

from grader.store.database import Store
from grader.store.service import InstallationSecret

__all__ = ["course_secret", "installation_secret"]

NAME = "grading"
BYTES = 32


def installation_secret(store: Store) -> bytes:
    """The secret; the first to ask makes it, whoever asks at the same moment gets the same."""
    found = _read(store)
    if found is None:
        _make(store)
        found = _read(store)
    if found is None:
        raise RuntimeError("the installation's secret was deleted while it was being made")
    return found


def course_secret(store: Store, course: str) -> bytes:
    """HMAC-SHA-256(the installation's secret, the course's slug): another one for each course."""
    return hmac.digest(installation_secret(store), f"course\0{course}".encode(), "sha256")


def _read(store: Store) -> bytes | None:
    with store.reading() as session:
        row = session.get(InstallationSecret, NAME)
        return None if row is None else bytes.fromhex(row.value)


def _make(store: Store) -> None:
    try:
        with store.writing() as session:
            if session.get(InstallationSecret, NAME) is None:
                session.add(InstallationSecret(name=NAME, value=secrets.token_hex(BYTES)))
    except IntegrityError:  # another process was quicker; its secret is the one
        return
