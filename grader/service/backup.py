"""A backup is one .tar.gz: every table as JSON lines, every file, and a manifest with checksums.

It is read in one moment of the database while the service runs, and goes back into an empty
database of either kind: a backup of SQLite moves to PostgreSQL the same way.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Table, func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from grader.errors import GraderError
from grader.i18n import text
from grader.store import Store
from grader.store import service as _tables  # noqa: F401 registers them
from grader.store.audit import record
from grader.store.models import Base
from grader.store.types import Timestamp

FORMAT = "densefit.grader.backup/1"
SECRET_TABLES = frozenset({"web_sessions", "lti_logins"})  # worthless a day later


class BackupError(GraderError):
    """The backup cannot be read, or the database is not empty."""


def backup(store: Store, target: Path) -> dict[str, int]:
    """Write a backup; the number of rows of each table. The file appears only when complete."""
    counts: dict[str, int] = {}
    with store.writing() as session:  # before: it is in the backup too
        record(session, "operator", "backup", target.name)
    unfinished = target.with_name(target.name + ".part")
    with (
        store.reading() as session,
        _private(unfinished) as stream,
        tarfile.open(fileobj=stream, mode="w:gz") as archive,
    ):
        digests: set[str] = set()
        for table in _tables_in_order():
            rows = [_plain(row) for row in session.execute(select(table)).mappings()]
            counts[table.name] = len(rows)
            digests |= {row["digest"] for row in rows if table.name == "submissions"}
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            _add(archive, f"tables/{table.name}.jsonl", lines.encode())
        for digest in sorted(digests):
            _add(archive, f"files/{digest}", store.files.read(digest))
        _add(archive, "manifest.json", json.dumps({"format": FORMAT, "rows": counts}).encode())
    with unfinished.open("rb") as stream:
        os.fsync(stream.fileno())
    unfinished.replace(target)
    return counts


def restore(store: Store, source: Path) -> dict[str, int]:
    """Fill an empty database and its folder of files from a backup, all or nothing."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            members = {member.name: member for member in archive.getmembers() if member.isfile()}
            manifest = json.loads(_read(archive, members, "manifest.json"))
            if manifest.get("format") != FORMAT:
                raise BackupError(text("{path} is not a backup.", path=str(source)))
            with store.writing() as session:
                _insist_on_empty(session)
                _restore_files(store, archive, members)
                for table in _tables_in_order():
                    _restore_table(session, table, archive, members)
                _reset_sequences(store, session)
    except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError, KeyError) as error:
        raise BackupError(text("{path} is not a backup.", path=str(source))) from error
    return dict(manifest["rows"])


def _private(path: Path) -> BinaryIO:
    """A fresh file for its owner's eyes only, from the first byte: it gets names and keys."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _tables_in_order() -> list[Table]:
    """Parents before children, so that references hold while rows come back."""
    return [t for t in Base.metadata.sorted_tables if t.name not in SECRET_TABLES]


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def _read(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo], name: str) -> bytes:
    stream = archive.extractfile(members[name])
    if stream is None:
        raise KeyError(name)
    return stream.read()


def _restore_files(
    store: Store, archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo]
) -> None:
    for name in members:
        folder, _, digest = name.partition("/")
        if folder != "files":
            continue
        data = _read(archive, members, name)
        if hashlib.sha256(data).hexdigest() != digest:
            raise BackupError(text("{path} was damaged: {name}.", path="backup", name=digest))
        store.files.add(data)


def _insist_on_empty(session: Session) -> None:
    for table in _tables_in_order():
        if session.scalar(select(func.count()).select_from(table)):
            raise BackupError(
                text(
                    "The database is not empty: restore into a fresh one ({table}).",
                    table=table.name,
                )
            )


def _restore_table(
    session: Session,
    table: Table,
    archive: tarfile.TarFile,
    members: dict[str, tarfile.TarInfo],
) -> None:
    lines = _read(archive, members, f"tables/{table.name}.jsonl").decode().splitlines()
    rows = [dict(_typed(table, json.loads(line))) for line in lines]
    if rows:
        session.execute(table.insert(), rows)


def _typed(table: Table, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        is_moment = isinstance(table.columns[name].type, Timestamp) and value is not None
        yield name, datetime.fromisoformat(value) if is_moment else value


def _reset_sequences(store: Store, session: Session) -> None:
    """PostgreSQL counts on from where its sequence stands, not from the rows."""
    if store.is_sqlite:
        return
    for table in _tables_in_order():
        if "id" in table.columns:
            session.execute(
                sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                    f"COALESCE((SELECT MAX(id) FROM {table.name}), 1))"
                )
            )
