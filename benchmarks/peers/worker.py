"""The process of one peer: ``python -m benchmarks.peers.worker NAME THREADS FOLDER``.

FOLDER holds what the parent wrote: ``<images>-x.npy``, ``<images>-y.npy``.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.base import Rows, Trainer, loss_of
from benchmarks.peers.registry import trainer
from benchmarks.protocol import serve
from benchmarks.timing import fastest
from benchmarks.workloads import Targets, Workload

__all__ = ["Session"]

#: Images on which the loss after training is measured.
MEASURED = 2000


class Session:
    """Holds the library, the images and the workload of the moment."""

    def __init__(self, name: str, threads: int, folder: Path) -> None:
        """Import the library of the peer ``name``."""
        self._trainer_class = trainer(name)
        self._threads = threads
        self._folder = folder
        self._prepared: tuple[str, int] | None = None

    def versions(self) -> dict[str, str]:
        """Of the library."""
        return self._trainer_class.versions()

    def take(self, workload: dict[str, Any], weights: str) -> None:
        """The network that is trained from now on; ``weights`` is a file of arrays."""
        targets = workload["targets"] and Targets(**workload["targets"])
        widths = tuple(workload["widths"])
        self._workload = Workload(**workload | {"widths": widths, "targets": targets})
        with np.load(weights) as file:
            arrays = [file[name] for name in file.files]
        self._trainer: Trainer = self._trainer_class(self._workload, arrays, self._threads)
        self._prepared = None
        images = self._folder / self._workload.images
        self._x, self._y = np.load(f"{images}-x.npy"), np.load(f"{images}-y.npy")

    def train(self, order: str, seed: int) -> dict[str, float]:
        """Train in the order of the file ``order``: seconds, and the loss afterwards."""
        self._prepare(order, seed)
        self._trainer.reset()
        start = time.perf_counter()
        self._trainer.run()
        seconds = time.perf_counter() - start
        loss = loss_of(self._trainer.weights(), self._x[:MEASURED], self._y[:MEASURED])
        return {"seconds": seconds, "loss": loss}

    def _prepare(self, order: str, seed: int) -> None:
        if self._prepared != (order, seed):
            rows = np.load(order)
            count = rows.shape[1]
            self._trainer.prepare(Rows(self._x[:count], self._y[:count], rows, seed))
            self._prepared = (order, seed)

    def gemm(self, n: int, d: int, m: int, seconds: float) -> float:
        """Floating-point operations per second of z = x·w, (n, d)·(d, m), in this library."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal((n, d), dtype=np.float32)
        w = rng.standard_normal((d, m), dtype=np.float32)
        product = self._trainer_class.product(x, w, self._threads)
        return 2 * n * d * m / fastest(product, seconds)


def main() -> None:
    """Serve the session's methods."""
    name, threads, folder = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    session = Session(name, int(threads), Path(folder))
    handlers = (session.versions, session.take, session.train, session.gemm)
    serve({handler.__name__: handler for handler in handlers})


if __name__ == "__main__":
    main()
