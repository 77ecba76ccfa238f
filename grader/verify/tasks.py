"""The units of work of a verification; each runs in whatever process has time for it.

A task gets plain values and returns plain values, and finds the assignment by its folder, so that
a pool of processes can share the work.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from grader.assignment import Assignment, find_assignment
from grader.checks.combining import WAYS, apart, both, go_together
from grader.checks.engine import CheckOutcome, FunctionRun
from grader.checks.local import LocalStudent
from grader.checks.matching import explains_all, find_misconception
from grader.checks.model import FunctionChecks
from grader.misconception import Misconception
from grader.sandbox.isolation import Mode
from grader.sandbox.process import StudentProcess
from grader.submission import Cell, Submission, read_submission
from grader.verify.mutants import Mutant

FRESH_SEED = 2**31
# A mutant that takes longer than this for one call is caught; the solution needs milliseconds.
MUTANT_CALL_SECONDS = 5.0


@dataclass(frozen=True)
class Loss:
    """A check that did not pass: where, with which seed, and how."""

    function: str
    check: str
    seed: int
    law: str
    message: str


@dataclass(frozen=True)
class Naming:
    """What the checks say of a known mistake: the function's first loss, and the name given."""

    id: str
    function: str
    lost: bool
    named: str | None
    true: bool = True  # on fresh examples too, the name explains everything


def be_nice() -> None:
    """Let a person's work on this machine go first."""
    if hasattr(os, "nice"):
        os.nice(5)


def grade_correct(folder: str, path: str, seeds: Sequence[int], isolation: Mode) -> list[Loss]:
    """Grade one correct submission once for each seed, all in one sandbox; what it lost."""
    assignment = _assignment(folder)
    submission = read_submission(Path(path), assignment.functions)
    times = len(seeds)
    limits = replace(
        assignment.limits,
        submission_seconds=times * assignment.limits.submission_seconds,
        cpu_seconds=times * assignment.limits.cpu_seconds,
    )
    with StudentProcess(submission, limits, isolation) as student:
        return [
            _loss(spec, outcome, seed)
            for seed in seeds
            for spec in assignment.checks
            for outcome in FunctionRun(spec, student, seed).run(shrink_seconds=0)
            if outcome.status != "passed"
        ]


def grade_mutant(
    folder: str, mutant: Mutant, functions: Sequence[str], seed: int, isolation: Mode
) -> Loss | None:
    """The first check that catches the mutant, of those of the functions it can reach."""
    assignment = _assignment(folder)
    limits = replace(
        assignment.limits, call_seconds=min(MUTANT_CALL_SECONDS, assignment.limits.call_seconds)
    )
    submission = Submission("mutant.py", (Cell("mutant.py", mutant.source),))
    specs = {spec.function: spec for spec in assignment.checks}
    with StudentProcess(submission, limits, isolation) as student:
        for function in functions:
            for outcome in FunctionRun(specs[function], student, seed).run(shrink_seconds=0):
                if outcome.status != "passed":
                    return _loss(specs[function], outcome, seed)
    return None


def name_misconception(folder: str, id_: str, seed: int) -> Naming:
    """Whether the code of a misconception fails its function's checks, and is named."""
    assignment = _assignment(folder)
    (mistake,) = (m for m in assignment.misconceptions if m.id == id_)
    return naming(assignment, mistake, seed)


def pairs_apart(assignment: Assignment) -> list[tuple[str, str]]:
    """Every two misconceptions of a function of several outputs that touch different ones."""
    import numpy as np

    found = []
    rng = np.random.default_rng(0)
    for spec in assignment.checks:
        if spec.reference is None or len(spec.outputs) == 1:
            continue
        first, *others = {id(c.inputs): c.inputs.bulk(rng, 12) for c in spec.checks}.values()
        own = [m for m in assignment.misconceptions if m.function == spec.function]
        for one, other in itertools.combinations(own, 2):
            if all(apart(spec, one, other, example.args) for example in first) and all(
                go_together(spec, one, other, example.args) for each in others for example in each
            ):
                found.append((one.id, other.id))
    return found


def name_pair(folder: str, ids: tuple[str, str], seed: int) -> Naming:
    """What the checks say of code that makes two mistakes, each in another output."""
    assignment = _assignment(folder)
    one, other = (next(m for m in assignment.misconceptions if m.id == id_) for id_ in ids)
    spec = next(spec for spec in assignment.checks if spec.function == one.function)
    return naming(assignment, both(spec, one, other, WAYS[0]), seed)


def naming(assignment: Assignment, mistake: Misconception, seed: int) -> Naming:
    """What the checks of its function say of one mistake."""
    spec = next(spec for spec in assignment.checks if spec.function == mistake.function)
    run = FunctionRun(spec, LocalStudent({mistake.function: mistake.wrong}), seed)
    failures = [
        (
            outcome.failure,
            next((x for x in outcome.check.laws if x.name == outcome.failure.law), None),
        )
        for outcome in run.run(shrink_seconds=0)
        if outcome.failure is not None
    ]
    found = (find_misconception(run, *failure, assignment.misconceptions) for failure in failures)
    named = next((m for m in found if m is not None), None)
    if named is None:
        return Naming(mistake.id, mistake.function, bool(failures), None)
    true = named.id == mistake.id or named.id.startswith("relation:") or _true(spec, mistake, named)
    return Naming(mistake.id, mistake.function, bool(failures), named.id, true)


def _true(spec: FunctionChecks, mistake: Misconception, named: Misconception) -> bool:
    """The mistaken code does what the name says on examples that nobody has seen yet."""
    run = FunctionRun(spec, LocalStudent({mistake.function: mistake.wrong}), FRESH_SEED)
    run.run(shrink_seconds=0)
    return explains_all(run, named)


def array_arguments(assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """For each function the names of its arguments that are arrays, as its inputs are drawn."""
    import numpy as np

    rng = np.random.default_rng(0)
    drawn = {spec.function: spec.checks[0].inputs.bulk(rng, 1)[0] for spec in assignment.checks}
    return {
        function: tuple(k for k, v in example.arguments.items() if isinstance(v, np.ndarray))
        for function, example in drawn.items()
    }


def blocks(seeds: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    """The seeds in blocks, so that progress can be seen and work be shared."""
    return (tuple(seeds[i : i + size]) for i in range(0, len(seeds), size))


def _loss(spec: FunctionChecks, outcome: CheckOutcome, seed: int) -> Loss:
    failure = outcome.failure
    return Loss(
        spec.function,
        outcome.check.name,
        seed,
        failure.law if failure else "-",
        failure.message["en"] if failure else "-",
    )


@cache
def _assignment(folder: str) -> Assignment:
    return find_assignment(folder)
