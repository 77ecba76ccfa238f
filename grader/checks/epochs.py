"""Laws of what ``train`` does from epoch to epoch, exact for every initialisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.checks.model import Answers, Array, Law, Problem
from grader.checks.training import NEXT_TO_NOTHING, OUTPUTS, SAME
from grader.i18n import text
from grader.strategies import Example

__all__ = [
    "averaged_over_batches",
    "kept_order",
    "measured_after_epoch",
    "order_drawn_anew",
    "steps_as_told",
]

# Of a step at a learning rate of 0.1 hardly anything stays below this.
UNCHANGED = 1e-9
LAST_EPOCHS, FIRST_EPOCHS = 20, 4


def at_rest(example: Example, **changes: Any) -> tuple[Any, ...]:
    """One epoch with a learning rate of 0: what the network gives before any training."""
    return example.replace(**{"epochs": 1, "learning_rate": 0.0} | changes)


def averaged_over_batches() -> Law:
    """With a learning rate of 0 the mean over the epoch's batches is the mean over all samples."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        return [at_rest(example, x_val=example["x"], y_val=example["y"], epochs=2)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        figures = answers.extra[0]
        for i, name in enumerate(OUTPUTS[:2]):
            if not np.allclose(figures[i], figures[i + 2], rtol=SAME, atol=SAME):
                return Problem(
                    text(
                        "With learning_rate=0 nothing changes during an epoch, so {name} must be "
                        "the same as on all training data at once: {other:.5g}. With mini-batches "
                        "of {size} it is {got:.5g}.",
                        name=name,
                        size=example["batch_size"],
                        got=float(figures[i][-1]),
                        other=float(figures[i + 2][-1]),
                    )
                )
        return None

    title = text("averages over all mini-batches of the epoch")
    return Law("averaged-over-batches", title, (judge,), calls, shrink=False)


def measured_after_epoch() -> Law:
    """The first figures are not those of the network as it started."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        n = len(example["x"])
        same = {"x_val": example["x"], "y_val": example["y"]}
        return [at_rest(example, batch_size=n), at_rest(example, batch_size=n, **same)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        validation, training = (float(run[2][0]) for run in answers.extra)
        for name, got, before in (
            ("val_loss", answers.outputs[2][0], validation),
            ("loss", answers.outputs[0][0], training),
        ):
            if abs(float(got) - before) <= UNCHANGED * max(1.0, before):
                return Problem(
                    text(
                        "history['{name}'][0] is {got:.6g}, exactly what the network gives before "
                        "it has learned anything: measure after the epoch.",
                        name=name,
                        got=float(got),
                    )
                )
        return None

    title = text("measures after the epoch")
    return Law("measured-after-epoch", title, (judge,), calls, shrink=False)


def order_call(example: Example, reverse: bool = False, **changes: Any) -> tuple[Any, ...]:
    """Four samples that differ in their label only, learned one by one in large steps.

    Whatever the network is, the label that came last is the likelier one after the epoch: the
    validation loss of label 0 tells it. (Two inputs, so that they can be standardised.)
    """
    x = np.full((4, 2), 0.02, example["x"].dtype)
    x[2:] *= -1
    y = np.array([1, 0, 1, 0] if reverse else [0, 1, 0, 1], example["y"].dtype)
    asked = {
        "x": x,
        "y": y,
        "x_val": x[::2],
        "y_val": np.zeros(2, y.dtype),
        "hidden": [4],
        "epochs": FIRST_EPOCHS + LAST_EPOCHS,
        "batch_size": 1,
        "learning_rate": 1.0,
    }
    return example.replace(**asked | changes)


def last_labels(val_loss: Array) -> Array:
    """Whether label 0 came last, for the epochs after the first few."""
    return np.asarray(val_loss[FIRST_EPOCHS:] < np.log(2.0))


def kept_order(val_loss: Array) -> bool:
    """All epochs ended with the same label: chance gives that in 1 of 2^19 trainings."""
    last = last_labels(val_loss)
    return bool(last.all() or not last.any())


def order_drawn_anew() -> Law:
    """Every epoch draws an order of its own."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        return [order_call(example)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        if not kept_order(answers.extra[0][2]):
            return None
        return Problem(
            text(
                "Two samples of class 0 and two of class 1 are learned one by one, in {epochs} "
                "epochs. The one that comes last leaves its trace in val_loss, and in all epochs "
                "it is of the same class: draw a new order in every epoch.",
                epochs=LAST_EPOCHS + FIRST_EPOCHS,
            )
        )

    title = text("draws a new order in every epoch")
    return Law("order-drawn-anew", title, (judge,), calls, shrink=False)


STEP, STEP_EPOCHS = 0.3, 6
# Where the biases' curve is met so nearly in all epochs, it is theirs.
MET = 1e-4
# Steps so much longer or shorter than told are wrong.
STEP_TOLERANCE = 0.02


def _step_call(example: Example, **changes: Any) -> tuple[Any, ...]:
    """Four samples in one batch, three of them of class 1; the validation data are of class 0."""
    x = np.full((4, 2), NEXT_TO_NOTHING, example["x"].dtype)
    x[::2] *= -1
    labels = example["y"].dtype
    asked = {
        "x": x,
        "y": np.array([0, 1, 1, 1], labels),
        "x_val": x[:2],
        "y_val": np.zeros(2, labels),
        "hidden": [],
        "epochs": STEP_EPOCHS,
        "batch_size": 4,
        "learning_rate": STEP,
    }
    return example.replace(**asked | changes)


def _lead(loss: float) -> float:
    """d = b₁ - b₀ where log(1 + e^d) is the loss of class 0."""
    return float(np.log(np.expm1(loss)))


def _factor(before: float, val_loss: Array) -> float | None:
    """How many times too long the steps are, if val_loss is the biases' curve at all.

    Both biases follow p₁ - 3/4, p₁ = 1 / (1 + e⁻ᵈ): d ← d - 2·c·η·(p₁ - 3/4), whatever the
    weights are. The first epoch tells c, the others whether the curve is that of this c.
    """
    d, first = _lead(before), _lead(float(val_loss[0]))
    pull = 1.0 / (1.0 + np.exp(-d)) - 0.75
    if not np.isfinite([d, first]).all() or abs(pull) < 0.05:
        return None
    c = (d - first) / (2 * STEP * pull)
    expected = []
    for _ in val_loss:
        d -= 2 * c * STEP * (1.0 / (1.0 + np.exp(-d)) - 0.75)
        expected.append(np.logaddexp(0.0, d))
    return c if np.allclose(val_loss, expected, rtol=MET, atol=MET) else None


def steps_as_told() -> Law:
    """Where only the biases can learn, they learn as fast as learning_rate says."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        return [_step_call(example, learning_rate=0.0, epochs=1), _step_call(example)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        rest, run = answers.extra
        factor = _factor(float(rest[2][0]), run[2])
        if factor is None or abs(factor - 1.0) <= STEP_TOLERANCE:
            return None
        return Problem(
            text(
                "Without hidden layers and with inputs next to 0 only the biases learn, and how "
                "fast they do is known. With learning_rate={rate} the steps are {factor:.4g} times "
                "as long as they should be.",
                rate=STEP,
                factor=factor,
            )
        )

    title = text("takes steps as long as learning_rate says")
    return Law("steps-as-told", title, (judge,), calls, shrink=False)
