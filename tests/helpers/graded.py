"""A course of its own with a small assignment, graded by a real worker in the sandbox."""

from __future__ import annotations

import io
import shutil
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import relu_assignment
from example_curves import FOLDER
from grader.service.progress import active
from grader.service.uploads import Part, accept, word
from grader.service.worker import Worker
from grader.store import Queue, Store
from grader.store.grades import grades
from grader.store.models import Submission
from grader.store.people import Person, assignment, course, enrol, user
from personal import EXPERIMENTS

GOOD = relu_assignment.SOURCES["good"]
MANY = 1000


def with_experiments(folder: Path) -> Path:
    """The small assignment, with curves to read and personal experiments."""
    made = relu_assignment.make(folder)
    with (made / "assignment.toml").open("a") as settings:
        settings.write("[diagnosis]\npoints = 30\n")
    shutil.copytree(FOLDER / "curves", made / "curves")
    (made / "experiments.toml").write_text(EXPERIMENTS, encoding="utf-8")
    return made


@dataclass
class Class:
    """A course without an LMS, whose assignment is a folder."""

    store: Store
    folder: Path
    slug: str = "small"

    def __post_init__(self) -> None:
        with self.store.writing() as session:
            within = course(session, self.slug, "A small course")
            self.assignment = assignment(session, within, str(self.folder), "ReLU").id

    def student(self, name: str) -> int:
        with self.store.writing() as session:
            person = user(session, Person("test", name, name))
            enrol(session, course(session, self.slug, "A small course"), person)
            return person.id

    def hand_in(self, person: int, files: Mapping[str, str]) -> int:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, source in files.items():
                archive.writestr(name, source)
        part = Part("submission.zip", packed.getvalue())
        return accept(self.store, self.assignment, person, part, word(), MANY)

    def again(self, submission: int) -> None:
        with self.store.writing() as session:
            Queue(self.store).add(session, submission, key=f"again:{submission}:{word()}")

    def document(self, submission: int) -> dict[str, Any]:
        with self.store.reading() as session:
            found = session.get(Submission, submission)
            assert found is not None
            (grade,) = grades(session, [found])
        assert grade.grading is not None, "not graded"
        return grade.grading.document

    def work(self) -> None:
        """A worker of one process grades everything that waits."""
        worker = Worker(self.store, 1, "auto")
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            while active(self.store):
                time.sleep(0.05)
        finally:
            worker.stop()
            thread.join()
