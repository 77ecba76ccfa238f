"""The training loop: epochs of compiled mini-batches, validation, callbacks, progress.

The kernels train many mini-batches per call. A long epoch is cut into pieces of a fraction of a
second, so that progress shows and Ctrl-C is heard. Where it is cut depends on how fast the machine
is; the history does not: the kernels count their sums on from piece to piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from densefit import ops
from densefit.batching import Samples
from densefit.callbacks.base import CallbackList, Logs
from densefit.losses import Loss
from densefit.metrics import Metric
from densefit.optimizers import Optimizer
from densefit.progress import Progress
from densefit.streams import Batches

if TYPE_CHECKING:
    from densefit.sequential import Sequential

__all__ = ["Compiled", "Pieces", "Plan", "evaluate", "train"]

# How long a call of the kernels should take, and what the first one may take: operations.
_SECONDS_PER_PIECE = 0.25
_FIRST_OPERATIONS = 2_000_000_000


@dataclass(frozen=True)
class Compiled:
    """What ``compile`` was given."""

    loss: Loss
    optimizer: Optimizer
    metrics: list[Metric]

    def measures(self, samples: Samples) -> list[ops.Metric]:
        """What the kernels compute beside the loss."""
        outputs = samples.y.shape[1] if samples.y.ndim == 2 else 0
        return [metric.measure(self.loss, outputs) for metric in self.metrics]

    def logs(self, totals: ops.Totals, prefix: str = "") -> Logs:
        """The mean loss with its penalty, and the metrics, by name."""
        n = max(totals.samples, 1)
        values = {f"{prefix}loss": float((totals.loss + totals.penalty) / n)}
        for metric, total in zip(self.metrics, totals.metrics, strict=True):
            values[f"{prefix}{metric.name}"] = float(metric.sign * total / n)
        return values


@dataclass(frozen=True)
class Plan:
    """How to train: sizes, order and seed."""

    batch_size: int
    epochs: int
    initial_epoch: int
    shuffle: bool
    seed: int
    validation_freq: int = 1

    def steps(self, n_samples: int) -> int:
        """Mini-batches per epoch; the last one may be short."""
        return -(-n_samples // self.batch_size)

    def order(self, epoch: int, n_samples: int) -> NDArray[np.int64]:
        """The order of the samples in an epoch, shape (n_samples,)."""
        if self.shuffle:
            return ops.permutation(self.seed, epoch, n_samples)
        return np.arange(n_samples, dtype=np.int64)

    def validates(self, epoch: int) -> bool:
        """Whether the validation samples are evaluated after ``epoch``."""
        return (epoch + 1) % self.validation_freq == 0


class Pieces:
    """How many mini-batches the next call of the kernels trains: about a quarter of a second's."""

    def __init__(self, n_parameters: int, batch_size: int) -> None:
        operations = 6 * max(n_parameters, 1) * batch_size  # of a training step, roughly
        self.length = max(1, _FIRST_OPERATIONS // operations)

    def took(self, batches: int, seconds: float) -> None:
        """Adjust to what a call of ``batches`` took."""
        self.length = max(1, int(batches * _SECONDS_PER_PIECE / max(seconds, 1e-6)))


def evaluate(
    net: ops.Network,
    samples: Samples | Batches,
    compiled: Compiled,
    inputs: ops.Inputs | None = None,
) -> ops.Totals:
    """The totals over all samples, without dropout; ``inputs`` are theirs, looked through."""
    if isinstance(samples, Batches):
        each = [evaluate(net, batch, compiled) for batch in samples.epoch(0, 0)]
        sums = [sum(values) for values in zip(*(totals[:3] for totals in each), strict=True)]
        metrics = tuple(map(sum, zip(*(totals.metrics for totals in each), strict=True)))
        return ops.Totals(sums[0], sums[1], int(sums[2]), metrics)
    return net.evaluate(
        samples.x if inputs is None else inputs,
        samples.y,
        loss=compiled.loss.compiled(),
        metrics=compiled.measures(samples),
        sample_weight=samples.weight,
    )


@dataclass
class _Training:
    """What the epochs of both kinds of data share."""

    net: ops.Network
    compiled: Compiled
    plan: Plan
    callbacks: CallbackList
    progress: Progress

    def _train(
        self,
        samples: Samples,
        inputs: NDArray[np.generic] | ops.Inputs,
        order: NDArray[np.int64],
        batch_size: int,
        before: ops.Totals | None,
    ) -> ops.Totals:
        """Train the mini-batches of ``order`` in one call; the totals of the epoch so far."""
        optimizer = self.compiled.optimizer
        step, steps = optimizer.iterations, -(-len(order) // batch_size)
        totals = self.net.train(
            inputs,
            samples.y,
            order,
            optimizer.learning_rates(step, steps),
            loss=self.compiled.loss.compiled(),
            metrics=self.compiled.measures(samples),
            optimizer=optimizer.compiled(),
            batch_size=batch_size,
            seed=self.plan.seed,
            step=step,
            sample_weight=samples.weight,
            before=before,
        )
        optimizer.iterations = step + steps
        return totals


@dataclass
class _ArrayTraining(_Training):
    """Epochs over samples that lie in arrays: many mini-batches per call."""

    samples: Samples
    inputs: ops.Inputs
    pieces: Pieces

    @property
    def steps(self) -> int:
        return self.plan.steps(len(self.samples))

    def epoch(self, epoch: int) -> tuple[int, Logs]:
        """Train one epoch; its mini-batches, and the running means over them."""
        order = self.plan.order(epoch, len(self.samples))
        totals: ops.Totals | None = None
        start = 0
        while start < self.steps:
            stop = min(start + self.pieces.length, self.steps)
            began = perf_counter()
            run = self._one_by_one if self.callbacks.wants_batches else self._batches
            totals = run(order, start, stop, totals)
            self.pieces.took(stop - start, perf_counter() - began)
            self.progress.update(stop, self.compiled.logs(totals))
            start = stop
        return self.steps, self.compiled.logs(totals) if totals else {}

    def _one_by_one(
        self, order: NDArray[np.int64], start: int, stop: int, totals: ops.Totals | None
    ) -> ops.Totals:
        """Train mini-batches start … stop-1 with the callbacks called around each."""
        for batch in range(start, stop):
            self.callbacks.call("on_train_batch_begin", batch, {})
            totals = self._batches(order, batch, batch + 1, totals)
            self.callbacks.call("on_train_batch_end", batch, self.compiled.logs(totals))
        assert totals is not None  # start < stop
        return totals

    def _batches(
        self, order: NDArray[np.int64], start: int, stop: int, before: ops.Totals | None
    ) -> ops.Totals:
        """Train mini-batches start … stop-1 in one call; the totals of the epoch so far."""
        size = self.plan.batch_size
        rows = order[start * size : stop * size]
        return self._train(self.samples, self.inputs, rows, size, before)


@dataclass
class _StreamTraining(_Training):
    """Epochs over mini-batches that come one by one."""

    batches: Batches

    @property
    def steps(self) -> int | None:
        return self.batches.steps

    def epoch(self, epoch: int) -> tuple[int, Logs]:
        """Train one epoch; its mini-batches, and the running means over them."""
        totals: ops.Totals | None = None
        batch = -1
        for batch, samples in enumerate(self.batches.epoch(epoch, self.plan.seed)):
            self.callbacks.call("on_train_batch_begin", batch, {})
            rows = np.arange(len(samples), dtype=np.int64)
            totals = self._train(samples, samples.x, rows, len(samples), totals)
            logs = self.compiled.logs(totals)
            self.callbacks.call("on_train_batch_end", batch, logs)
            self.progress.update(batch + 1, logs)
        return batch + 1, self.compiled.logs(totals) if totals else {}


def train(
    model: Sequential,
    net: ops.Network,
    compiled: Compiled,
    samples: Samples | Batches,
    validation: Samples | Batches | None,
    plan: Plan,
    callbacks: CallbackList,
    progress: Progress,
) -> None:
    """Train epochs ``plan.initial_epoch`` … ``plan.epochs`` - 1.

    KeyboardInterrupt passes through; weights, optimizer and the history of the epochs done so
    far stay as they are, ready to go on from.
    """
    shared = net, compiled, plan, callbacks, progress
    training: _ArrayTraining | _StreamTraining
    if isinstance(samples, Batches):
        training = _StreamTraining(*shared, samples)
    else:
        pieces = Pieces(model.count_params(), plan.batch_size)
        training = _ArrayTraining(*shared, samples, ops.Inputs(samples.x), pieces)
    val_inputs = ops.Inputs(validation.x) if isinstance(validation, Samples) else None
    model.stop_training = False
    logs: Logs = {}
    callbacks.call("on_train_begin", {})
    with progress:
        for epoch in range(plan.initial_epoch, plan.epochs):
            callbacks.call("on_epoch_begin", epoch, {})
            progress.begin(training.steps, f"Epoch {epoch + 1}/{plan.epochs}")
            steps, logs = training.epoch(epoch)
            if validation is not None and plan.validates(epoch):
                logs |= validate(net, validation, compiled, callbacks, val_inputs)
            progress.end(logs, steps)
            callbacks.call("on_epoch_end", epoch, logs)
            if model.stop_training:
                break
    callbacks.call("on_train_end", logs)


def validate(
    net: ops.Network,
    samples: Samples | Batches,
    compiled: Compiled,
    callbacks: CallbackList,
    inputs: ops.Inputs | None = None,
) -> Logs:
    """The logs of the validation samples, named ``val_loss`` and so on."""
    callbacks.call("on_test_begin", {})
    totals = evaluate(net, samples, compiled, inputs)
    callbacks.call("on_test_end", compiled.logs(totals))
    return compiled.logs(totals, prefix="val_")
