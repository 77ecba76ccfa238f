"""What a submission costs, and how many workers a deadline needs.

    python -m benchmarks.scaling              measure, then simulate
    python -m benchmarks.scaling --simulate   simulate again, from the last measurement

Submissions of several kinds go through ``GradingPool``: one by one through one judge, which gives
the seconds of each and the processor time of judge and worker; then all at once through one judge
and through two, which gives the throughput. The evening of a deadline is simulated from these
times (``benchmarks/evening.py``). Linux only: processor times are read from /proc.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from benchmarks import evening, machine, results, scaling_report, tables
from benchmarks.processor_time import ProcessorTime
from benchmarks.protocol import ROOT

__all__ = ["KINDS", "at_once", "main", "measured", "one_by_one", "simulated"]

#: What is handed in: complete ones, ones with a mistake, and the untouched starter.
KINDS: Mapping[str, Path] = {
    "complete": ROOT / "assignments" / "assignment4" / "solution.py",
    "complete, with loops": ROOT / "examples" / "assignment4" / "correct.py",
    "one mistake": ROOT / "examples" / "assignment4" / "mistake.py",
    "untouched starter": ROOT / "assignments" / "assignment4" / "starter.py",
}
#: Its only function never returns: a worker is held until the time limit.
ENDLESS_SUBMISSION = ROOT / "tests/submissions/attacks/03_endless_loop/submission.py"
WORKERS = range(1, 17)
PROCESSES = (1, 2)


def one_by_one(paths: Mapping[str, Path], repetitions: int) -> evening.Kinds:
    """Seconds, and processor seconds of judge and worker, for every grading of every kind."""
    from grader.pool import GradingPool

    kinds: dict[str, dict[str, list[float]]] = {
        name: {"seconds": [], "judge": [], "worker": []} for name in paths
    }
    with GradingPool("assignment4", processes=1, isolation="auto") as pool:
        pool.grade(next(iter(paths.values())))
        for name, path in paths.items():
            for _ in range(1 if name == evening.ENDLESS else repetitions):
                with ProcessorTime() as used:
                    start = time.perf_counter()
                    pool.grade(path)
                    taken = time.perf_counter() - start
                for what, seconds in zip(
                    ("seconds", "judge", "worker"), (taken, used.judge, used.worker), strict=True
                ):
                    kinds[name][what].append(seconds)
    return kinds


def at_once(processes: int, folder: Path, repetitions: int) -> dict[str, float]:
    """Submissions a second, every kind ``repetitions`` times, once the judges are warm."""
    from grader.pool import GradingPool, Job

    jobs = []
    for number in range(repetitions):
        for name, source in KINDS.items():
            path = folder / f"{number} {name}.py"
            path.write_text(f"{source.read_text('utf-8')}\n# {number}\n", "utf-8")
            jobs.append(Job(path))
    with GradingPool("assignment4", processes=processes, isolation="auto") as pool:
        list(pool.grade_all(jobs[: 2 * processes]))
        start = time.perf_counter()
        graded = list(pool.grade_all(jobs))
        taken = time.perf_counter() - start
    if any(each.result is None for each in graded):
        raise RuntimeError("a submission could not be checked")
    return {"processes": processes, "submissions": len(jobs), "seconds": taken}


def measured(repetitions: int) -> dict[str, Any]:
    """The measured half of the result."""
    about = machine.describe()
    kinds = one_by_one(dict(KINDS) | {evening.ENDLESS: ENDLESS_SUBMISSION}, repetitions)
    with tempfile.TemporaryDirectory() as name:
        rates = [at_once(processes, Path(name), repetitions) for processes in PROCESSES]
    return {
        "machine": about | {"load_at_end": machine.load_average()},
        "kinds": kinds,
        "throughput": rates,
    }


def simulated(kinds: evening.Kinds) -> dict[str, Any]:
    """Waits for every law of arrival and number of workers, and the throughput of each number."""
    usual, _ = evening.service_times(kinds)
    laws = {}
    for law in evening.SHARPNESS:
        evenings = evening.drawn_evenings(kinds, law)
        laws[law] = [evening.summarised(evenings, workers) for workers in WORKERS]
    return {"laws": laws, "rates": {str(w): evening.saturated_rate(usual, w) for w in WORKERS}}


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--repetitions", type=click.IntRange(1), default=5, show_default=True)
@click.option("--simulate", is_flag=True, help="Keep the measurement, and simulate again.")
@click.option("--when-quiet", is_flag=True, help="Refuse to measure on a busy machine.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=results.FOLDER / "scaling.json",
)
def main(repetitions: int, simulate: bool, when_quiet: bool, output: Path) -> None:
    """Measure or read, simulate, print, draw, write."""
    if simulate:
        result = results.read(output, "scaling")
    else:
        tables.warn_if_busy(when_quiet)
        result = measured(repetitions)
    result |= simulated(result["kinds"])
    results.write(output, "scaling", result)
    tables.show(scaling_report.scaling_tables(result, "en"))
    scaling_report.draw(result, output.with_suffix(".png"))


if __name__ == "__main__":
    main()
