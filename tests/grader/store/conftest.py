"""The same tests on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from grader.store import Store


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[Store]:
    from grader.store import open_store

    opened = open_store(address, tmp_path / "files")
    yield opened
    opened.close()
