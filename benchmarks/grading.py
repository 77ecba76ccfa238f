"""How long grading takes: one submission, a batch, and a small exercise beside other graders.

    make bench-graders                # once: an environment for each of the other graders
    python -m benchmarks.grading

*One* is ``grader check assignment4`` on the correct solution, from the command to its end, cold
but for the caches of the disk; the reading of learning curves is left out. *Batch* is
``GradingPool`` on many correct submissions, each in a fresh sandbox. *ReLU* is one function with
three checks in every grader of :mod:`benchmarks.graders` that is installed, which also get the
submission that patches their comparison. They are measured in turns; the first turn is not
counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks import grading_report, machine, results, tables
from benchmarks.graders.base import CORRECT, PATCHED, WRONG, Grader
from benchmarks.graders.registry import GRADERS
from benchmarks.protocol import ROOT

__all__ = ["batch_rate", "compared", "main", "one", "run"]

SOLUTION = ROOT / "assignments" / "assignment4" / "solution.py"

# The command itself, with the reading of learning curves left out.
ONE = """
import dataclasses, sys
from grader import assignment, cli
found = assignment.find_assignment
assignment.find_assignment = lambda name: dataclasses.replace(found(name), diagnosis_points=None)
sys.argv[1:] = ["check", "assignment4", sys.argv[1]]
cli.main()
"""


def one(folder: Path) -> float:
    """Wall-clock seconds of the command; RuntimeError where the solution lost a point."""
    path = folder / "solution.py"
    path.write_bytes(SOLUTION.read_bytes())
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", ONE, str(path)], cwd=folder, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"the solution did not get full marks: {done.stdout}{done.stderr}")
    return seconds


def batch_rate(submissions: int, processes: int, folder: Path) -> float:
    """Correct submissions a second, once every judge is warm."""
    from grader.pool import GradingPool, Job

    source = SOLUTION.read_text("utf-8")
    jobs = []
    for number in range(submissions):
        path = folder / f"{number}.py"
        path.write_text(f"{source}\n# {number}\n", "utf-8")
        jobs.append(Job(path))
    with GradingPool("assignment4", processes=processes, isolation="auto") as pool:
        list(pool.grade_all(jobs[: 2 * processes]))
        start = time.perf_counter()
        graded = list(pool.grade_all(jobs))
        taken = time.perf_counter() - start
    results = [g.result for g in graded if g.result is not None]
    checks = [c for result in results for c in result.checks if c.function != "diagnosis"]
    if len(results) != submissions or any(check.status != "passed" for check in checks):
        raise RuntimeError("a correct submission was not graded as such")
    return submissions / taken


def compared(folder: Path) -> tuple[list[Grader], list[str]]:
    """The graders that are installed, with the exercise laid out; the names of the others."""
    # Not at the top: there a folder of a package's name would be found in the package's place.
    exercises = folder / "exercises"
    exercises.mkdir()
    found = [make(exercises / make.package) for make in GRADERS]
    installed = [grader for grader in found if grader.available()]
    for grader in installed:
        tables.tell(f"laying out the exercise for {grader.package}")
        grader.prepare()
    return installed, [grader.package for grader in found if grader not in installed]


def points(grader: Grader) -> dict[str, list[float]]:
    """What a wrong submission gets, and the same with the patch: points, and the greatest."""
    gradings = {"wrong": grader.grade(WRONG), "patched": grader.grade(PATCHED)}
    if gradings["wrong"].full:
        raise RuntimeError(f"{grader.package} gave a wrong submission full marks: it is not set up")
    return {name: [g.score, g.max_score] for name, g in gradings.items()}


def relu(grader: Grader) -> float:
    """Seconds for the correct submission; RuntimeError where it lost a point."""
    grading = grader.grade(CORRECT)
    if not grading.full:
        raise RuntimeError(f"{grader.package} gave a correct submission {grading.score:g} points")
    return grading.seconds


def run(repetitions: int, submissions: int) -> dict[str, Any]:
    """Seconds of every repetition by name, the rates of the batches, and the points."""
    description = machine.describe()
    processes = machine.processors()
    singles: list[float] = []
    rates: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        graders, missing = compared(folder)
        seconds: dict[str, list[float]] = {grader.package: [] for grader in graders}
        for repetition in range(repetitions + 1):
            tables.tell(f"turn {repetition} of {repetitions}")
            singles.append(one(folder))
            for grader in graders:
                seconds[grader.package].append(relu(grader))
            if repetition % 3 == 1:
                rates.append(batch_rate(submissions, processes, folder))
        described = [_described(grader, seconds[grader.package][1:]) for grader in graders]
    return {
        "machine": description,
        "repetitions": repetitions,
        "one": singles[1:],
        "batch": {"rates": rates, "processes": processes, "submissions": submissions},
        "relu": described,
        "missing": missing,
        "targets": {
            "one": grading_report.SINGLE_TARGET,
            "batch": grading_report.BATCH_TARGET,
        },
    }


def _described(grader: Grader, seconds: Sequence[float]) -> dict[str, Any]:
    found = {"package": grader.package, "version": grader.version(), "how": grader.how}
    return found | {"seconds": list(seconds), "points": points(grader)}


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--repetitions", type=click.IntRange(1), default=9, show_default=True)
@click.option("--submissions", type=click.IntRange(1), default=40, show_default=True)
@click.option("--when-quiet", is_flag=True, help="Refuse to run on a busy machine.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=results.FOLDER / "grading.json",
)
def main(repetitions: int, submissions: int, when_quiet: bool, output: Path) -> None:
    """Measure, print, write."""
    tables.warn_if_busy(when_quiet)
    result = run(repetitions, submissions)
    results.write(output, "grading", result)
    grading_report.draw(result, output.with_suffix(".png"))
    tables.show(grading_report.grading_tables(result))


if __name__ == "__main__":
    main()
