"""The same tests on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import needs
import postgres

if TYPE_CHECKING:
    from grader.store import Store


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    with postgres.server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    needs.need("sqlalchemy", "alembic")
    if request.param == "sqlite":
        return str(tmp_path / "grades.db")
    server: postgres.Server = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[Store]:
    from grader.store import open_store

    opened = open_store(address, tmp_path / "files")
    yield opened
    opened.close()
