"""How long ``import densefit`` takes beyond ``import numpy``, with ``densefit.Sequential`` used.

    python -m benchmarks.startup

Each in fresh processes, in turns; the median counts. A first process of each, not counted, fills
the caches of the disk.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from benchmarks import machine, results, tables
from benchmarks.tables import Table
from benchmarks.timing import summary
from benchmarks.usage import ask_fresh

__all__ = ["TARGET", "main", "run", "startup_table"]

#: Milliseconds beyond NumPy's own.
TARGET = 100.0
MODULES = ("numpy", "densefit")
CODE = """
import importlib, json, sys, time
start = time.perf_counter()
module = importlib.import_module(json.loads(sys.argv[1]))
getattr(module, "Sequential", None)  # densefit imports what is used
print(1e3 * (time.perf_counter() - start))
"""


def run(repetitions: int) -> dict[str, Any]:
    """Milliseconds of every repetition by module."""
    description = machine.describe()
    milliseconds: dict[str, list[float]] = {module: [] for module in MODULES}
    for repetition in range(repetitions + 1):
        for module in MODULES:
            taken = ask_fresh(CODE, module, os.environ)
            if repetition:
                milliseconds[module].append(taken)
    return {"machine": description, "milliseconds": milliseconds, "target": TARGET}


def startup_table(result: dict[str, Any]) -> Table:
    """Medians, and the difference beside its target."""
    times = {module: summary(figures) for module, figures in result["milliseconds"].items()}
    beyond = times["densefit"].median - times["numpy"].median
    mark = "✓" if beyond <= result["target"] else "✗"
    rows = [
        *((f"import {m}", f"{s.median:.0f} ms (±{50 * s.spread:.0f} %)") for m, s in times.items()),
        ("densefit beyond NumPy", f"{beyond:.0f} ms ({mark} {result['target']:g} ms)"),
    ]
    return Table("Start-up", ("", "median"), rows)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--repetitions", type=click.IntRange(1), default=15, show_default=True)
@click.option("--when-quiet", is_flag=True, help="Refuse to run on a busy machine.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=results.FOLDER / "startup.json",
)
def main(repetitions: int, when_quiet: bool, output: Path) -> None:
    """Measure, print, write."""
    tables.warn_if_busy(when_quiet)
    result = run(repetitions)
    results.write(output, "startup", result)
    tables.show([startup_table(result)])


if __name__ == "__main__":
    main()
