"""The whole verification: a pool of processes does the work, and what they say is collected."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.i18n import text
from grader.runner import versions
from grader.sandbox.isolation import Mode
from grader.submission import decode
from grader.verify import tasks
from grader.verify.evidence import Evidence, read_evidence
from grader.verify.mutants import Mutant, callers, mutants
from grader.verify.result import Correct, Judged, Verification

PARTS = ("correct", "misconceptions", "pairs", "mutants")
# Gradings in one sandbox: enough that starting it costs nothing, few enough to share the work.
GRADINGS_TOGETHER = 5

Progress = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What to verify, and with how much work."""

    parts: tuple[str, ...] = PARTS
    gradings: int = 100
    seed: int = 0
    jobs: int = 1
    isolation: Mode = "auto"


def run(assignment: Assignment, plan: Plan, progress: Progress) -> Verification:
    """Run the parts of the plan; ``progress(part, done, all)`` is told as the work is done."""
    evidence = read_evidence(assignment)
    assignment.checks  # noqa: B018 (what is wrong with them is said before any work is done)
    found: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    with _pool(plan.jobs) as pool:
        work = _Work(assignment, evidence, plan, pool, progress)
        for part in plan.parts:
            start = time.perf_counter()
            found |= getattr(work, part)()
            seconds[part] = time.perf_counter() - start
    return Verification(assignment.slug, plan.seed, seconds=seconds, versions=versions(), **found)


class _Work:
    """The parts of one verification."""

    def __init__(
        self,
        assignment: Assignment,
        evidence: Evidence,
        plan: Plan,
        pool: Executor,
        progress: Progress,
    ) -> None:
        self.assignment = assignment
        self.folder = str(assignment.folder.resolve())
        self.evidence = evidence
        self.plan = plan
        self.pool = pool
        self.progress = progress

    def correct(self) -> dict[str, Any]:
        """Every correct submission, graded often enough to make the gradings asked for."""
        paths = self.evidence.correct
        each = max(1, -(-self.plan.gradings // len(paths)))
        rng = np.random.default_rng(self.plan.seed)
        futures: list[tuple[Path, int, Future[list[tasks.Loss]]]] = []
        for path in paths:
            seeds = rng.integers(2**32, size=each).tolist()
            futures += [
                (path, len(block), self._submit(tasks.grade_correct, str(path), block, True))
                for block in tasks.blocks(seeds, GRADINGS_TOGETHER)
            ]
        self._watch("correct", [(future, count) for _, count, future in futures])
        lost: dict[Path, list[tasks.Loss]] = {path: [] for path in paths}
        for path, _, future in futures:
            lost[path] += future.result()
        return {"correct": tuple(Correct(p.name, each, tuple(lost[p])) for p in paths)}

    def misconceptions(self) -> dict[str, Any]:
        """Every misconception of the bank: does it fail its function, and is it named?"""
        ids = [mistake.id for mistake in self.assignment.misconceptions]
        futures = [self._submit(tasks.name_misconception, id_, self.plan.seed) for id_ in ids]
        self._watch("misconceptions", [(future, 1) for future in futures])
        return {"misconceptions": tuple(future.result() for future in futures)}

    def pairs(self) -> dict[str, Any]:
        """Every two misconceptions that touch different outputs, made at once: what name?"""
        ids = tasks.pairs_apart(self.assignment)
        futures = [self._submit(tasks.name_pair, pair, self.plan.seed) for pair in ids]
        self._watch("pairs", [(future, 1) for future in futures])
        return {"pairs": tuple(future.result() for future in futures)}

    def mutants(self) -> dict[str, Any]:
        """Every mutant of the solution: which check catches it?"""
        path = self.evidence.solution
        source = decode(path.name, path.read_bytes())
        made = mutants(source, tasks.array_arguments(self.assignment))
        if not made:
            raise AssignmentError(
                text("{file} has no function that could be changed.", file=str(path))
            )
        reach = callers(source)
        futures = [
            self._submit(
                tasks.grade_mutant,
                mutant,
                self._reached(mutant, reach),
                self.plan.seed,
                True,
            )
            for mutant in made
        ]
        self._watch("mutants", [(future, 1) for future in futures])
        excuses = {entry.key: entry for entry in self.evidence.equivalent}
        keys = {mutant.key for mutant in made}
        return {
            "mutants": tuple(
                Judged(mutant, future.result(), excuses.get(mutant.key))
                for mutant, future in zip(made, futures, strict=True)
            ),
            "stale": tuple(e for e in self.evidence.equivalent if e.key not in keys),
        }

    def _reached(self, mutant: Mutant, reach: dict[str, set[str]]) -> tuple[str, ...]:
        """The functions of the contract that the mutant can change, its own one first."""
        reached = [name for name in self.assignment.functions if name in reach[mutant.function]]
        return tuple(sorted(reached, key=lambda name: name != mutant.function))

    def _submit(self, task: Callable[..., T], *args: Any) -> Future[T]:
        """Start a task; a last argument True stands for the isolation to use."""
        given = [self.plan.isolation if arg is True else arg for arg in args]
        return self.pool.submit(task, self.folder, *given)

    def _watch(self, part: str, futures: Sequence[tuple[Future[Any], int]]) -> None:
        """Report progress until all are done; the first error ends the wait."""
        sizes = dict(futures)
        done, every = 0, sum(sizes.values())
        self.progress(part, done, every)
        for future in as_completed(sizes):
            future.result()
            done += sizes[future]
            self.progress(part, done, every)


@contextmanager
def _pool(jobs: int) -> Iterator[Executor]:
    """Fresh processes; what has not begun when an error or Ctrl-C comes is never begun."""
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=tasks.be_nice
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()
