"""Five hundred students hand in within a minute: what is lost, and how long they wait.

    python -m benchmarks.service              on PostgreSQL, then the same under kill -9
    python -m benchmarks.service --students 50 --seconds 6

The web process, a worker with a process for each core, and PostgreSQL run on this machine, and the
students beside them: each opens the page, uploads, follows the live progress and reads the report.
*Under kill -9* the worker, the database and the web process are killed in turn while they upload;
what is not answered is sent again, as the page's script does. The parts are those of the tests
(``tests/helpers``), with the extra ``test`` and Debian's ``postgresql``.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from statistics import median
from typing import Any

import click

from benchmarks import machine, results, tables
from benchmarks.protocol import ROOT
from benchmarks.tables import Table

__all__ = ["TARGET", "main", "measured", "service_table"]

TARGET = 0.3  # seconds: the median page while grading runs
ONE = "import numpy as np\n\n\ndef relu_forward(z):\n    return np.maximum(z, 0)\n"


def _sources() -> list[str]:
    paths = (
        ROOT / "assignments" / "assignment4" / "solution.py",
        ROOT / "examples" / "assignment4" / "correct.py",
        ROOT / "examples" / "assignment4" / "mistake.py",
    )
    return [*(path.read_text("utf-8") for path in paths), ONE]


def measured(students: int, seconds: float, patience: float, *, kills: bool) -> dict[str, Any]:
    """One crowd, from the first upload until everybody has read their report or left."""
    sys.path.append(str(ROOT / "tests" / "helpers"))
    import crowd
    import supervised
    from grader.store import open_store

    with (
        supervised.installation() as place,
        closing(open_store(place.database, place.files)) as store,
    ):
        people = crowd.enrolled(store, place.address, students)
        web = place.start_web()
        worker = place.start_worker(machine.processors())
        with supervised.running(web, worker):
            deaths = (worker.kill, place.kill_database, web.kill)
            moments = [(seconds * (i + 1) / 4, kill) for i, kill in enumerate(deaths)]
            start = time.monotonic()
            work = people.hand_in(_sources(), seconds, patience)
            asyncio.run(crowd.under_fire(work, moments if kills else []))
            taken = time.monotonic() - start
            return {
                "acknowledged": len(set(people.acknowledged.values())),
                "taken": taken,
                "repeated": people.repeated,
                "seconds": people.seconds,
                "load_at_end": machine.load_average(),
                **crowd.state(store),
            }


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def _times(values: Sequence[float], unit: float) -> str:
    if not values:
        return "–"
    digits = 0 if unit == 1000 else 1
    return f"{median(values) * unit:.{digits}f} / {_share(values, 0.95) * unit:.{digits}f}"


def service_table(result: Mapping[str, Any]) -> Table:
    """Every run a column; times are the median and what 95 % stayed under."""
    runs: Mapping[str, Mapping[str, Any]] = result["runs"]
    most, within = result["students"], result["seconds"]

    def row(name: str, cell: Any) -> tuple[str, ...]:
        return (name, *(cell(run) for run in runs.values()))

    def page(run: Mapping[str, Any]) -> str:
        times = run["seconds"]["page"]
        return f"{_times(times, 1000)} {'✓' if median(times) < TARGET else '✗'}"

    return Table(
        f"{most} students hand in within {within:g} seconds",
        ("", *runs),
        (
            row("uploads acknowledged", lambda r: f"{r['acknowledged']} of {most}"),
            row("lost / graded twice", lambda r: f"{_lost(r)} / {r['gradings'] - r['graded']}"),
            row("graded when all had read or left", lambda r: f"{r['graded']} of {most}"),
            row("a page, ms: median / 95 %", page),
            row("an upload, ms", lambda r: _times(r["seconds"]["upload"], 1000)),
            row("from upload to report, s", lambda r: _times(_waits(r), 1)),
            row("graded a second", lambda r: f"{r['gradings'] / r['taken']:.1f}"),
            row("requests sent again", lambda r: str(r["repeated"])),
        ),
    )


def _waits(run: Mapping[str, Any]) -> Sequence[float]:
    waits: Sequence[float] = run["seconds"].get("until graded", [])
    return waits


def _lost(run: Mapping[str, Any]) -> int:
    """Acknowledged, but neither graded nor waiting for it."""
    waiting = sum(run["jobs"].get(state, 0) for state in ("queued", "running"))
    return int(run["acknowledged"] - run["graded"] - waiting)


def described(result: Mapping[str, Any]) -> str:
    """The machine, and how busy it was otherwise."""
    about = result["machine"]
    return (
        f"Measured on {about['processors']} processors ({about['processor']}), on which the web "
        f"process, the worker, PostgreSQL and the {result['students']} students all ran; load "
        f"average of everything else at the start {about['load_at_start']}, {about['date'][:10]}. "
        f"A student leaves after {result['patience']:g} seconds without a report.\n"
    )


@click.command()
@click.option("--students", default=500, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="They upload within this time.")
@click.option("--patience", default=600.0, show_default=True, help="Seconds until they leave.")
@click.option("--when-quiet", is_flag=True, help="Refuse on a busy machine.")
def main(students: int, seconds: float, patience: float, when_quiet: bool) -> None:
    """Let a class hand in at once, without and with faults; a table, and JSON."""
    tables.warn_if_busy(when_quiet)
    result: dict[str, Any] = {
        "machine": machine.describe(),
        "students": students,
        "seconds": seconds,
        "patience": patience,
        "runs": {},
    }
    for name, kills in (("undisturbed", False), ("under kill -9", True)):
        tables.tell(f"{name} ...")
        result["runs"][name] = measured(students, seconds, patience, kills=kills)
    results.write(results.FOLDER / "service.json", "service", result)
    tables.show([service_table(result)])


if __name__ == "__main__":
    main()
