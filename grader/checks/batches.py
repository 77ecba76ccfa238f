"""Laws of mini-batches: every sample once, pairs kept together, an order drawn from ``rng``."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from grader.checks.model import Answers, Array, Law, Problem
from grader.checks.returns import describe
from grader.i18n import Text, text
from grader.sandbox.protocol import Iterated, Seed
from grader.strategies import Derived, Draft, Example

OUTPUTS = ("x", "y", "sizes")
_SHARED = itertools.count()


def numbered_samples() -> Derived:
    """``x`` of shape (N, D) whose first column is the sample's own number."""

    def make(draft: Draft) -> Array:
        n, d = draft.shape("ND")
        return np.arange(n * d, dtype=draft.dtype).reshape(n, d) / d

    return Derived(make)


def numbered_labels() -> Derived:
    """``y`` of shape (N,), another for every sample, so that a mixed-up pair always shows."""
    return Derived(lambda draft: np.arange(draft.dimensions["N"]) * 3 + 1)


def normalise(example: Example, value: Any) -> tuple[Any, ...] | Problem:
    """(all x in order, all y in order, batch sizes), or what is wrong with the batches."""
    if isinstance(value, Iterated):
        if not value.complete:
            return Problem(text("The batches never end. Is there a loop without a stop?"))
        value = value.items
    if not isinstance(value, (list, tuple)):
        return Problem(
            text(
                "It must give batches (a generator or a list), but gave {got}.", got=describe(value)
            )
        )
    for number, pair in enumerate(value):
        problem = _wrong_pair(example, number, pair)
        if problem is not None:
            return problem
    sizes = np.array([len(pair[0]) for pair in value], dtype=np.int64)
    x, y = example["x"], example["y"]
    xs = np.concatenate([pair[0] for pair in value]) if value else x[:0]
    ys = np.concatenate([pair[1] for pair in value]) if value else y[:0]
    return xs, ys, sizes


def _wrong_pair(example: Example, number: int, pair: Any) -> Problem | None:
    if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        return Problem(
            text(
                "Batch {number} must be a pair (xb, yb), but is {got}.",
                number=number,
                got=describe(pair),
            )
        )
    for name, part, whole in zip(("xb", "yb"), pair, (example["x"], example["y"]), strict=True):
        if not isinstance(part, np.ndarray) or part.shape[1:] != whole.shape[1:] or not part.ndim:
            return Problem(
                text(
                    "{name} of batch {number} must be an array of shape {wanted}, but is {got}.",
                    name=name,
                    number=number,
                    wanted=_batch_shape(whole),
                    got=describe(part),
                )
            )
    if len(pair[0]) != len(pair[1]):
        return Problem(
            text(
                "Batch {number} has {inputs} inputs and {labels} labels; they must be as many.",
                number=number,
                inputs=len(pair[0]),
                labels=len(pair[1]),
            )
        )
    return None


def _batch_shape(whole: Array) -> str:
    return (
        "(" + ", ".join(["n", *map(str, whole.shape[1:])]) + ("," if whole.ndim == 1 else "") + ")"
    )


def sizes_right() -> Law:
    """Every batch is full, except that the last one may be short; none is empty."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        n, size = len(example["x"]), example["batch_size"]
        expected = [min(size, n - start) for start in range(0, n, size)]
        got = answers.outputs[2].tolist()
        if got == expected:
            return None
        return Problem(
            text(
                "For {n} samples and batch_size={size} the batches must have the sizes "
                "{expected}, but have {got}.",
                n=n,
                size=size,
                expected=_listed(expected),
                got=_listed(got),
            )
        )

    return Law("batch-sizes", text("cuts full batches, the last one may be short"), (judge,))


def every_sample_once() -> Law:
    """The rows of all batches together are the samples, each exactly once."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        order = _order(example, answers.outputs[0])
        if order is None:
            return Problem(text("A batch holds a row that is not a row of x."))
        counts = np.bincount(order, minlength=len(example["x"]))
        if (counts == 1).all():
            return None
        first = int(np.argmax(counts != 1))
        return Problem(
            text(
                "Every sample must come exactly once, but sample {sample} comes {times} times.",
                sample=first,
                times=int(counts[first]),
            )
        )

    return Law("every-sample-once", text("gives every sample exactly once"), (judge,))


def pairs_together() -> Law:
    """Each row of x comes with its own label."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        order = _order(example, answers.outputs[0])
        if order is None or np.array_equal(example["y"][order], answers.outputs[1]):
            return None
        first = int(np.argmax(example["y"][order] != answers.outputs[1]))
        return Problem(
            text(
                "Sample {sample} has the label {label}, but comes with {got}: x and y must be "
                "shuffled by the same order.",
                sample=int(order[first]),
                label=int(example["y"][order[first]]),
                got=answers.outputs[1][first],
            )
        )

    return Law("pairs-together", text("keeps inputs and labels together"), (judge,))


def shuffled() -> Law:
    """The order is not the given one, and not only the batches as wholes were shuffled."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        order = _order(example, answers.outputs[0])
        if order is None:
            return None
        if np.array_equal(order, np.arange(len(order))):
            return Problem(text("The samples come in the order given; shuffle them with rng."))
        starts = np.cumsum(answers.outputs[2])[:-1]
        runs = [bool((np.diff(part) == 1).all()) for part in np.split(order, starts)]
        if example["batch_size"] >= 3 and all(runs):
            return Problem(
                text("Only whole batches were shuffled; shuffle the samples, then cut batches.")
            )
        return None

    return Law("shuffled", text("shuffles the samples"), (judge,))


def order_from_rng() -> Law:
    """The same seed gives the same order, the next epoch and another seed give another one."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        seed, shared = example["rng"].seed, next(_SHARED)
        seeds = [Seed(seed), Seed(seed, shared), Seed(seed, shared), Seed(seed + 1)]
        other_labels = example.replace(rng=Seed(seed), y=example["y"][::-1])
        return [*(example.replace(rng=s) for s in seeds), other_labels]

    def judge(example: Example, answers: Answers) -> Problem | None:
        again, first, second, other = (extra[1] for extra in answers.extra[:4])
        if not np.array_equal(answers.outputs[1], again):
            return Problem(
                text("The same rng gave two different orders: draw only from the rng passed in.")
            )
        if np.array_equal(first, second):
            return Problem(text("Two epochs with the same rng object came in the same order."))
        if np.array_equal(first, other):
            return Problem(text("Two differently seeded rng gave the same order: rng is not used."))
        if not np.array_equal(answers.outputs[0], answers.extra[4][0]):
            return Problem(text("With other labels the same rng gave another order of x."))
        return None

    return Law(
        "order-from-rng", text("draws the order from rng, and from rng only"), (judge,), calls
    )


def _order(example: Example, xs: Array) -> Array | None:
    """For each row its sample's number; None if a row is no sample."""
    x = example["x"]
    order = np.rint(np.nan_to_num(np.asarray(xs[:, 0], np.float64), nan=-1.0)).astype(np.int64)
    if ((order < 0) | (order >= len(x))).any() or not np.array_equal(x[order], xs):
        return None
    return order


def _listed(sizes: list[int]) -> Text | str:
    return str(sizes) if len(sizes) <= 8 else str(sizes[:8])[:-1] + ", …]"
