"""What follows from the installation's secret: seeds nobody can draw, experiments of one's own."""

from __future__ import annotations

import csv
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "alembic", "python_multipart")

from graded import GOOD, Class, with_experiments
from grader.assignment import find_assignment
from grader.experiment.family import assigned
from grader.experiment.replay import History
from grader.runner import derived_seed
from grader.service.variants import variant_of
from grader.store import Store, open_store
from grader.store.models import Submission
from grader.store.secret import course_secret, installation_secret
from grader.submission import read_submission
from personal import family_of, history_of
from relu_assignment import make
from web_service import Service

SPY = """
import os, sys, pathlib
import numpy as np

def relu_forward(z):
    return np.maximum(z, 0)

print(sorted(os.environ), sys.argv)
for place in ("/proc/self/environ", "/proc/self/cmdline", "/proc/1/environ", "/proc/1/cmdline"):
    try:
        print(pathlib.Path(place).read_bytes())
    except OSError:
        pass
print([value for value in vars(sys.modules["__main__"]).values()])
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "grader.db", tmp_path / "files")
    yield store
    store.close()


def test_everybody_who_asks_at_once_gets_the_same_secret(tmp_path: Path) -> None:
    stores = [open_store(tmp_path / "grader.db", tmp_path / "files") for _ in range(4)]
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda store=store: found.append(installation_secret(store)))
        for store in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(found[0]) == 32


def test_courses_have_secrets_of_their_own(store: Store, tmp_path: Path) -> None:
    other = open_store(tmp_path / "other.db", tmp_path / "other")
    secrets = {course_secret(where, slug) for where in (store, other) for slug in ("a", "b")}
    other.close()
    assert len(secrets) == 4
    assert course_secret(store, "a") in secrets


def test_the_seed_follows_from_the_secret_and_is_the_same_again(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    folder = make(tmp_path / "relu")
    small = Class(store, folder)
    submission = small.hand_in(small.student("A"), {"submission.py": SPY})
    small.work()
    first = small.document(submission)
    (tmp_path / "submission.zip").write_bytes(_bytes(store, submission))
    found = find_assignment(str(folder))
    read = read_submission(tmp_path / "submission.zip", found.functions)
    secret = installation_secret(store)
    assert first["seed"] == derived_seed(found, read, secret)
    assert first["seed"] != derived_seed(found, read)
    small.again(submission)
    small.work()
    assert small.document(submission)["seed"] == first["seed"]
    assert first["output"].startswith("["), "the spy said nothing"
    said = json.dumps(first) + caplog.text
    assert secret.hex() not in said
    assert repr(secret)[2:-1] not in said


def _bytes(store: Store, submission: int) -> bytes:
    with store.reading() as session:
        found = session.get(Submission, submission)
        assert found is not None
        return store.files.read(found.digest)


def _toml(number: int) -> str:
    return f'[own]\nhistory = "history.json"\nvariant = {number}\n'


def _files(number: int, history: History) -> dict[str, str]:
    return {
        "submission.py": GOOD,
        "diagnosis.toml": _toml(number),
        "history.json": json.dumps(history),
    }


def test_a_students_own_experiment_counts_and_no_other(store: Store, tmp_path: Path) -> None:
    folder = with_experiments(tmp_path / "relu")
    small, found = Class(store, folder), find_assignment(str(folder))
    one = small.student("0")
    mine = variant_of(store, found, small.slug, one)
    assert mine is not None
    assert mine.setting == family_of(folder).setting(mine.number)
    others = (small.student(str(n)) for n in range(1, 50))
    other = next(o for o in others if variant_of(store, found, small.slug, o) != mine)
    files = _files(mine.number, history_of(folder, mine.number))
    submissions = [small.hand_in(person, files) for person in (one, other)]
    small.work()
    states = [
        {c["name"]: c["status"] for c in small.document(s)["checks"]}["own.history"]
        for s in submissions
    ]
    assert states == ["passed", "failed"]


def test_the_page_shows_the_students_own_experiment(service: Service) -> None:
    student = service.roles["student"]
    found, slug = find_assignment("assignment4"), service.course("course-x").slug
    mine = variant_of(service.store, found, slug, student.user_id)
    family = family_of(found.folder)
    assert mine is not None
    secret = course_secret(service.store, slug)
    assert mine.number == assigned(family, secret, f"user {student.user_id}")
    page = f"/assignment/{service.assignment(student.course_id)}"
    english = student.client.get(page, headers={"Accept-Language": "en"}).text
    japanese = student.client.get(page, headers={"Accept-Language": "ja"}).text
    assert f"Your experiment: number {mine.number}<" in english
    assert f"VARIANT = {mine.number}<" in english
    assert f"{mine.setting.epochs} epochs" in english
    assert f"あなたの実験: {mine.number} 番" in japanese
    attempt = f"/submission/{service.submission(student)}"
    assert f"number {mine.number} " in student.client.get(attempt).text
    teacher = service.roles["teacher"].client.get(attempt).text
    assert f"Personal experiment: number {mine.number} " in teacher
    dashboard = f"/dashboard/{service.assignment(student.course_id)}"
    listed = service.roles["teacher"].client.get(dashboard).text
    assert f'<td class="number">{mine.number}</td>' in listed
    table = service.roles["teacher"].client.get(f"{dashboard}/export.csv").text
    rows = csv.DictReader(table.lstrip("\ufeff").splitlines())
    named = {row["name"]: row["experiment"] for row in rows}
    assert named["student"] == str(mine.number)
    assert len(set(named.values())) > 1


def test_without_experiments_there_is_none(store: Store, tmp_path: Path) -> None:
    found = find_assignment(str(make(tmp_path / "relu")))
    assert variant_of(store, found, "a", 1) is None
