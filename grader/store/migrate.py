"""Brings a database to the newest schema, with the migrations beside this file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 7_362_451  # any number: processes that start together upgrade one after another


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration that is still missing, all or none of them."""
    with engine.connect().execution_options(reading=True) as connection:
        if revision == "head" and is_current(connection):
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(config(connection), revision)


def is_current(connection: Connection) -> bool:
    """Whether the database has the newest schema."""
    found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(ScriptDirectory.from_config(config()).get_heads())


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without any file of the user's."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
