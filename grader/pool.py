"""Grades many submissions: judges in processes of their own, workers forked from a warm one.

::

    with GradingPool("assignment4") as pool:
        for graded in pool.grade_all(Job(path) for path in folder.iterdir()):
            print(graded.job.path, graded.result.score if graded.result else graded.refusal["en"])

Each judge has the assignment and NumPy loaded, and a nursery (``sandbox/nursery.py``) beside it
that forks every worker into a fresh sandbox. A result depends on the submission and its seed only:
neither on the order, nor on the number of processes, nor on what was graded before.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import GraderError, NotChecked
from grader.i18n import Text, text
from grader.sandbox.isolation import Mode

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.result import Result

ATTEMPTS = 2
AHEAD = 2  # jobs waiting for each judge: enough that none is ever idle


@dataclass(frozen=True)
class Job:
    """A submission to grade; ``key`` is the caller's own word for it.

    ``variant`` is the number of the personal experiment that its author was given.
    """

    path: Path
    seed: int | None = None
    key: str = ""
    variant: int | None = None


@dataclass(frozen=True)
class Graded:
    """A job with its result, or with the reason why there is none: never a zero instead.

    ``exit_code`` is what ``grader check`` would end with when there is no result: 2 if there is
    nothing to grade at the path, 3 if it could not be checked.
    """

    job: Job
    result: Result | None
    refusal: Text | None = None
    exit_code: int = 0


class GradingPool:
    """Judges that wait for submissions to one assignment; close it, or use ``with``.

    ``processes`` is the number of judges, by default one for each core this process may use. The
    module that starts the program must be importable without side effects, as ``multiprocessing``
    asks of every program that starts processes (``if __name__ == "__main__":``).
    """

    def __init__(
        self,
        assignment: str,
        *,
        processes: int | None = None,
        isolation: Mode = "required",
        secret: bytes | None = None,
    ) -> None:
        if processes is not None and processes < 1:
            raise ValueError(f"processes must be 1 or more, not {processes}")
        self.processes = processes or available_cores()
        self._arguments = (assignment, isolation, secret)
        self._executor = self._start()

    def __enter__(self) -> GradingPool:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """End the judges and their nurseries; jobs that have not begun are dropped."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def grade(self, path: Path, seed: int | None = None) -> Result:
        """Grade one submission and wait for it; raises :class:`~grader.errors.GraderError`."""
        (graded,) = self.grade_all([Job(path, seed)])
        if graded.result is not None:
            return graded.result
        kind = NotChecked if graded.exit_code == NotChecked.exit_code else GraderError
        raise kind(graded.refusal or text("It could not be checked."))

    def grade_all(self, jobs: Iterable[Job]) -> Iterator[Graded]:
        """Grade every job and give each as soon as it is done; jobs are read as they are needed."""
        waiting = iter(jobs)
        running: dict[Future[Graded], tuple[Job, int]] = {}
        retried: list[tuple[Job, int]] = []
        while True:
            while len(running) < AHEAD * self.processes:
                following = retried.pop() if retried else _first_attempt(next(waiting, None))
                if following is None:
                    break
                running[self._submit(following[0])] = following
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job, attempt = running.pop(future)
                if not isinstance(future.exception(), BrokenProcessPool):
                    yield future.result()
                elif attempt < ATTEMPTS:
                    retried.append((job, attempt + 1))
                else:
                    yield _judge_ended(job)

    def _submit(self, job: Job) -> Future[Graded]:
        try:
            return self._executor.submit(_grade, job)
        except BrokenProcessPool:
            self._executor.shutdown(wait=False)
            self._executor = self._start()
            return self._executor.submit(_grade, job)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.processes, get_context("spawn"), initializer=_prepare, initargs=self._arguments
        )


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _first_attempt(job: Job | None) -> tuple[Job, int] | None:
    return None if job is None else (job, 1)


def _judge_ended(job: Job) -> Graded:
    words = text(
        "It could not be checked: the grader's own process ended twice. Is there enough memory?"
    )
    return Graded(job, None, words, NotChecked.exit_code)


# --- in a judge's process -------------------------------------------------------------------------


@dataclass
class _Judge:
    """What a judge's process keeps between submissions."""

    assignment: Assignment
    isolation: Mode
    secret: bytes | None


_judge: list[_Judge] = []  # one, after _prepare


def _prepare(assignment: str, isolation: Mode, secret: bytes | None) -> None:
    """Load what every submission needs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from grader.assignment import find_assignment

    found = find_assignment(assignment)
    with contextlib.suppress(GraderError):  # told of every submission, where it can be reported
        _ = found.checks, found.misconceptions
    _judge[:] = [_Judge(found, isolation, secret)]
    gc.freeze()  # what stays for good need not be looked through again and again


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one, however it comes, and follow it.

    A judge that waits for work would wait for ever: it holds the other end of its queue itself.
    """
    parent = parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _grade(job: Job) -> Graded:
    from grader.runner import derived_seed, grade
    from grader.submission import read_submission

    judge = _judge[0]
    try:
        submission = read_submission(job.path, judge.assignment.functions)
        seed = job.seed
        if seed is None:
            seed = derived_seed(judge.assignment, submission, judge.secret)
        result = grade(
            judge.assignment,
            submission,
            seed=seed,
            isolation=judge.isolation,
            warm=True,
            variant=job.variant,
        )
    except GraderError as error:
        return Graded(job, None, error.text, error.exit_code)
    except Exception as error:  # a mistake of ours must not end the batch, nor count as a zero
        words = text(
            "It could not be checked because of an error in the grader: {raised}. "
            "Please report it.",
            raised=f"{type(error).__name__}: {error}",
        )
        return Graded(job, None, words, NotChecked.exit_code)
    return Graded(job, result)
