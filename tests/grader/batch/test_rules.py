"""Late days, attempts, the teacher's points and the course's secret hold for a class too."""

from __future__ import annotations

import csv
import sys
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic", "yaml")

from sqlalchemy import select

import relu_assignment
import results
from grader.assignment import find_assignment
from grader.batch import roll
from grader.batch.rules import Author, Rules, apply_anew, with_deadline
from grader.experiment.family import assigned, load_family
from grader.policy import Override
from grader.sandbox import isolation
from grader.store import Queue, Store, open_store, people
from grader.store.models import AuditEntry, Grading
from grader.store.queue import Outcome

from .conftest import run

DUE = "2026-07-31T23:59:00+09:00"
LATE = f"""
[late]
deadline = {DUE}
percent_per_day = 10
max_days = 3
[attempts]
limit = 2
[[overrides]]
function = "relu_forward"
name = "values"
points = 2
reason = {{ en = "Shown in the lab.", ja = "実習で確認しました。" }}
student = "s2"
"""
SECRET = b"0123456789abcdef"
sandboxed = pytest.mark.skipif(
    sys.platform != "linux" or bool(isolation.plan("auto").missing), reason="needs every wall"
)


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """The small assignment with every rule there is."""
    folder = relu_assignment.make(tmp_path / "relu")
    settings = folder / "assignment.toml"
    settings.write_text(relu_assignment.SETTINGS + LATE)
    return folder


def of_class(folder: Path) -> dict[str, roll.Line]:
    store = open_store(folder / "grades.db")
    lines = roll.call(store, "course", "relu", find_assignment(str(folder / "relu")).attempts)
    store.close()
    return {line.key: line for line in lines}


@sandboxed
def test_a_class_is_graded_by_the_assignments_rules(strict: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as made:
        for name, kind in (
            ("s1 2026-08-01 10-00", "good"),
            ("s2 2026-08-02 10-00", "wrong"),
            ("s3 2026-07-31 10-00", "good"),
            ("s4 2026-08-09 10-00", "good"),
            ("s5 2026-07-01 10-00", "good"),
            ("s5 2026-07-02 10-00", "wrong"),
        ):
            made.writestr(f"{name}.py", f"# {name}\n{relu_assignment.SOURCES[kind]}")
    call = ("batch", strict, tmp_path / "d.zip", "-o", tmp_path, "--lang", "en")
    preview = run(*call, "--preview").stdout
    assert "2026-08-01 10:00" in preview
    assert "1 days late" in preview
    done = run(*call)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = of_class(tmp_path)
    points = {key: (line.raw_points, line.grade.points) for key, line in lines.items()}
    assert points == {"s1": (4, 3.6), "s2": (0, 1.6), "s3": (4, 4), "s4": (4, 0), "s5": (4, 4)}
    assert lines["s5"].attempts == 2
    assert lines["s5"].grade.submission.number == 1
    index = (tmp_path / "index.html").read_text("utf-8")
    said = ("3.6 / 4", "Shown in the lab.", "1 days late: 10 % of 4", "Attempt 1 of 2 counts")
    for words in said:
        assert words in index

    later = run(*call, "--due", "2026-08-10T00:00:00+09:00")
    assert later.returncode == 0
    assert {key: line.grade.points for key, line in of_class(tmp_path).items()} == {
        **dict.fromkeys(("s1", "s3", "s4", "s5"), 4),
        "s2": 2,
    }
    store = open_store(tmp_path / "grades.db")
    with store.reading() as session:
        assert len(session.scalars(select(Grading)).all()) == 6  # nothing was graded again
        assert {e.action for e in session.scalars(select(AuditEntry))} == {"apply rules"}
    store.close()

    run("export", strict, "-o", tmp_path / "out.csv", "--grades", tmp_path, "--lang", "en")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = {row["number"]: row for row in csv.DictReader(stream)}
    assert (table["s2"]["raw_points"], table["s2"]["points"]) == ("0", "2")
    assert "Shown in the lab." in table["s2"]["reason"]
    assert "Shown in the lab." in table["s2"]["comment"]


@pytest.fixture
def stored(strict: Path, tmp_path: Path) -> tuple[Store, list[int]]:
    """One result that was handed in two days after the deadline, stored without rules."""
    store = open_store(tmp_path / "grades.db")
    queue = Queue(store)
    with store.writing() as session:
        course = people.course(session, "course")
        to = people.assignment(session, course, "relu")
        who = people.user(session, people.Person("folder:x", "s2", "s2", student_number="s2"))
        source = {"submitted": "2026-08-02T10:00:00+09:00"}
        made = people.submit(session, to, who, people.Upload("0" * 64, "s.zip", source=source))
        queue.add(session, made.id, key="1")
        number = made.id
    (lease,) = queue.claim("test")
    queue.finish(lease, Outcome(results.result(results.PASSED).as_dict()))
    return store, [number]


def test_applying_rules_again_changes_nothing_and_taking_them_back_restores(
    strict: Path, stored: tuple[Store, list[int]]
) -> None:
    store, numbers = stored
    own = find_assignment(str(strict))
    free = replace(own, late=None, overrides=())
    (before,) = roll.call(store, "course", "relu")
    assert apply_anew(store, Rules(own), numbers) == 1
    (ruled,) = roll.call(store, "course", "relu")
    assert ruled.raw_points == before.raw_points
    assert ruled.grade.points == pytest.approx(2 * 0.8)
    assert apply_anew(store, Rules(own), numbers) == 0
    assert apply_anew(store, Rules(free), numbers) == 1
    (after,) = roll.call(store, "course", "relu")
    assert after.document == before.document | {"checks": after.document["checks"]}  # type: ignore[index]
    assert after.grade.points == before.grade.points
    store.close()


def test_a_deadline_of_the_call_costs_what_the_assignment_says(strict: Path) -> None:
    other = datetime.fromisoformat("2026-09-01T00:00:00+09:00")
    own = find_assignment(str(strict))
    late = with_deadline(own, other).late
    assert late is not None
    assert (late.deadline, late.percent_per_day) == (other, 10)
    without = with_deadline(replace(own, late=None), other).late
    assert without is not None
    assert without.percent(other.replace(year=2027)) == 0
    assert with_deadline(own, None) is own


def test_the_secret_gives_everybody_their_experiment_and_seed(tmp_path: Path) -> None:
    assignment = find_assignment("assignment4")
    family = load_family(assignment.folder)
    assert family is not None
    path = tmp_path / "submission.py"
    path.write_text("def softmax(z):\n    return z\n")
    known, unknown = Author("s1", "s1", None), Author(None, "503", None)
    job = Rules(assignment, SECRET).job(path, "1", None, known)
    assert job.variant == assigned(family, SECRET, "s1")
    assert Rules(assignment, SECRET).job(path, "1", None, unknown).variant is None
    assert Rules(assignment).job(path, "1", None, known).variant is None
    other = Rules(assignment, SECRET[::-1]).job(path, "1", None, known)
    assert job.seed is not None
    assert job.seed != other.seed
    assert Rules(assignment, SECRET, seed=7).job(path, "1", None, known).seed == 7
    assert Rules(assignment, SECRET, seed=7).job(path, "1", 8, known).seed == 8


def test_points_for_one_student_need_their_number_or_key(strict: Path) -> None:
    own = find_assignment(str(strict))
    given = replace(own.overrides[0], student="503")
    rules = Rules(replace(own, late=None, overrides=(given,)))
    result = results.result(results.PASSED)
    assert isinstance(given, Override)
    assert rules.ruled(result, Author(None, "503", None)).score == 2
    assert rules.ruled(result, Author(None, "504", None)).score == result.score
