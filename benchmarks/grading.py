"""How long grading takes: one submission, a batch, and a small exercise beside another grader.

    python -m benchmarks.grading

*One* is ``grader check assignment4`` on the correct solution, from the command to its end, cold
but for the caches of the disk. *Batch* is ``GradingPool`` on many correct submissions, each in a
fresh sandbox. *ReLU* is one function with three checks (of ours: the same function in a scaffolded
assignment), in gradescope-utils where it is installed (the extra ``bench-graders``): it runs the
student's code in its own process, unprotected. Medians of all repetitions but the first.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks import machine, results, tables
from benchmarks.protocol import ROOT
from benchmarks.tables import Table
from benchmarks.timing import summary

__all__ = ["BATCH_TARGET", "SINGLE_TARGET", "grading_table", "main", "run"]

#: Seconds for one submission, and submissions a second in a batch on two cores.
SINGLE_TARGET = 0.8
BATCH_TARGET = 8.0
SOLUTION = ROOT / "assignments" / "assignment4" / "solution.py"
RELU = "import numpy as np\n\n\ndef relu_forward(z):\n    return np.maximum(z, 0)\n"
SETTINGS = """schema = 1
slug = "relu"
title = { en = "ReLU", ja = "ReLU" }
[[checks]]
function = "relu_forward"
name = "values"
points = 4
[[checks]]
function = "relu_forward"
name = "care"
points = 1
"""
CHECKS = """from densefit import reference
from grader import tolerances
from grader.checks import Check, FunctionChecks, laws
from grader.strategies import AnyShape, Inputs
inputs = Inputs({"z": AnyShape()})
agrees = laws.agreement(("a",), (reference.relu_forward,), tolerances.relu_forward)
care = (laws.inputs_untouched(), laws.owns_result(), laws.deterministic(("a",)))
title = {"en": "values", "ja": "値"}
checks = (Check("values", title, inputs, (agrees,)), Check("care", title, inputs, care))
CHECKS = (FunctionChecks("relu_forward", ("a",), checks, reference.relu_forward),)
"""
GRADESCOPE = """import unittest
import numpy as np
from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from submission import relu_forward
class Test(unittest.TestCase):
    @weight(1)
    def test_positive(self):
        np.testing.assert_allclose(relu_forward(np.array([1.0, 2.0])), [1.0, 2.0])
    @weight(1)
    def test_negative(self):
        np.testing.assert_allclose(relu_forward(np.array([-1.0, 0.0])), [0.0, 0.0])
    @weight(1)
    def test_shape(self):
        assert relu_forward(np.zeros((3, 4))).shape == (3, 4)
JSONTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(Test))
"""


# The command itself, with the reading of learning curves left out.
ONE = """
import dataclasses, sys
from grader import assignment, cli
found = assignment.find_assignment
assignment.find_assignment = lambda name: dataclasses.replace(found(name), diagnosis_points=None)
sys.argv[1:] = ["check", "assignment4", sys.argv[1]]
cli.main()
"""


def seconds_of(command: list[str], folder: Path) -> float:
    """Wall-clock seconds of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


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
    checks = [c for g in graded if g.result for c in g.result.checks if c.function != "diagnosis"]
    if len(graded) != submissions or any(check.status != "passed" for check in checks):
        raise RuntimeError("a correct submission was not graded as such")
    return submissions / taken


def commands(folder: Path) -> dict[str, list[str]]:
    """What is measured, by name; files that it needs are written."""
    relu = folder / "relu"
    relu.mkdir()
    for name, words in (("assignment.toml", SETTINGS), ("checks.py", CHECKS)):
        (relu / name).write_text(words, "utf-8")
    (folder / "submission.py").write_text(RELU, "utf-8")
    (folder / "gradescope.py").write_text(GRADESCOPE, "utf-8")
    (folder / "solution.py").write_text(SOLUTION.read_text("utf-8"), "utf-8")
    grader = [sys.executable, "-m", "grader.cli", "check"]
    found = {
        "one": [sys.executable, "-c", ONE, str(folder / "solution.py")],
        "relu": [*grader, str(relu), "submission.py"],
    }
    if importlib.util.find_spec("gradescope_utils"):
        found["relu, gradescope-utils"] = [sys.executable, "gradescope.py"]
    return found


def run(repetitions: int, submissions: int) -> dict[str, Any]:
    """Seconds of every repetition by name, and the rates of the batches."""
    description = machine.describe()
    processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = commands(folder)
        seconds: dict[str, list[float]] = {key: [] for key in measured}
        for repetition in range(repetitions + 1):
            for key, command in measured.items():
                taken = seconds_of(command, folder)
                if repetition:
                    seconds[key].append(taken)
        rates = [
            batch_rate(submissions, processes, folder) for _ in range(max(1, repetitions // 3))
        ]
    return {
        "machine": description,
        "seconds": seconds,
        "rates": rates,
        "processes": processes,
        "targets": {"one": SINGLE_TARGET, "batch": BATCH_TARGET},
    }


LABELS = {
    "one": "`grader check assignment4`, correct, cold",
    "relu": "ReLU, this grader: drawn inputs, in a sandbox",
    "relu, gradescope-utils": "ReLU, gradescope-utils: three examples, unprotected",
}


def grading_table(result: dict[str, Any]) -> Table:
    """Medians beside their targets."""
    targets = result["targets"]

    def judged(good: bool, target: str) -> str:
        return f" ({'✓' if good else '✗'} {target})"

    rows = []
    for key, figures in result["seconds"].items():
        times = summary(figures)
        words = f"{times.median:.2f} s (±{50 * times.spread:.0f} %)"
        if key == "one":
            words += judged(times.median <= targets["one"], f"≤ {targets['one']:g} s")
        rows.append((LABELS[key], words))
    rate = summary(result["rates"]).median
    words = f"{rate:.1f} a second" + judged(rate >= targets["batch"], f"≥ {targets['batch']:g}")
    rows.append((f"assignment4 in a batch, {result['processes']} judges", words))
    return Table("Grading", ("", "median"), rows)


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
    tables.show([grading_table(result)])


if __name__ == "__main__":
    main()
