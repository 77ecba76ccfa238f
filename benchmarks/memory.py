"""How much memory training needs beyond the data and the imports.

    python -m benchmarks.memory

Peak resident memory of a fresh process that trains an epoch, less that of one which only imports
the same and holds the same data. The bound is 1.25 × (parameters + one batch's activations), for
plain SGD, which keeps no state; Adam's two moments are added to the parameters.
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path
from typing import Any

import click

from benchmarks import machine, results, tables
from benchmarks.tables import Table
from benchmarks.usage import PEAK, ask_fresh
from benchmarks.workloads import Workload

__all__ = ["CASES", "main", "memory_table", "needed", "run"]

FACTOR = 1.25
SAMPLES = 2560
CASES = (
    Workload((784, 128, 10), 32, "sgd", 0.01, 1),
    Workload((784, 4000, 10), 128, "adam", 0.001, 1),
    Workload((784, 40000, 10), 128, "sgd", 0.01, 1),
)
# Dense random inputs: compressed ones, which zeros allow, are data of their own.
CODE = f"""
import json, sys
import numpy as np
import densefit
from benchmarks.peers.densefit_fit import network
{PEAK}
a = json.loads(sys.argv[1])
x = np.random.default_rng(0).random((a["samples"], a["widths"][0]), dtype=np.float32)
y = np.arange(len(x)) % a["widths"][-1]
if a["stage"] != "data":
    model = network(tuple(a["widths"]))
    model.compile(a["optimizer"], "sparse_categorical_crossentropy")
    model.build((None, a["widths"][0]))
    model.weights
if a["stage"] == "train":
    model.fit(x, y, batch_size=a["batch_size"], seed=0, verbose=0)
print(peak())
"""


def needed(workload: Workload) -> int:
    """Bytes of the parameters, the optimizer's state and one batch's activations, in float32."""
    arrays = 3 if workload.optimizer == "adam" else 1
    activations = workload.batch_size * sum(workload.widths[1:])
    return 4 * (arrays * workload.parameters + activations)


def _beyond(workload: Workload, samples: int, threads: int) -> list[float]:
    """Peak beyond that with the data alone: once the weights exist, and after training."""
    arguments = {
        "widths": workload.widths,
        "batch_size": workload.batch_size,
        "optimizer": workload.optimizer,
        "samples": samples,
    }
    environment = os.environ | {"DENSEFIT_NUM_THREADS": str(threads)}
    data, built, trained = (
        ask_fresh(CODE, arguments | {"stage": stage}, environment)
        for stage in ("data", "build", "train")
    )
    return [built - data, trained - data]


def run(
    cases: tuple[Workload, ...], repetitions: int, threads: int, samples: int = SAMPLES
) -> dict[str, Any]:
    """Bytes beyond data and imports of every repetition, by case."""
    return {
        "machine": machine.describe(),
        "threads": threads,
        "samples": samples,
        "factor": FACTOR,
        "cases": [_case(case, samples, threads, repetitions) for case in cases],
    }


def _case(case: Workload, samples: int, threads: int, repetitions: int) -> dict[str, Any]:
    figures = [_beyond(case, samples, threads) for _ in range(repetitions)]
    built, trained = (list(stage) for stage in zip(*figures, strict=True))
    return {"name": case.name, "needed": needed(case), "built": built, "bytes": trained}


def memory_table(result: dict[str, Any]) -> Table:
    """Medians beside what is needed, in 10⁶ bytes.

    The bound is not shown to be held or broken where the need is below 10 MB: there the
    interpreter's own few hundred kilobytes decide.
    """
    rows = []
    for case in result["cases"]:
        used, least = statistics.median(case["bytes"]), case["needed"]
        mark = "✓" if used <= result["factor"] * least else "✗"
        bound = f" ({mark} {result['factor']:g} ×)" if least > 10e6 else ""
        megabytes = (statistics.median(case["built"]), used, least)
        cells = (f"{figure / 1e6:.1f}" for figure in megabytes)
        rows.append((case["name"], *cells, f"{used / least:.2f} ×{bound}"))
    headings = (
        "",
        "peak when the weights are made, MB",
        "peak after training, MB",
        "parameters, state, activations, MB",
        "ratio",
    )
    return Table("Memory while training", headings, rows)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--repetitions", type=click.IntRange(1), default=3, show_default=True)
@click.option("--threads", type=click.IntRange(1), help="As many as there are processors.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=results.FOLDER / "memory.json",
)
def main(repetitions: int, threads: int | None, output: Path) -> None:
    """Measure, print, write."""
    result = run(CASES, repetitions, threads or machine.processors())
    results.write(output, "memory", result)
    tables.show([memory_table(result)])


if __name__ == "__main__":
    main()
