"""Grades on a Dask cluster: workers sandbox as this machine would, and may die at any moment.

A submission travels as bytes and comes back as plain data; the seed is a function of the
submission, so a result is the same wherever and however often it was computed. A worker that dies
costs a retry, which Dask's scheduler does by itself; one submission that takes down several workers
is tried a few times more, and then reported as not checked.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import GraderError, NotChecked
from grader.i18n import Text, text
from grader.pool import AHEAD, Graded, Job
from grader.sandbox.isolation import Mode
from grader.stored import restore

if TYPE_CHECKING:
    from distributed import Client, Future

    from grader.assignment import Assignment

ATTEMPTS = 3  # beyond those of the scheduler
TIMEOUT_SECONDS = 20

Answer = tuple[dict[str, Any] | None, Text | None, int]


@dataclass(frozen=True)
class Task:
    """What travels to a worker: a submission's name and bytes, its seed, its author's variant."""

    name: str
    data: bytes
    seed: int | None
    variant: int | None


class ClusterEngine:
    """A connection to a running cluster; close it, or use ``with``."""

    def __init__(self, assignment: str, scheduler: str, isolation: Mode) -> None:
        self._client = _connect(scheduler)
        self._grade = partial(grade_task, assignment, isolation)
        try:
            self._insist_on_one_version()
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> ClusterEngine:
        return self

    def __exit__(self, *unused: object) -> None:
        self._client.close()

    def grade_all(self, jobs: Iterable[Job]) -> Iterator[Graded]:
        """Grade every job and give each as soon as it is done; jobs are read as they are needed."""
        try:
            yield from self._grade_all(jobs)
        except (OSError, CancelledError) as error:  # the connection broke while we were asking
            raise _gone() from error

    def _grade_all(self, jobs: Iterable[Job]) -> Iterator[Graded]:
        from distributed import as_completed

        waiting = iter(jobs)
        running: dict[str, tuple[Job, int]] = {}
        done = as_completed(loop=self._client.loop, raise_errors=False)

        def submit(job: Job, attempt: int) -> None:
            future = self._submit(job)
            running[future.key] = (job, attempt)
            done.add(future)

        def refill() -> None:
            while len(running) < AHEAD * max(1, self._cores()):
                job = next(waiting, None)
                if job is None:
                    return
                submit(job, 1)

        refill()
        while running:
            future = next(done)
            job, attempt = running.pop(future.key)
            if self._was_killed(future) and attempt < ATTEMPTS:
                submit(job, attempt + 1)
            else:
                yield _graded(job, future)
            refill()

    def _submit(self, job: Job) -> Future:
        data = job.path.read_bytes()
        task = Task(job.path.name, data, job.seed, job.variant)
        return self._client.submit(self._grade, task, pure=False)

    def _cores(self) -> int:
        return sum(self._client.nthreads().values())

    def _was_killed(self, future: Future) -> bool:
        from distributed import KilledWorker

        if future.cancelled():
            raise _gone()
        return isinstance(future.exception(), KilledWorker)

    def _insist_on_one_version(self) -> None:
        """Another version may give another result."""
        here = version()
        others = {v for v in self._client.run(version, on_error="ignore").values() if v != here}
        if others:
            raise GraderError(
                text(
                    "Workers of the cluster have densefit {others}, this machine has {here}. "
                    "Install the same version everywhere.",
                    others=", ".join(sorted(map(str, others))),
                    here=here,
                )
            )


def version() -> str:
    """The version of densefit in this process."""
    import densefit

    return densefit.__version__


def _connect(scheduler: str) -> Client:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise GraderError(
            text("Grading on a cluster needs Dask: pip install 'densefit[cluster]'.")
        ) from error
    _hush()
    try:
        return Client(scheduler, timeout=TIMEOUT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NotChecked(
            text(
                "There is no Dask scheduler at {address} ({raised}). Start one with "
                "`dask scheduler`, and workers with `dask worker {address}`.",
                address=scheduler,
                raised=str(error) or type(error).__name__,
            )
        ) from error


def _gone() -> NotChecked:
    return NotChecked(
        text(
            "The cluster's scheduler went away. What was graded is kept: call the same "
            "command again."
        )
    )


def _hush() -> None:
    """What happens to the connection is told by us, in a sentence instead of tracebacks."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _graded(job: Job, future: Future) -> Graded:
    error = future.exception()
    if error is not None:
        words = text(
            "It could not be checked: workers of the cluster ended while they graded it "
            "({raised}).",
            raised=type(error).__name__,
        )
        return Graded(job, None, words, NotChecked.exit_code)
    document, refusal, exit_code = future.result()
    return Graded(job, None if document is None else restore(document), refusal, exit_code)


# --- on a worker ----------------------------------------------------------------------------------

_one_at_a_time = threading.Lock()  # a judge is one process; more cores are more worker processes


def grade_task(assignment: str, isolation: Mode, task: Task) -> Answer:
    """Grade a submission: the result's document, or why there is none."""
    with _one_at_a_time, tempfile.TemporaryDirectory(prefix="grader-") as folder:
        path = Path(folder, task.name)
        path.write_bytes(task.data)
        try:
            return _judged(assignment, isolation, path, task), None, 0
        except GraderError as error:
            said = {lang: words.replace(str(path), path.name) for lang, words in error.text.items()}
            return None, said, error.exit_code


def _judged(slug: str, isolation: Mode, path: Path, task: Task) -> dict[str, Any]:
    from grader.runner import grade
    from grader.submission import read_submission

    assignment = _assignment(slug)
    submission = read_submission(path, assignment.functions)
    result = grade(
        assignment,
        submission,
        seed=task.seed,
        isolation=isolation,
        warm=True,
        variant=task.variant,
    )
    return result.as_dict()


@lru_cache(maxsize=1)
def _assignment(slug: str) -> Assignment:
    """Read once, however many submissions come."""
    from grader.assignment import find_assignment

    return find_assignment(slug)
