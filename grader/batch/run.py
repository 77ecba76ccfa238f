"""Grades the queued jobs of a batch on any engine, and survives its own death.

The engine reads jobs one by one; each is claimed when it is read, so that what is claimed is what
is being worked on. A thread keeps the leases alive. Whatever instant the process is killed at, the
next run gives back what the dead one held and goes on; a result and the end of its job are one
transaction, so nothing is graded twice and nothing is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import ColumnElement

from grader.batch.rules import Author, Rules, author_of
from grader.errors import NotChecked
from grader.i18n import Text, text
from grader.pool import Graded, Job
from grader.store import Lease, Queue, Store
from grader.store.models import Job as JobRow
from grader.store.models import Submission
from grader.store.queue import Outcome, this_process

MOST_BYTES = 200  # of a file's name; file systems have room for 255


class Engine(Protocol):
    """What grades: judges on this machine, or workers of a cluster."""

    def grade_all(self, jobs: Iterable[Job]) -> Iterator[Graded]:
        """Every job's result as it is done; jobs are read as they are needed."""
        ...


class Batch:
    """The jobs of one run; ``on_graded`` is told of each as it ends."""

    def __init__(
        self,
        store: Store,
        queue: Queue,
        jobs: list[int],
        rules: Rules,
        on_graded: Callable[[Graded], None],
    ) -> None:
        self.store = store
        self.queue = queue
        self.among: ColumnElement[bool] = JobRow.id.in_(jobs)
        self.owner = this_process()
        self.rules = rules
        self._on_graded = on_graded
        self._held: dict[str, Lease] = {}
        self._authors: dict[str, Author] = {}
        self._lock = threading.Lock()

    def recover(self) -> int:
        """Give back what processes of this machine held that are dead; how much that was."""
        dead = [owner for owner in self.queue.owners() if _is_dead(owner)]
        return self.queue.release(dead) if dead else 0

    def run(self, engine: Engine) -> None:
        """Grade until nothing can be claimed any more."""
        with tempfile.TemporaryDirectory(prefix="grader-batch-") as folder, self._heartbeats():
            for graded in engine.grade_all(self._claimed(Path(folder))):
                self._keep(graded)
                shutil.rmtree(graded.job.path.parent, ignore_errors=True)
                self._on_graded(graded)

    def _claimed(self, folder: Path) -> Iterator[Job]:
        while leases := self.queue.claim(self.owner, among=self.among):
            (lease,) = leases
            with self._lock:
                self._held[str(lease.job_id)] = lease
            try:
                path = self._unpacked(lease, folder)
            except OSError as error:
                self._refuse(lease, error)
                continue
            key = str(lease.job_id)
            yield self.rules.job(path, key, lease.seed, self._authors[key])

    def _unpacked(self, lease: Lease, folder: Path) -> Path:
        """The submission in a folder of its own, by the name that its author is known by."""
        with self.store.reading() as session:
            submission = session.get_one(Submission, lease.submission_id)
            self._authors[str(lease.job_id)] = author_of(session, submission)
            digest, name = submission.digest, submission.filename
        path = folder / str(lease.job_id) / _file_name(name)
        path.parent.mkdir()
        path.write_bytes(self.store.files.read(digest))
        return path

    def _refuse(self, lease: Lease, error: OSError) -> None:
        reason = text("It could not be checked: {raised}.", raised=str(error))
        path = Path(f"{lease.job_id}.zip")
        graded = Graded(Job(path, key=str(lease.job_id)), None, reason, NotChecked.exit_code)
        self._keep(graded)
        self._on_graded(graded)

    def _keep(self, graded: Graded) -> None:
        with self._lock:
            lease = self._held.pop(graded.job.key)
        author = self._authors.pop(graded.job.key)
        if graded.result is not None:
            ruled = self.rules.ruled(graded.result, author)
            self.queue.finish(lease, Outcome(ruled.as_dict(), self.owner))
        else:
            reason = _without_folder(graded)
            self.queue.fail(lease, reason | {"exit_code": str(graded.exit_code)})

    @contextmanager
    def _heartbeats(self) -> Iterator[None]:
        stop = threading.Event()
        pause = self.queue.lease.total_seconds() / 4

        def beat() -> None:
            while not stop.wait(pause):
                with self._lock:
                    held = list(self._held.values())
                for lease in held:
                    self.queue.heartbeat(lease)

        thread = threading.Thread(target=beat, name="heartbeats", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _file_name(name: str) -> str:
    """A name that every file system has room for; letters of other scripts stay."""
    stem = re.sub(r"[/\\\0]", "_", name.removesuffix(".zip")).lstrip(".")
    return (stem.encode()[:MOST_BYTES].decode(errors="ignore") or "submission") + ".zip"


def _without_folder(graded: Graded) -> Text:
    """The refusal with the name of the submission, not with where it lay meanwhile."""
    path = graded.job.path
    reason = graded.refusal or text("It could not be checked.")
    return {language: said.replace(str(path), path.name) for language, said in reason.items()}


def _is_dead(owner: str) -> bool:
    """Whether the process was one of this machine and runs no more."""
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(pid))


def _is_zombie(pid: int) -> bool:
    """Whether a process ended and was only not waited for yet (in a container, perhaps never)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "Z"
