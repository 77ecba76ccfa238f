"""Trains one workload with every peer, in turns, and compares the losses they reach.

A peer that is unable to, or whose loss differs, is recorded as such with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.limits import Limits
from benchmarks.peers.registry import FIRST
from benchmarks.protocol import Worker, WorkerError
from benchmarks.undisturbed import Watch
from benchmarks.workloads import Workload, initial_weights
from densefit import ops

__all__ = ["CHECK_STEPS", "TOLERANCES", "disagreement", "measure"]

SEED = 20
CHECK_STEPS = 20
#: Relative difference of the losses after the check's few steps, and after a whole training, in
#: which differences of rounding have grown.
TOLERANCES = {"check": 1e-3, "training": 0.05}

Tell = Callable[[str], None]


def disagreement(loss: float, ours: float, stage: str) -> str | None:
    """Why ``loss`` is not densefit's, or None."""
    if math.isclose(loss, ours, rel_tol=TOLERANCES[stage]):
        return None
    return f"loss {loss:.6g} after the {stage}, densefit has {ours:.6g}"


def _write_order(path: Path, epochs: int, samples: int) -> str:
    order = [ops.permutation(SEED, epoch, samples) for epoch in range(epochs)]
    np.save(path, np.stack(order))
    return str(path)


class _Turns:
    """The peers on one workload; who fails or disagrees takes part no longer."""

    def __init__(self, workers: Mapping[str, Worker], workload: Workload, tell: Tell) -> None:
        self.workload = workload
        self._tell = tell
        self._workers = dict(workers)
        self.peers: dict[str, dict[str, Any]] = {
            name: {"microseconds": [], "machine_share": []} for name in workers
        }

    def _out(self, name: str, reason: str) -> None:
        self.peers[name]["error"] = reason
        self._tell(f"{self.workload.name}: {name}: {reason}")
        del self._workers[name]

    def each(self, do: str, watch: Watch | None = None, **arguments: Any) -> dict[str, Any]:
        """The answers of all who are still in; a failure puts its peer out."""
        answers = {}
        for name, worker in list(self._workers.items()):
            ask = partial(worker.ask, do, **arguments)
            try:
                if watch is None:
                    answers[name] = ask()
                else:
                    run = watch.run(ask)
                    answers[name] = run.answer | {"machine_share": run.share}
            except WorkerError as error:
                self._out(name, str(error))
        return answers

    def train(self, order: str, stage: str, watch: Watch | None = None) -> dict[str, Any]:
        """Let all train, and put out whose loss is not densefit's.

        Under ``watch`` an answer holds ``machine_share`` too.
        """
        answers: dict[str, Any] = self.each("train", watch, order=order, seed=SEED)
        if FIRST.name in answers:
            ours = answers[FIRST.name]["loss"]
            for name, answer in list(answers.items()):
                if reason := disagreement(answer["loss"], ours, stage):
                    self.peers[name]["disagrees"] = True
                    self._out(name, reason)
        return answers

    def products(self, names: list[str]) -> dict[str, list[float]]:
        """Operations per second of z = x·w on the shape of each layer."""
        rates: dict[str, list[float]] = {}
        for name in names:
            if name not in self._workers:
                continue
            ask = self._workers[name].ask
            n = self.workload.batch_size
            layers = self.workload.layers
            rates[name] = [ask("gemm", n=n, d=d, m=m, seconds=0.05) for d, m in layers]
        return rates


def measure(
    workload: Workload,
    workers: Mapping[str, Worker],
    single: Worker,
    limits: Limits,
    *,
    samples: int,
    repetitions: int,
    threads: int,
    folder: Path,
    tell: Tell,
) -> dict[str, Any]:
    """The result of one workload; ``single`` is densefit with one thread."""
    size = workload.batch_size
    count = samples // size * size
    check = _write_order(folder / "check.npy", 1, min(CHECK_STEPS * size, count))
    order = _write_order(folder / f"order-{size}.npy", workload.epochs, count)
    weights = folder / "weights.npz"
    np.savez(weights, *(array for pair in initial_weights(workload, SEED) for array in pair))
    turns = _Turns(workers, workload, tell)
    turns.each("take", workload=asdict(workload), weights=str(weights))
    for name, answer in turns.train(check, "check").items():
        turns.peers[name]["loss_after_check"] = answer["loss"]
    rounds = []
    watch = Watch(limits, threads)
    for repetition in range(repetitions):
        tell(f"{workload.name}: repetition {repetition + 1} of {repetitions}")
        steps = workload.epochs * count // size
        for name, answer in turns.train(order, "training", watch).items():
            turns.peers[name]["microseconds"].append(1e6 * answer["seconds"] / steps)
            turns.peers[name]["machine_share"].append(round(answer["machine_share"], 3))
            turns.peers[name]["loss"] = answer["loss"]
        rounds.append(_round(turns, single, limits, threads))
    return {
        "name": workload.name,
        "images": workload.images,
        "operations": workload.operations,
        "intensity": workload.intensity,
        "steps": workload.epochs * count // size,
        "epochs": workload.epochs,
        "layers": workload.layers,
        "targets": workload.targets and asdict(workload.targets),
        "peers": turns.peers,
        "rounds": rounds,
    }


def _round(turns: _Turns, single: Worker, limits: Limits, threads: int) -> dict[str, Any]:
    """What is measured beside the training: limits, products, densefit's own with one thread."""
    n = turns.workload.batch_size
    dense = [single.ask("gemm", n=n, d=d, m=m, seconds=0.05) for d, m in turns.workload.layers]
    result: dict[str, Any] = {"dense": dense, "sgemm": turns.products(["NumPy", "PyTorch"])}
    if limits:
        result["limit_of_one"] = limits.measure(1)
        result["limit"] = limits.measure(threads)
    return result
