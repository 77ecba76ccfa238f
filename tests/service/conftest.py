from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "alembic", "python_multipart")

from web_service import Service, running_service


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("service")
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql").new_database()
    with running_service(folder, database=database) as service:
        service.enter("teacher", "course-x", "teacher")
        service.enter("student", "course-x", "student")
        service.enter("other student", "course-x", "student")
        service.enter("foreign teacher", "course-y", "teacher")
        service.enter("foreign student", "course-y", "student")
        yield service
