"""kill -9 of worker, database and web in turn while a class hands in: nothing is lost.

Every upload is acknowledged in the end, is one attempt however often it was sent, is graded once,
and its score stands in the gradebook. ``benchmarks/service.py`` measures the same with 500.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "psycopg")

from crowd import enrolled, state, under_fire
from grader.store import open_store
from lti_platform import running_platform
from source_tree import ROOT
from supervised import Installation, Supervised, eventually, grader, installation, running

pytestmark = pytest.mark.slow

STUDENTS, SECONDS, PATIENCE = 40, 10.0, 5.0
OUTBOX = 420.0  # a score that was refused seven times waits for four minutes in all
RIGHT = ROOT / "tests" / "submissions" / "correct" / "idiomatic_numpy" / "submission.py"
ONE = "import numpy as np\n\n\ndef relu_forward(z):\n    return np.maximum(z, 0)\n"


def shares(folder: Path) -> list[float]:
    """What the two kinds of submission are worth, of 1, as ``grader check`` says."""
    (folder / "one.py").write_text(ONE)
    found = []
    for path in (RIGHT, folder / "one.py"):
        command = grader("check", "assignment4", str(path), "--format", "json")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        document = json.loads(done.stdout)
        lost = [c for c in document["checks"] if c["status"] in ("failed", "error")]
        assert path != RIGHT or not lost, lost
        found.append(document["score"] / document["max_score"])
    return found


def deaths(
    place: Installation, web: Supervised, worker: Supervised
) -> list[tuple[float, Callable[[], object]]]:
    moments: list[tuple[float, Callable[[], object]]] = [(3.0, worker.kill), (9.0, web.kill)]
    return moments + ([(6.0, place.kill_database)] if place.server else [])


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_lost_or_counted_twice(tmp_path: Path, database: str) -> None:
    sources = [RIGHT.read_text("utf-8"), ONE]
    worth = shares(tmp_path)
    with (
        installation(postgresql=database == "postgresql") as place,
        running_platform("moodle") as platform,
        closing(open_store(place.database, place.files)) as store,
    ):
        crowd = enrolled(store, place.address, STUDENTS, platform)
        web, worker = place.start_web(), place.start_worker()
        with running(web, worker):
            work = crowd.hand_in(sources, SECONDS, PATIENCE)
            asyncio.run(under_fire(work, deaths(place, web, worker)))
            assert len(set(crowd.acknowledged.values())) == STUDENTS
            graded = {"submissions": STUDENTS, "gradings": STUDENTS, "graded": STUDENTS}
            eventually(
                lambda: state(store) == {**graded, "jobs": {"done": STUDENTS}},
                "not every upload was graded once",
                180,
            )
            wanted = {s.subject: worth[i % 2] for i, s in enumerate(crowd.students)}
            wrong: dict[str, object] = {}

            def right() -> bool:
                wrong.clear()
                given = {user: platform.grade(user) for user in wanted}
                wrong.update({u: (given[u], wanted[u]) for u in wanted if given[u] != wanted[u]})
                return not wrong

            with suppress(AssertionError):
                eventually(right, "the gradebook is not what it should be", OUTBOX)
            assert wrong == {}, "in the gradebook, and as it should be"
            assert len(platform.scores) == STUDENTS
            # Both also end when they start while there is no database.
            assert min(web.starts, worker.starts) >= 2
