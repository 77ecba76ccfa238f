"""What a training step of densefit is made of, on the small networks of the training benchmark.

    python -m benchmarks.steps

The steps alone, without ``fit`` around them: with one thread and with all; with plain SGD in the
place of the optimizer; with the zeros of the images multiplied like other numbers. Beside them what
``fit`` does once: look for those zeros, and check that all is finite.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import images, limits, machine, results, tables
from benchmarks.tables import Table
from benchmarks.timing import summary
from benchmarks.undisturbed import Watch
from benchmarks.workloads import WORKLOADS, Workload, initial_weights
from densefit import ops

__all__ = ["main", "run", "steps_table"]

SMALL = [w for w in WORKLOADS if len(w.widths) == 3 and w.widths[1] <= 128]
KINDS = ("as it is", "one thread", "plain SGD", "zeros multiplied", "looking for zeros", "checking")
_ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
_SEED = 20


def _optimizer(name: str, weights: list[Any]) -> ops.Optimizer:
    parameters = dict(_ADAM) if name == "adam" else {}
    count = ops.slot_count(name, parameters)
    slots = [[np.zeros_like(w) for _ in range(count)] for w in weights]
    return ops.Optimizer(name, parameters, slots)


class _Steps:
    """One workload, ready to be trained an epoch at a time."""

    def __init__(self, workload: Workload, samples: int) -> None:
        self._workload = workload
        data = images.load(workload.images, samples)
        self._x, self._y = np.ascontiguousarray(data.x), data.y
        self.steps = samples // workload.batch_size
        self._order = ops.permutation(_SEED, 0, samples)

    def epoch(self, optimizer: str, *, zeros: bool = False) -> Callable[[], object]:
        """A function that trains an epoch; with ``zeros`` none of them is skipped."""
        w = self._workload
        weights = [array.copy() for pair in initial_weights(w, _SEED) for array in pair]
        stages = [
            ops.Dense(weights[0], weights[1], "relu"),
            ops.Dense(weights[2], weights[3], "softmax"),
        ]
        net, made = ops.Network(stages, w.widths[0], np.float32), _optimizer(optimizer, weights)
        inputs = self._x if zeros else ops.Inputs(self._x)
        rates = np.full(self.steps, w.learning_rate)

        def train() -> object:
            return net.train(
                inputs,
                self._y,
                self._order,
                rates,
                loss=ops.Loss("sparse_categorical_crossentropy"),
                optimizer=made,
                batch_size=w.batch_size,
                seed=_SEED,
                step=0,
            )

        return train

    def calls(self) -> dict[str, Callable[[], object]]:
        """What is timed, by its kind."""
        of_one = self.epoch(self._workload.optimizer)

        def one_thread() -> object:
            before = ops.get_num_threads()
            ops.set_num_threads(1)
            try:
                return of_one()
            finally:
                ops.set_num_threads(before)

        made = (
            self.epoch(self._workload.optimizer),
            one_thread,
            self.epoch("sgd"),
            self.epoch(self._workload.optimizer, zeros=True),
            lambda: ops.Inputs(self._x),
            lambda: ops.as_float_array("x", self._x, np.float32),
        )
        return dict(zip(KINDS, made, strict=True))


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _measure(workload: Workload, samples: int, repetitions: int, watch: Watch) -> dict[str, Any]:
    steps = _Steps(workload, samples)
    calls = steps.calls()
    microseconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for call in calls.values():
        call()  # warms up
    for _ in range(repetitions):
        for kind, call in calls.items():
            taken = watch.run(lambda call=call: _seconds(call)).answer  # type: ignore[misc]
            microseconds[kind].append(1e6 * taken / steps.steps)
    return {
        "name": workload.name,
        "state_bytes": 4 * workload.parameters * (3 if workload.optimizer == "adam" else 1),
        "microseconds": microseconds,
    }


def run(workloads: list[Workload], samples: int, repetitions: int) -> dict[str, Any]:
    """Microseconds per step of every repetition, by workload and kind."""
    with limits.compiled() as program:
        watch = Watch(program, ops.get_num_threads())
        measured = [_measure(w, samples, repetitions, watch) for w in workloads]
    return {
        "machine": machine.describe(),
        "threads": ops.get_num_threads(),
        "samples": samples,
        "workloads": measured,
    }


def steps_table(result: dict[str, Any]) -> Table:
    """Medians per step; what ``fit`` does once is shared among the steps of one epoch."""
    rows = []
    for workload in result["workloads"]:
        cells = (summary(figures) for figures in workload["microseconds"].values())
        state = f"{workload['state_bytes'] / 2**20:.1f}"
        rows.append((workload["name"], *(f"{s.median:.1f}" for s in cells), state))
    headings = ("microseconds per step", *KINDS, "parameters and state, MiB")
    caption = f"What a step is made of; {result['threads']} threads but where one is named"
    return Table(caption, headings, rows)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--repetitions", type=click.IntRange(1), default=7, show_default=True)
@click.option("--samples", type=click.IntRange(128), default=6400, show_default=True)
@click.option("--when-quiet", is_flag=True, help="Refuse to run on a busy machine.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=results.FOLDER / "steps.json",
)
def main(repetitions: int, samples: int, when_quiet: bool, output: Path) -> None:
    """Measure, print, write."""
    tables.warn_if_busy(when_quiet)
    result = run(SMALL, samples, repetitions)
    results.write(output, "steps", result)
    tables.show([steps_table(result)])


if __name__ == "__main__":
    main()
