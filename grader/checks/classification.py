"""Laws of softmax and of its cross-entropy, as identities that need no reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import tolerances
from grader.checks import laws
from grader.checks.model import Answers, Law, Problem
from grader.checks.shown import Calls, Shown
from grader.i18n import text
from grader.strategies import Example

# Of the central difference; its error, STEP² times a third derivative, is far below NEAR.
STEP = 1e-4
NEAR = 1e-5


def rows_sum_to_one() -> Law:
    """Σ p = 1 over the classes of every sample."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        (bound,) = tolerances.softmax(example.args, laws.precision(example, answers.outputs))
        p = np.asarray(answers.outputs[0], np.float64)
        message = text("The probabilities of a sample do not sum to 1 (shown: the sum of a row).")
        return laws.first_difference(
            "p.sum(axis=1)", p.sum(axis=1), 1.0, bound.sum(axis=1), message
        )

    return Law("rows-sum-to-one", text("gives probabilities that sum to 1"), (judge,))


def shift_invariant() -> Law:
    """softmax(z + 1) = softmax(z)."""

    def relate(example: Example, outputs: Any, others: Any) -> laws.Related:
        shifted = (np.asarray(example["z"], np.float64) + 1.0,)
        (near,) = tolerances.softmax(shifted, laws.precision(example, outputs))
        return [(others[0], outputs[0], 4 * near)]

    title = text("stays the same when 1 is added to every logit")
    calls = lambda example: [(example["z"] + 1,)]  # noqa: E731
    written = ({"z": "z + 1"}, lambda output: output)
    return laws.equivariant("shift-invariant", title, ("p",), calls, relate, written)


def log_classes_at_zero() -> Law:
    """loss(0) = log C."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        classes = example["z"].shape[1]
        loss = answers.extra[0][0]
        message = text(
            "For logits that are all 0 every class has probability 1/C, and the loss is log C "
            "for C = {classes} (shown: the loss of this call with z * 0).",
            classes=classes,
        )
        precision = laws.precision(example, answers.extra[0])
        near = 1e-5 if precision is tolerances.SINGLE else 1e-10
        problem = laws.first_difference(
            "loss", loss, np.log(classes), near * (1 + classes), message
        )
        zeros = lambda calls: [calls.line(z="z * 0")]  # noqa: E731
        return problem and laws.seen(problem, zeros, "loss", "np.log(z.shape[1])")

    calls = lambda example: [example.replace(z=example["z"] * 0)]  # noqa: E731
    return Law("log-classes-at-zero", text("is log C for equal logits"), (judge,), calls)


def loss_not_negative() -> Law:
    """loss ≥ 0."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        loss, _ = answers.outputs
        bound, _ = tolerances.softmax_cross_entropy(
            example.args, laws.precision(example, answers.outputs)
        )
        message = text("The loss is negative.")
        return laws.first_difference("loss", min(float(loss), 0.0), 0.0, bound, message)

    return Law("loss-not-negative", text("has a loss that is not negative"), (judge,))


def gradient_sums_to_zero() -> Law:
    """Σ dz = 0 over the classes of every sample."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        _, bound = tolerances.softmax_cross_entropy(
            example.args, laws.precision(example, answers.outputs)
        )
        sums = np.asarray(answers.outputs[1], np.float64).sum(axis=1)
        message = text(
            "The gradient of a sample does not sum to 0 over the classes, although adding the "
            "same number to all its logits changes nothing (shown: the sum of a row)."
        )
        return laws.first_difference("dz.sum(axis=1)", sums, 0.0, bound.sum(axis=1), message)

    return Law("gradient-sums-to-zero", text("has gradients that sum to 0"), (judge,))


def gradient_of_its_loss() -> Law:
    """The loss along a direction changes as ``dz`` says; double precision only."""

    def direction(example: Example) -> Any:
        z = example["z"]
        return np.cos(np.arange(z.size, dtype=np.float64)).reshape(z.shape)

    def calls(example: Example) -> list[tuple[Any, ...]]:
        if example["z"].dtype != np.float64:
            return []
        step = STEP * direction(example)
        return [example.replace(z=example["z"] + step), example.replace(z=example["z"] - step)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        if not answers.extra or laws.precision(example, answers.outputs) is tolerances.SINGLE:
            return None
        up, down = (float(extra[0]) for extra in answers.extra)
        slope = (up - down) / (2 * STEP)
        claimed = float((answers.outputs[1] * direction(example)).sum())
        if abs(slope - claimed) <= NEAR * (1 + abs(slope)):
            return None
        return Problem(
            text(
                "dz is not the derivative of the loss you return: along one direction the loss "
                "changes by {slope:.6g} per unit, and dz says {claimed:.6g}.",
                slope=slope,
                claimed=claimed,
            ),
            shown=Shown(_slopes),
        )

    title = text("returns the derivative of its own loss")
    return Law("gradient-of-its-loss", title, (judge,), calls)


def _slopes(calls: Calls) -> list[str]:
    """The derivative of the loss along a direction, from its values and from dz."""
    return [
        "u = np.cos(np.arange(z.size)).reshape(z.shape)",
        calls.line(),
        calls.line("_up", z=f"z + {STEP} * u"),
        calls.line("_down", z=f"z - {STEP} * u"),
        f"slope, claimed = (loss_up - loss_down) / {2 * STEP}, (dz * u).sum()",
        f"assert abs(slope - claimed) <= {NEAR} * (1 + abs(slope)), (slope, claimed)",
    ]
