"""Laws of a training loop, judged by what it does: its own initialisation, its own running means.

The data are three well separated groups of points. With one hidden layer every honest
implementation learns them in a dozen epochs, whatever its initialisation; two layers that start at
0.01 times normal numbers rest on a plateau for longer, so nothing is asked of what they learn. The
laws compare runs that start from the same seed and differ in one argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.checks.model import Answers, Array, Law, Problem, is_number
from grader.checks.returns import describe
from grader.i18n import text
from grader.sandbox.protocol import Seed
from grader.strategies import Example, Inputs, Source, Spec

OUTPUTS = ("loss", "accuracy", "val_loss", "val_accuracy")
CLASSES, FEATURES, SAMPLES, BATCH = 3, 5, 150, 10
VALIDATION = 6 * BATCH  # halves are whole numbers of batches, so that means of means are means
REACHED_ACCURACY = 0.9
REACHED_LOSS = 0.5
# Two float32 evaluations of the same network on differently cut data.
SAME = 1e-4


@dataclass(frozen=True)
class GroupsOfPoints(Inputs):
    """Arguments of ``train``: three groups of points, a small network, enough epochs."""

    arguments: Mapping[str, Spec] = field(default_factory=dict)
    hidden: tuple[int, ...] = (16,)
    epochs: int = 12

    def build(self, source: Source) -> Example:
        """One data set and one network."""
        seed = source.choice(tuple(range(1000)))
        rng = np.random.default_rng(seed)
        dtype = source.choice(self.dtypes)
        x, y = _groups(rng, SAMPLES, dtype)
        x_val, y_val = _groups(rng, VALIDATION, dtype)
        arguments = {
            "x": x,
            "y": y,
            "x_val": x_val,
            "y_val": y_val,
            "hidden": list(self.hidden),
            "epochs": self.epochs,
            "batch_size": BATCH,
            "learning_rate": 0.1,
            "rng": Seed(seed),
        }
        return Example(arguments, {})


def _groups(rng: np.random.Generator, n: int, dtype: str) -> tuple[Array, Array]:
    y = rng.permutation(np.arange(n) % CLASSES)
    centres = 3.0 * np.eye(CLASSES, FEATURES)
    return (centres[y] + rng.normal(0.0, 0.7, (n, FEATURES))).astype(dtype), y


def normalise(example: Example, value: Any) -> tuple[Any, ...] | Problem:
    """The four figures as arrays, or what is wrong with the history."""
    if not isinstance(value, dict):
        return Problem(
            text("It must return a dict of four lists, but returned {got}.", got=describe(value))
        )
    missing = [name for name in OUTPUTS if name not in value]
    if missing:
        return Problem(
            text(
                "The history lacks {missing}. It has: {there}.",
                missing=", ".join(missing),
                there=", ".join(sorted(value))[:200] or "-",
            )
        )
    for name in OUTPUTS:
        problem = _wrong_figures(name, value[name], example["epochs"])
        if problem is not None:
            return problem
    return tuple(np.array([float(v) for v in value[name]]) for name in OUTPUTS)


def _wrong_figures(name: str, figures: Any, epochs: int) -> Problem | None:
    flat = isinstance(figures, np.ndarray) and figures.ndim == 1
    if not flat and not isinstance(figures, (list, tuple)):
        return Problem(
            text(
                "history['{name}'] must be a list, but is {got}.", name=name, got=describe(figures)
            )
        )
    if len(figures) != epochs:
        return Problem(
            text(
                "history['{name}'] must have one value per epoch: {epochs}, but has {got}.",
                name=name,
                epochs=epochs,
                got=len(figures),
            )
        )
    for epoch, figure in enumerate(figures):
        number = figure[()] if isinstance(figure, np.ndarray) and figure.ndim == 0 else figure
        if not is_number(number):
            return Problem(
                text(
                    "history['{name}'][{epoch}] must be a number, but is {got}.",
                    name=name,
                    epoch=epoch,
                    got=describe(number),
                )
            )
    return None


def figures_possible() -> Law:
    """Losses are finite and not negative, accuracies lie between 0 and 1."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        for name, figures in zip(OUTPUTS, answers.outputs, strict=True):
            most = 1.0 + 1e-6 if "accuracy" in name else np.inf
            wrong = ~(np.isfinite(figures) & (figures >= -1e-6) & (figures <= most))
            if wrong.any():
                epoch = int(np.argmax(wrong))
                return Problem(
                    text(
                        "history['{name}'][{epoch}] is {got:.4g}. A loss is finite and not "
                        "negative, an accuracy lies between 0 and 1.",
                        name=name,
                        epoch=epoch,
                        got=float(figures[epoch]),
                    )
                )
        return None

    return Law("figures-possible", text("gives possible figures"), (judge,), shrink=False)


def learns() -> Law:
    """On data that are easy to tell apart the loss falls and the accuracy gets high."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        loss, accuracy = answers.outputs[:2]
        epochs = example["epochs"]
        if loss[-1] <= REACHED_LOSS and accuracy[-1] >= REACHED_ACCURACY:
            return None
        return Problem(
            text(
                "After {epochs} epochs on data that are easy to tell apart, the training loss went "
                "from {first:.3g} to {last:.3g} and the accuracy is {accuracy:.3g}. At most "
                "{most} and at least {least} are expected.",
                epochs=epochs,
                first=float(loss[0]),
                last=float(loss[-1]),
                accuracy=float(accuracy[-1]),
                most=REACHED_LOSS,
                least=REACHED_ACCURACY,
            )
        )

    return Law("learns", text("learns data that are easy to tell apart"), (judge,), shrink=False)


def training_figures_right() -> Law:
    """Validated on the training data itself, both pairs of figures come close to each other.

    A running mean over an epoch lies near the figures before and after it.
    """

    def calls(example: Example) -> list[tuple[Any, ...]]:
        return [example.replace(x_val=example["x"], y_val=example["y"])]

    def judge(example: Example, answers: Answers) -> Problem | None:
        loss, accuracy, same_loss, same_accuracy = answers.extra[0]
        for name, got, same, room in (
            ("loss", loss, same_loss, 0.1),
            ("accuracy", accuracy, same_accuracy, 0.05),
        ):
            low = np.minimum(same[1:], same[:-1]) - room - 0.2 * np.abs(same[:-1])
            high = np.maximum(same[1:], same[:-1]) + room + 0.2 * np.abs(same[:-1])
            wrong = (got[1:] < low) | (got[1:] > high)
            if wrong[len(wrong) // 2 :].any():
                epoch = int(np.flatnonzero(wrong)[-1]) + 1
                return Problem(
                    text(
                        "With the training data as validation data, {name} should be close to "
                        "val_{name}, but in epoch {epoch} they are {got:.3g} and {same:.3g}.",
                        name=name,
                        epoch=epoch,
                        got=float(got[epoch]),
                        same=float(same[epoch]),
                    )
                )
        return None

    title = text("measures the training figures on the training data")
    return Law("training-figures", title, (judge,), calls, shrink=False)


def validation_not_learned() -> Law:
    """Other validation data leave the training figures as they are."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        for name, got, other in zip(OUTPUTS[:2], answers.outputs, answers.extra[0], strict=False):
            if not np.allclose(got, other, rtol=SAME, atol=SAME):
                return Problem(
                    text(
                        "history['{name}'] changed when only the validation data changed: they "
                        "must not be trained on, nor use up rng.",
                        name=name,
                    )
                )
        return None

    title = text("does not learn from the validation data")
    return Law("validation-not-learned", title, (judge,), _halves, shrink=False)


def validation_is_a_mean() -> Law:
    """The figures on all validation data are the means of those on its two halves."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        first, second = answers.extra
        for i, name in ((2, "val_loss"), (3, "val_accuracy")):
            mean = (first[i] + second[i]) / 2
            if not np.allclose(answers.outputs[i], mean, rtol=SAME, atol=SAME):
                return Problem(
                    text(
                        "history['{name}'] is not the mean over the validation samples: on two "
                        "halves it has the mean {mean:.4g}, on all of them {got:.4g}.",
                        name=name,
                        mean=float(mean[-1]),
                        got=float(answers.outputs[i][-1]),
                    )
                )
        return None

    title = text("averages over the validation samples")
    return Law("validation-mean", title, (judge,), _halves, shrink=False)


def validation_measured() -> Law:
    """With every validation label made wrong, what was counted right is now counted wrong."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        return [example.replace(y_val=(example["y_val"] + 1) % CLASSES)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        wrong_loss, wrong_accuracy = answers.extra[0][2:]
        loss, accuracy = answers.outputs[2:]
        if (accuracy + wrong_accuracy > 1.0 + SAME).any() or wrong_loss[-1] <= loss[-1]:
            return Problem(
                text(
                    "With every label in y_val made wrong, val_accuracy is {wrong:.3g} (with the "
                    "right labels {right:.3g}) and val_loss {loss:.3g}: measure them on x_val "
                    "and y_val.",
                    wrong=float(wrong_accuracy[-1]),
                    right=float(accuracy[-1]),
                    loss=float(wrong_loss[-1]),
                )
            )
        return None

    title = text("measures the validation figures on the validation data")
    return Law("validation-measured", title, (judge,), calls, shrink=False)


def repeatable() -> Law:
    """The same rng gives the same history."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        for name, got, again in zip(OUTPUTS, answers.outputs, answers.extra[0], strict=True):
            if not np.allclose(got, again, rtol=1e-6, atol=1e-9):
                return Problem(
                    text(
                        "Two runs with the same rng gave different values in history['{name}']: "
                        "draw all random numbers from the rng passed in.",
                        name=name,
                    )
                )
        return None

    return Law(
        "repeatable",
        text("repeats itself with the same rng"),
        (judge,),
        lambda example: [example.args],
        shrink=False,
    )


def _halves(example: Example) -> list[tuple[Any, ...]]:
    """By class, so that neither half has all of them: the training data say how many there are."""
    order = np.argsort(example["y_val"], kind="stable")
    x_val, y_val = example["x_val"][order], example["y_val"][order]
    half = len(x_val) // 2
    return [
        example.replace(x_val=x_val[:half], y_val=y_val[:half]),
        example.replace(x_val=x_val[half:], y_val=y_val[half:]),
    ]
