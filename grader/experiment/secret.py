"""The course's secret: in a file that only the teacher and the server can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from grader.errors import AssignmentError
from grader.i18n import text

__all__ = ["VARIABLE", "make_secret", "read_secret"]

VARIABLE = "GRADER_SECRET_FILE"
LEAST_BYTES = 16


def read_secret(path: Path | None = None) -> bytes | None:
    """The secret in ``path``, or in the file that ``$GRADER_SECRET_FILE`` names; None if neither.

    Workers of submissions get an environment and a file system of their own, without either.
    """
    named = path or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None:
        return None
    try:
        secret = named.read_bytes().strip()
    except OSError as error:
        raise AssignmentError(
            text(
                "The course secret {file} cannot be read: {raised}.",
                file=str(named),
                raised=error.strerror or "",
            )
        ) from error
    if len(secret) < LEAST_BYTES:
        raise AssignmentError(
            text(
                "The course secret {file} is too short: it needs {least} characters or more. Make "
                "one with grader variant --new-secret.",
                file=str(named),
                least=LEAST_BYTES,
            )
        )
    return secret


def make_secret(path: Path) -> None:
    """Write a new secret for its owner's eyes only; an existing file is never replaced."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise AssignmentError(
            text("{file} exists already; a new secret would change every variant.", file=str(path))
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
