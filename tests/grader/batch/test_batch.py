"""``grader batch`` as a teacher calls it: graded, told, and nothing lost or repeated."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic", "yaml")

from sqlalchemy import select

import relu_assignment
from grader.batch import roll
from grader.sandbox import isolation
from grader.store import Store, grades, open_store
from grader.store.models import Grading, Job, Submission
from grader.store.queue import this_process

from .conftest import SHOWN, command, run

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(isolation.plan("auto").missing), reason="needs every wall"
)


def points(store: Store) -> dict[str, float | None]:
    """What counts for each participant."""
    lines = roll.call(store, "course", "relu")
    return {line.key: line.grade.points for line in lines}


def gradings(store: Store) -> list[int]:
    with store.reading() as session:
        return list(session.scalars(select(Grading.submission_id)))


@pytest.fixture(scope="module")
def done(
    relu: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, int], subprocess.CompletedProcess[str]]:
    """One finished batch: its folder, the points deserved, and what was printed."""
    folder = tmp_path_factory.mktemp("class")
    expected = relu_assignment.moodle_zip(folder / "d.zip", 8)
    with zipfile.ZipFile(folder / "d.zip", "a") as more:
        more.writestr("Bomb_900_assignsubmission_file/submission.py", b"0" * (33 << 20))
        more.writestr("Pdf Only_901_assignsubmission_file/essay.pdf", b"%PDF")
    out = folder / "out"
    return folder, expected, run("batch", relu, folder / "d.zip", "-o", out)


def test_everybody_gets_what_they_deserve(done: tuple) -> None:  # type: ignore[type-arg]
    folder, expected, _ = done
    store = open_store(folder / "out" / "grades.db")
    assert points(store) == expected | {"900": None, "901": None}
    store.close()


def test_what_cannot_be_graded_is_told_and_stops_nobody(done: tuple) -> None:  # type: ignore[type-arg]
    _, _, printed = done
    assert printed.returncode == 3, printed.stderr
    assert "8 of 10 graded." in printed.stdout
    assert "Bomb (900)" in printed.stdout
    assert "too large" in printed.stdout
    assert "no .py or .ipynb file" in printed.stdout
    assert "Moodle download: 10 students" in printed.stderr


class Reader(HTMLParser):
    """Collects links and tags; a name that became a tag would be seen."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str | None] = set()
        self.words = ""
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids.add(dict(attrs).get("id"))
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_pages_are_whole_and_harmless(done: tuple) -> None:  # type: ignore[type-arg]
    out = done[0] / "out"
    pages = sorted(out.rglob("*.html"))
    assert len(pages) == 2 + 10 + 8  # index and pairs, students, reports of who was graded
    for path in (path for path in pages if path.parent.name != "reports"):
        page = Reader(path)
        assert not page.tags & {"script", "b", "style", "img"}
        files = [link.partition("#") for link in page.links]
        assert [name for name, _, _ in files if name and not (path.parent / name).is_file()] == []
        assert {anchor for name, _, anchor in files if not name} <= page.ids
    words = Reader(out / "index.html").words
    for name in relu_assignment.NAMES:
        assert name in words
    assert "too large" in words or "could not be checked" in words


@pytest.mark.slow
def test_pages_in_japanese(relu: Path, done: tuple, tmp_path: Path) -> None:  # type: ignore[type-arg]
    printed = run("batch", relu, done[0] / "d.zip", "-o", tmp_path, "--lang", "ja")
    words = Reader(tmp_path / "index.html").words
    assert "クラスの結果" in words
    assert "Students" not in words
    assert "採点しました" in printed.stdout


def test_calling_again_grades_nothing_twice(relu: Path, done: tuple) -> None:  # type: ignore[type-arg]
    folder, _, _ = done
    store = open_store(folder / "out" / "grades.db")
    before = gradings(store)
    run("batch", relu, folder / "d.zip", "-o", folder / "out")
    assert gradings(store) == before
    store.close()


@pytest.mark.slow
def test_a_later_download_grades_what_is_new(relu: Path, tmp_path: Path) -> None:
    def download(source: str) -> None:
        with zipfile.ZipFile(tmp_path / "d.zip", "w") as made:
            made.writestr("A_1_assignsubmission_file/s.py", relu_assignment.SOURCES["good"])
            made.writestr("B_2_assignsubmission_file/s.py", source)

    download(relu_assignment.SOURCES["wrong"])
    assert run("batch", relu, tmp_path / "d.zip", "-o", tmp_path).returncode == 0
    store = open_store(tmp_path / "grades.db")
    assert points(store) == {"1": 4, "2": 0}
    download(relu_assignment.SOURCES["good"])
    assert run("batch", relu, tmp_path / "d.zip", "-o", tmp_path).returncode == 0
    assert points(store) == {"1": 4, "2": 4}
    assert len(gradings(store)) == 3
    with store.reading() as session:
        assert sorted(session.scalars(select(Submission.number))) == [1, 1, 2]
    store.close()


@pytest.mark.slow
def test_a_teachers_decision_is_on_the_page(relu: Path, tmp_path: Path) -> None:
    relu_assignment.moodle_zip(tmp_path / "d.zip", 2)
    run("batch", relu, tmp_path / "d.zip", "-o", tmp_path)
    store = open_store(tmp_path / "grades.db")
    with store.writing() as session:
        row = session.scalars(select(Submission).order_by(Submission.id)).first()
        assert row is not None
        grades.override(session, row, 3.5, "spoke with <her>", "teacher")
    store.close()
    run("batch", relu, tmp_path / "d.zip", "-o", tmp_path)
    assert "3.5 / 4" in Reader(tmp_path / "index.html").words
    page = Reader(tmp_path / "students" / f"{row.id}.html")
    assert "spoke with <her>" in page.words


def test_a_preview_grades_nothing(relu: Path, done: tuple, tmp_path: Path) -> None:  # type: ignore[type-arg]
    shown = run("batch", relu, done[0] / "d.zip", "-o", tmp_path / "none", "--preview")
    assert shown.returncode == 0
    for words in ("山田 太郎", "503", "submission.py", "! no .py or .ipynb file"):
        assert words in shown.stdout
    assert not (tmp_path / "none").exists()


def test_a_wrong_source_is_explained(relu: Path, tmp_path: Path) -> None:
    shown = run("batch", relu, tmp_path / "nothing.zip", "-o", tmp_path)
    assert shown.returncode == 2
    assert "neither a folder nor a zip" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.slow
def test_a_file_lost_from_the_disk_costs_its_owner_only(relu: Path, tmp_path: Path) -> None:
    relu_assignment.moodle_zip(tmp_path / "d.zip", 2)
    run("batch", relu, tmp_path / "d.zip", "-o", tmp_path)
    store = open_store(tmp_path / "grades.db")
    with store.writing() as session:
        for grading in session.scalars(select(Grading)):
            session.delete(grading)
        for job in session.scalars(select(Job)):
            job.state, job.finished_at = "queued", None
        first = session.scalars(select(Submission).order_by(Submission.id)).first()
        assert first is not None
        path = store.files.path(first.digest)
    path.write_bytes(b"damaged")  # what is there by name is not written again
    shown = run("batch", relu, tmp_path / "d.zip", "-o", tmp_path)
    assert shown.returncode == 3
    assert "damaged" in shown.stdout
    assert list(points(store).values()).count(None) == 1
    store.close()


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(relu: Path, tmp_path: Path) -> None:
    """kill -9 at random moments, again and again: every grade is there once, and the right one."""
    count = 24
    expected = relu_assignment.moodle_zip(tmp_path / "d.zip", count)
    call = command("batch", relu, tmp_path / "d.zip", "-o", tmp_path / "out")
    moments = random.Random(7)
    killed = 0
    for _ in range(40):
        process = subprocess.Popen(
            call, env=os.environ | SHOWN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(moments.uniform(0.2, 3.5) if killed < 8 else 240)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
    assert killed >= 3
    assert process.returncode == 0
    store = open_store(tmp_path / "out" / "grades.db")
    assert points(store) == expected
    assert sorted(gradings(store)) == sorted(set(gradings(store)))
    assert len(gradings(store)) == count
    store.close()


@pytest.mark.slow
def test_judges_end_with_the_process_that_was_killed(relu: Path, tmp_path: Path) -> None:
    relu_assignment.moodle_zip(tmp_path / "d.zip", 40)
    call = command("batch", relu, tmp_path / "d.zip", "-o", tmp_path / "out")
    process = subprocess.Popen(
        call, env=os.environ | SHOWN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not children(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    judges = children(process.pid)
    assert judges
    process.kill()
    process.wait()
    while any(alive(pid) for pid in judges) and time.monotonic() < deadline + 30:
        time.sleep(0.1)
    assert [pid for pid in judges if alive(pid)] == []


def children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in listed]


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_leases_are_named_after_the_process() -> None:
    assert this_process().endswith(f":{os.getpid()}")
