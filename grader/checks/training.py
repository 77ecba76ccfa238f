"""Laws of a training loop, judged by what it does: its own initialisation, its own running means.

The data are three well separated groups of points. With one hidden layer every honest
implementation learns them in a few epochs, whatever its initialisation; two layers that start at
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
# Inputs so small that only the biases learn, though not so that dividing by their spread fails.
NEXT_TO_NOTHING = 1e-9
# Three shares of the validation samples, each of which may be stored as float16.
SHARES_SUM = 2e-3


@dataclass(frozen=True)
class GroupsOfPoints(Inputs):
    """Arguments of ``train``: three groups of points, a small network, enough epochs."""

    arguments: Mapping[str, Spec] = field(default_factory=dict)
    hidden: tuple[int, ...] = (16,)
    epochs: int = 12
    learning_rate: float = 0.1
    samples: int = SAMPLES

    def build(self, source: Source) -> Example:
        """One data set and one network."""
        seed = source.choice(tuple(range(1000)))
        rng = np.random.default_rng(seed)
        dtype = source.choice(self.dtypes)
        x, y = _groups(rng, self.samples, dtype)
        x_val, y_val = _groups(rng, VALIDATION, dtype)
        arguments = {
            "x": x,
            "y": y,
            "x_val": x_val,
            "y_val": y_val,
            "hidden": list(self.hidden),
            "epochs": self.epochs,
            "batch_size": BATCH,
            "learning_rate": self.learning_rate,
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
    """Of one batch of all samples the loss is that before the step, or after it, and no other.

    The running mean of an ordinary epoch lies near those figures only while the training is calm,
    which no start of the weights promises. With one batch it is the figure of one network.
    """

    def calls(example: Example) -> list[tuple[Any, ...]]:
        x, y = example["x"], example["y"]
        return [example.replace(x_val=x, y_val=y, batch_size=len(x))]

    def judge(example: Example, answers: Answers) -> Problem | None:
        figures = answers.extra[0]
        for i, name in enumerate(OUTPUTS[:2]):
            got, same = figures[i], figures[i + 2]
            right = np.isclose(got[1:], same[:-1], rtol=SAME, atol=SAME)
            right |= np.isclose(got[1:], same[1:], rtol=SAME, atol=SAME)
            if not right.all():
                epoch = int(np.argmin(right)) + 1
                return Problem(
                    text(
                        "With the training data as validation data and one batch of all samples, "
                        "{name} must be val_{name} of the same epoch or, measured before the step, "
                        "of the epoch before. But history['{name}'][{epoch}] is {got:.5g}, and "
                        "history['val_{name}'][{before}:{after}] is [{old:.5g}, {new:.5g}].",
                        name=name,
                        epoch=epoch,
                        before=epoch - 1,
                        after=epoch + 1,
                        got=float(got[epoch]),
                        old=float(same[epoch - 1]),
                        new=float(same[epoch]),
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
    """Each sample is predicted as one class: with every label in turn the shares add up to 1.

    Less is left where the network has outputs that no label uses. The losses differ from label to
    label unless it says that all are equally likely. Both hold for every network, trained or not.
    """

    def calls(example: Example) -> list[tuple[Any, ...]]:
        labels = [np.full_like(example["y_val"], label) for label in range(CLASSES)]
        return [example.replace(y_val=all_alike, epochs=1) for all_alike in labels]

    def judge(example: Example, answers: Answers) -> Problem | None:
        losses = np.array([run[2] for run in answers.extra])
        shares = np.array([run[3][-1] for run in answers.extra])
        if np.allclose(losses, losses[0], rtol=SAME, atol=0):
            return Problem(
                text(
                    "With all labels in y_val 0, all 1 or all 2 val_loss ends the same, with "
                    "{loss:.5g}: measure it on x_val and y_val.",
                    loss=float(losses[0][-1]),
                )
            )
        if shares.sum() > 1.0 + SHARES_SUM:
            return Problem(
                text(
                    "With all labels in y_val 0, all 1 or all 2 val_accuracy is {shares}. Every "
                    "sample of x_val is taken for one class only, so these add up to 1 at most.",
                    shares=", ".join(f"{share:.3g}" for share in shares),
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
