"""How long a prediction takes: one sample, and a batch of 10,000, through 784-128-10.

    python -m benchmarks.predict

One sample through ``Sequential.predict``, and through ``ops.Network.predict``, which leaves the
checks of the input to the caller. The batch is given beside the rate of its matrix products.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import images, machine, results, tables
from benchmarks.peers.densefit_fit import network
from benchmarks.tables import Table
from benchmarks.timing import summary
from densefit import ops

__all__ = ["TARGET", "main", "predict_table", "run"]

WIDTHS = (784, 128, 10)
BATCH = 10_000
#: Microseconds for one sample.
TARGET = 15.0
ONE, ONE_UNCHECKED, MANY, NUMPY = (
    "one sample, Sequential.predict",
    "one sample, ops.Network.predict",
    f"{BATCH:,} samples, Sequential.predict",
    f"{BATCH:,} samples, NumPy",
)


def _calls(batch: int) -> dict[str, tuple[Callable[[], object], int]]:
    """What is timed, and how often within one repetition."""
    model = network(WIDTHS)
    model.build((None, WIDTHS[0]))
    x = images.load("mnist", batch).x
    one = np.ascontiguousarray(x[:1])
    (w1, b1, w2, b2) = (np.asarray(w) for w in model.get_weights())
    stages = [ops.Dense(w1, b1, "relu"), ops.Dense(w2, b2, "softmax")]
    net = ops.Network(stages, WIDTHS[0], np.float32)

    def in_numpy() -> object:
        z = np.maximum(x @ w1 + b1, 0) @ w2 + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    return {
        ONE: (lambda: model.predict(one), 1000),
        ONE_UNCHECKED: (lambda: net.predict(one), 1000),
        MANY: (lambda: model.predict(x), 3),
        NUMPY: (in_numpy, 3),
    }


def run(repetitions: int, batch: int = BATCH) -> dict[str, Any]:
    """Microseconds per call of every repetition, by what was called."""
    description = machine.describe()
    microseconds: dict[str, list[float]] = {}
    calls = _calls(batch)
    for repetition in range(repetitions + 1):  # the first warms up
        for name, (call, count) in calls.items():
            start = time.perf_counter()
            for _ in range(count):
                call()
            taken = 1e6 * (time.perf_counter() - start) / count
            if repetition:
                microseconds.setdefault(name, []).append(taken)
    return {
        "machine": description,
        "threads": ops.get_num_threads(),
        "target": TARGET,
        "batch": batch,
        "operations": 2 * batch * (WIDTHS[0] * WIDTHS[1] + WIDTHS[1] * WIDTHS[2]),
        "microseconds": microseconds,
    }


def predict_table(result: dict[str, Any]) -> Table:
    """Medians; the one sample beside its target, the batches as rates."""
    rows = []
    for name, figures in result["microseconds"].items():
        s = summary(figures)
        if name in (MANY, NUMPY):
            note = f"{result['operations'] / s.median / 1e3:.0f} GFLOP/s"
        elif name == ONE:
            note = f"{'✓' if s.median < result['target'] else '✗'} {result['target']:g} µs"
        else:
            note = ""
        rows.append((name, f"{s.median:.1f} µs (±{50 * s.spread:.0f} %)", note))
    return Table("Predictions of 784-128-10", ("", "median", ""), rows)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--repetitions", type=click.IntRange(1), default=15, show_default=True)
@click.option("--when-quiet", is_flag=True, help="Refuse to run on a busy machine.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=results.FOLDER / "predict.json",
)
def main(repetitions: int, when_quiet: bool, output: Path) -> None:
    """Measure, print, write."""
    tables.warn_if_busy(when_quiet)
    result = run(repetitions)
    results.write(output, "predict", result)
    tables.show([predict_table(result)])


if __name__ == "__main__":
    main()
