"""Laws of the descent inside a training loop, whatever its initialisation.

The loop cannot be compared with a reference, because nobody knows its weights. But it can be
asked: validation data do not change the training, so each run tells the loss that the trained
network has on any data one likes. With a learning rate of 0 that is the network as initialised.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.checks.model import Answers, Array, Law, Problem
from grader.checks.training import CLASSES, NEXT_TO_NOTHING, OUTPUTS, SAME
from grader.i18n import text
from grader.strategies import Example

# Of two orders of the same sum in float32; a figure stored in float16 is further off.
EXACT = 3e-5
# Rings around a point need the hidden layer, and features without meaning its training: with fixed
# random hidden weights the loss stays above 0.35, and every initialisation tried came below 0.13.
RINGS_NOISE, RINGS_HIDDEN, RINGS_EPOCHS, RINGS_BATCH, RINGS_RATE = 10, 12, 20, 15, 0.5
RINGS_LOSS = 0.3
# Shares of the classes to be learned without looking at x, and how near the loss must come.
SHARES = (0.7, 0.2, 0.1)
SHARES_NEAR = 0.15
SHARES_EPOCHS, SHARES_BATCH = 6, 30


def measured_alike() -> Law:
    """With a learning rate of 0 the figures on the same data are the same."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        n = len(example["x"])
        data = {"x_val": example["x"], "y_val": example["y"]}
        return [example.replace(**data, learning_rate=0.0, batch_size=n)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        figures = answers.extra[0]
        for i, name in enumerate(OUTPUTS[:2]):
            if not np.allclose(figures[i], figures[i + 2], rtol=EXACT, atol=1e-7):
                return Problem(
                    text(
                        "With learning_rate=0 and the training data as validation data, {name} and "
                        "val_{name} must be the same, but they are {got:.6g} and {other:.6g}.",
                        name=name,
                        got=float(figures[i][0]),
                        other=float(figures[i + 2][0]),
                    )
                )
        return None

    title = text("measures training and validation figures alike")
    return Law("measured-alike", title, (judge,), calls, shrink=False)


def learns_rings() -> Law:
    """The hidden layer, its ReLU and its training are needed, and do their work."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        x, y = _rings(example["rng"].seed, len(example["y"]), example["x"].dtype.name)
        return [
            example.replace(
                x=x,
                y=y,
                x_val=x,
                y_val=y,
                hidden=[RINGS_HIDDEN],
                epochs=RINGS_EPOCHS,
                batch_size=RINGS_BATCH,
                learning_rate=RINGS_RATE,
            )
        ]

    def judge(example: Example, answers: Answers) -> Problem | None:
        loss = float(answers.extra[0][0][-1])
        if loss <= RINGS_LOSS:
            return None
        return Problem(
            text(
                "Three rings around each other can only be told apart by a hidden layer with ReLU "
                "whose weights are trained too. After {epochs} epochs the loss is {loss:.3g}; at "
                "most {most} is expected.",
                epochs=RINGS_EPOCHS,
                loss=loss,
                most=RINGS_LOSS,
            )
        )

    title = text("trains every layer")
    return Law("learns-rings", title, (judge,), calls, shrink=False)


def _rings(seed: int, n: int, dtype: str) -> tuple[Array, Array]:
    """Rings of radius 0, 2, 4 in the first two features; the others are noise."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % CLASSES)
    angle = rng.uniform(0.0, 2.0 * np.pi, n)
    x = rng.normal(0.0, 0.5, (n, 2 + RINGS_NOISE))
    x[:, 0] = 2.0 * y * np.cos(angle) + rng.normal(0.0, 0.25, n)
    x[:, 1] = 2.0 * y * np.sin(angle) + rng.normal(0.0, 0.25, n)
    return x.astype(dtype), y


def learns_shares() -> Law:
    """Where x says nothing, the biases learn how frequent the classes are."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        x, y = _empty(example)
        asked = {
            "hidden": [],
            "epochs": SHARES_EPOCHS,
            "batch_size": SHARES_BATCH,
            "learning_rate": 1.0,
        }
        return [example.replace(x=x, y=y, **asked)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        loss = float(answers.extra[0][0][-1])
        least = float(-np.log(SHARES) @ SHARES)
        if loss <= least + SHARES_NEAR:
            return None
        return Problem(
            text(
                "With inputs of zeros and classes of {shares} % a network can still learn how "
                "frequent each class is, by its biases. The loss should come down to {least:.3g}, "
                "but is {loss:.3g}.",
                shares=" / ".join(f"{100 * share:.0f}" for share in SHARES),
                least=least,
                loss=loss,
            )
        )

    title = text("trains the biases")
    return Law("learns-shares", title, (judge,), calls, shrink=False)


def _empty(example: Example) -> tuple[Array, Array]:
    """Zeros, but hardly for one sample, so that a submission may standardise its inputs."""
    n = len(example["x"])
    x = np.zeros_like(example["x"])
    x[0] = NEXT_TO_NOTHING
    counts = np.rint(np.array(SHARES) * n).astype(int)
    y = np.repeat(np.arange(CLASSES), counts)
    return x, np.random.default_rng(example["rng"].seed).permutation(y)


def batch_size_used() -> Law:
    """One batch of all samples: their order does not matter."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        x, y, n = example["x"], example["y"], len(example["x"])
        every = {"batch_size": n, "epochs": 3}
        return [example.replace(**every), example.replace(x=x[::-1], y=y[::-1], **every)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        one, other = answers.extra
        for name, a, b in zip(OUTPUTS, one, other, strict=True):
            if not np.allclose(a, b, rtol=SAME, atol=SAME):
                return Problem(
                    text(
                        "With a batch_size of all {n} samples the order of the samples must not "
                        "matter, but history['{name}'] ends with {got:.5g}, and with {other:.5g} "
                        "when x and y are reversed.",
                        n=len(example["x"]),
                        name=name,
                        got=float(a[-1]),
                        other=float(b[-1]),
                    )
                )
        return None

    title = text("takes one step for each mini-batch of batch_size samples")
    return Law("batch-size-used", title, (judge,), calls, shrink=False)
