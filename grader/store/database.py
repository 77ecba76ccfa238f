"""Opens the database: pragmas, transactions, migrations.

A transaction that will write says so at its beginning (``writing``). SQLite then takes its write
lock at once and waits for it; a transaction that reads first and writes later would instead fail
when another process wrote in between, however long the time-out.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError
from sqlalchemy.orm import Session

from grader.errors import GraderError, NotChecked
from grader.i18n import text
from grader.store.files import FileStore
from grader.store.migrate import upgrade
from grader.store.models import utc_now

BUSY_SECONDS = 30
BREATH = 0.02  # seconds between two tries
RACES = 5  # how often another may add a row between our look and our adding it
Result = TypeVar("Result")


class StoreError(GraderError):
    """The database's address is wrong. Give a file, or a URL like ``postgresql://host/name``."""


class Store:
    """A database with its files; may be shared by threads, is opened anew in every process."""

    def __init__(self, engine: Engine, files: FileStore) -> None:
        self.engine = engine
        self.files = files

    @property
    def is_sqlite(self) -> bool:
        """Whether one file is the whole database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in a transaction that is committed at the end, or rolled back."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def write(self, work: Callable[[Session], Result]) -> Result:
        """``work`` in a transaction of its own; again when another added the same row first."""
        for _ in range(RACES):
            with suppress(IntegrityError), self.writing() as session:
                return work(session)
        with self.writing() as session:
            return work(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database and never holds up a writer."""
        engine = self.engine.execution_options(reading=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session  # closing ends the transaction and leaves what was read readable

    def now(self, session: Session) -> datetime:
        """The database's clock, one for all machines; a file's is this machine's."""
        if self.is_sqlite:
            return utc_now()
        moment = session.scalar(select(func.clock_timestamp()))
        assert isinstance(moment, datetime)
        return moment

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(address: str | Path, files: Path | None = None, *, migrate: bool = True) -> Store:
    """The store at a file path or database URL, brought to the newest schema.

    Submissions are kept in the folder ``files``, by default ``files`` beside an SQLite database.
    """
    url = _url(address)
    folder = files or _beside(url)
    engine = _engine(url)
    try:
        if migrate:
            upgrade(engine)
        else:
            engine.connect().close()
    except (DatabaseError, sqlite3.DatabaseError) as error:
        engine.dispose()
        raise NotChecked(
            text(
                "The database {url} cannot be opened: {raised}.",
                url=url.render_as_string(hide_password=True),
                raised=str(error.__cause__ or error).strip().splitlines()[0],
            )
        ) from error
    return Store(engine, FileStore(folder))


def _url(address: str | Path) -> URL:
    if isinstance(address, Path) or "://" not in address:
        path = Path(address).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        return URL.create("sqlite", database=str(path))
    try:
        url = make_url(address)
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            text(
                "{address} is no database. Give a file, or a URL such as "
                "postgresql://user@host/name.",
                address=address.split("@")[-1],
            )
        ) from error
    return url


def _beside(url: URL) -> Path:
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).parent / "files"
    raise StoreError(
        text("A database server needs a folder for submissions as well: say which (--files).")
    )


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreError(
            text("PostgreSQL needs a driver: pip install 'densefit[postgresql]'.")
        ) from error
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    """WAL: readers and the writer do not wait for each other; a commit survives a power cut."""
    _write_ahead(connection)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """The first to open a file changes its mode; meanwhile SQLite refuses all others at once."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > end:
                raise
            time.sleep(BREATH)
        else:
            return


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
