"""The training loop: epochs of compiled mini-batches, validation, callbacks, progress.

The kernels train many mini-batches per call. An epoch is cut into pieces of a fixed number of
mini-batches, so that progress shows and Ctrl-C is heard. Where it is cut depends on the sizes
alone, never on the time or on who watches: the sums of the losses are added in the same order
in every run, and the history is the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
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

__all__ = ["Compiled", "Plan", "evaluate", "piece_length", "train"]

# A piece of some 5·10⁸ floating-point operations takes well under a second anywhere.
_OPERATIONS_PER_PIECE = 500_000_000
_LONGEST_PIECE = 4096


@dataclass(frozen=True)
class Compiled:
    """What ``compile`` was given."""

    loss: Loss
    optimizer: Optimizer
    metrics: list[Metric]

    def logs(self, totals: ops.Totals, prefix: str = "") -> Logs:
        """The mean loss with its penalty, and the metrics, by name."""
        values = {"loss": (totals.loss + totals.penalty) / max(totals.samples, 1)}
        values |= {metric.name: metric.value(totals) for metric in self.metrics}
        return {f"{prefix}{name}": float(value) for name, value in values.items()}


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


def piece_length(n_parameters: int, batch_size: int) -> int:
    """Mini-batches per call of the kernels; a training step does some 6 operations a weight."""
    operations = 6 * max(n_parameters, 1) * batch_size
    return max(1, min(_OPERATIONS_PER_PIECE // operations, _LONGEST_PIECE))


_NOTHING = ops.Totals(loss=0.0, penalty=0.0, correct=0.0, weight=0.0, samples=0)


def add(a: ops.Totals, b: ops.Totals) -> ops.Totals:
    """The totals of both."""
    return ops.Totals(
        loss=a.loss + b.loss,
        penalty=a.penalty + b.penalty,
        correct=a.correct + b.correct,
        weight=a.weight + b.weight,
        samples=a.samples + b.samples,
    )


def evaluate(net: ops.Network, samples: Samples, compiled: Compiled) -> ops.Totals:
    """The totals over all samples, without dropout."""
    return net.evaluate(
        samples.x, samples.y, loss=compiled.loss.compiled(), sample_weight=samples.weight
    )


@dataclass
class _Training:
    net: ops.Network
    compiled: Compiled
    samples: Samples
    plan: Plan
    callbacks: CallbackList
    progress: Progress
    piece: int

    def epoch(self, epoch: int) -> Logs:
        """Train one epoch and give its running means."""
        steps = self.plan.steps(len(self.samples))
        order = self.plan.order(epoch, len(self.samples))
        totals = _NOTHING
        for start in range(0, steps, self.piece):
            stop = min(start + self.piece, steps)
            run = self._one_by_one if self.callbacks.wants_batches else self._batches
            totals = add(totals, run(order, start, stop, totals))
            self.progress.update(stop, self.compiled.logs(totals))
        return self.compiled.logs(totals)

    def _one_by_one(
        self, order: NDArray[np.int64], start: int, stop: int, before: ops.Totals
    ) -> ops.Totals:
        """Train mini-batches start … stop-1 with the callbacks called around each."""
        totals = _NOTHING
        for batch in range(start, stop):
            self.callbacks.call("on_train_batch_begin", batch, {})
            totals = add(totals, self._batches(order, batch, batch + 1, before))
            logs = self.compiled.logs(add(before, totals))
            self.callbacks.call("on_train_batch_end", batch, logs)
        return totals

    def _batches(
        self, order: NDArray[np.int64], start: int, stop: int, before: ops.Totals
    ) -> ops.Totals:
        """Train mini-batches start … stop-1 in one call."""
        optimizer, size = self.compiled.optimizer, self.plan.batch_size
        step = optimizer.iterations
        totals = self.net.train(
            self.samples.x,
            self.samples.y,
            order[start * size : stop * size],
            optimizer.learning_rates(step, stop - start),
            loss=self.compiled.loss.compiled(),
            optimizer=optimizer.compiled(),
            batch_size=size,
            seed=self.plan.seed,
            step=step,
            sample_weight=self.samples.weight,
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
    piece = piece_length(model.count_params(), plan.batch_size)
    training = _Training(net, compiled, samples, plan, callbacks, progress, piece)
    model.stop_training = False
    logs: Logs = {}
    callbacks.call("on_train_begin", {})
    with progress:
        for epoch in range(plan.initial_epoch, plan.epochs):
            callbacks.call("on_epoch_begin", epoch, {})
            progress.begin(plan.steps(len(samples)), f"Epoch {epoch + 1}/{plan.epochs}")
            logs = training.epoch(epoch)
            if validation is not None and plan.validates(epoch):
                logs |= validate(net, validation, compiled, callbacks)
            progress.end(logs)
            callbacks.call("on_epoch_end", epoch, logs)
            if model.stop_training:
                break
    callbacks.call("on_train_end", logs)


def validate(
    net: ops.Network, samples: Samples, compiled: Compiled, callbacks: CallbackList
) -> Logs:
    """The logs of the validation samples, named ``val_loss`` and so on."""
    callbacks.call("on_test_begin", {})
    totals = evaluate(net, samples, compiled)
    callbacks.call("on_test_end", compiled.logs(totals))
    return compiled.logs(totals, prefix="val_")
