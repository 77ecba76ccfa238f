"""How property-based tests draw: the same examples in every run, however slow the machine.

``HYPOTHESIS_PROFILE=explore pytest`` draws new ones each time, to look for what is still unknown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

import needs
import postgres

settings.register_profile("reproducible", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))

# The comparison with Keras needs Keras and JAX, which `make parity` installs.
collect_ignore = [] if find_spec("keras") and find_spec("jax") else ["parity"]

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    with postgres.server() as running:
        yield running


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """The address of an empty database of a kind, fresh for each call."""
    made: list[str] = []

    def new(kind: str) -> str:
        needs.need("sqlalchemy", "alembic")
        if kind == "postgresql":
            server: postgres.Server = request.getfixturevalue("postgresql")
            made.append(server.new_database())
        else:
            made.append(str(tmp_path / f"grader-{len(made)}.db"))
        return made[-1]

    return new


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """The same test on SQLite and on a real PostgreSQL."""
    return new_database(request.param)
