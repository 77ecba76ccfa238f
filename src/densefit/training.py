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
            values[f"{prefix}{metric.name}"] = float(total / n)
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
        """The order of the samples in an epoch."""
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
    net: ops.Network, samples: Samples, compiled: Compiled, inputs: ops.Inputs | None = None
) -> ops.Totals:
    """The totals over all samples, without dropout; ``inputs`` are theirs, looked through."""
    return net.evaluate(
        samples.x if inputs is None else inputs,
        samples.y,
        loss=compiled.loss.compiled(),
        metrics=compiled.measures(samples),
        sample_weight=samples.weight,
    )


@dataclass
class _Training:
    net: ops.Network
    compiled: Compiled
    samples: Samples
    inputs: ops.Inputs
    plan: Plan
    callbacks: CallbackList
    progress: Progress
    pieces: Pieces

    def epoch(self, epoch: int) -> Logs:
        """Train one epoch and give its running means."""
        steps = self.plan.steps(len(self.samples))
        order = self.plan.order(epoch, len(self.samples))
        totals: ops.Totals | None = None
        start = 0
        while start < steps:
            stop = min(start + self.pieces.length, steps)
            began = perf_counter()
            run = self._one_by_one if self.callbacks.wants_batches else self._batches
            totals = run(order, start, stop, totals)
            self.pieces.took(stop - start, perf_counter() - began)
            self.progress.update(stop, self.compiled.logs(totals))
            start = stop
        return self.compiled.logs(totals) if totals else {}

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
        optimizer, size = self.compiled.optimizer, self.plan.batch_size
        step = optimizer.iterations
        totals = self.net.train(
            self.inputs,
            self.samples.y,
            order[start * size : stop * size],
            optimizer.learning_rates(step, stop - start),
            loss=self.compiled.loss.compiled(),
            metrics=self.compiled.measures(self.samples),
            optimizer=optimizer.compiled(),
            batch_size=size,
            seed=self.plan.seed,
            step=step,
            sample_weight=self.samples.weight,
            before=before,
        )
        optimizer.iterations = step + stop - start
        return totals


def train(
    model: Sequential,
    net: ops.Network,
    compiled: Compiled,
    samples: Samples,
    validation: Samples | None,
    plan: Plan,
    callbacks: CallbackList,
    progress: Progress,
) -> None:
    """Train epochs ``plan.initial_epoch`` … ``plan.epochs`` - 1.

    KeyboardInterrupt passes through; weights, optimizer and the history of the epochs done so
    far stay as they are, ready to go on from.
    """
    pieces = Pieces(model.count_params(), plan.batch_size)
    inputs = ops.Inputs(samples.x)
    training = _Training(net, compiled, samples, inputs, plan, callbacks, progress, pieces)
    val_inputs = None if validation is None else ops.Inputs(validation.x)
    model.stop_training = False
    logs: Logs = {}
    callbacks.call("on_train_begin", {})
    with progress:
        for epoch in range(plan.initial_epoch, plan.epochs):
            callbacks.call("on_epoch_begin", epoch, {})
            progress.begin(plan.steps(len(samples)), f"Epoch {epoch + 1}/{plan.epochs}")
            logs = training.epoch(epoch)
            if validation is not None and plan.validates(epoch):
                logs |= validate(net, validation, compiled, callbacks, val_inputs)
            progress.end(logs)
            callbacks.call("on_epoch_end", epoch, logs)
            if model.stop_training:
                break
    callbacks.call("on_train_end", logs)


def validate(
    net: ops.Network,
    samples: Samples,
    compiled: Compiled,
    callbacks: CallbackList,
    inputs: ops.Inputs | None = None,
) -> Logs:
    """The logs of the validation samples, named ``val_loss`` and so on."""
    callbacks.call("on_test_begin", {})
    totals = evaluate(net, samples, compiled, inputs)
    callbacks.call("on_test_end", compiled.logs(totals))
    return compiled.logs(totals, prefix="val_")
