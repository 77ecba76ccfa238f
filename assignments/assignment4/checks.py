"""The checks of assignment 4: laws of a multilayer perceptron's nine functions.

The laws that explain most stand first: a student reads the first one that does not hold. What
each check is worth stands in ``assignment.toml``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from densefit import reference
from grader import tolerances
from grader.checks import Answers, Check, FunctionChecks, Law, Problem, batches, laws, training
from grader.i18n import Text, text
from grader.strategies import (
    AnyShape,
    Example,
    Floats,
    Generator,
    Inputs,
    Labels,
    OneOf,
    Whole,
)

# Products of two such numbers, and sums of them, are ordinary float32 numbers.
MODERATE = (0, -12, 12, -3, 3)
# These are only compared, or multiplied by small numbers.
EXTREME = (0, -30, 30, -3, 3)

VALUES = text("values")
CARE = text("inputs and memory")
LARGE = text("large inputs")
STEP = 1e-4


def care(inputs: Inputs, outputs: tuple[str, ...], requires: str = "values") -> Check:
    """Inputs stay as they were, results are new arrays, and the same call gives the same."""
    found = (laws.inputs_untouched(), laws.owns_result(), laws.deterministic(outputs))
    return Check("care", CARE, inputs, found, requires=requires)


def first_sample_last(example: Example, *names: str) -> tuple[Any, ...]:
    """The arguments with the samples of some of them in another order."""
    return example.replace(**{name: np.roll(example[name], -1, axis=0) for name in names})


# --- dense layer ----------------------------------------------------------------------------------

DENSE_SIZES = {"N": (1, 40), "D": (1, 40), "M": (1, 40)}

dense_forward_inputs = Inputs(
    {
        "x": Floats("N D", MODERATE),
        "w": Floats("D M", MODERATE),
        "b": Floats("M", MODERATE),
    },
    DENSE_SIZES,
)


def _samples_alone() -> Law:
    def relate(example: Example, outputs: Any, others: Any) -> laws.Related:
        (bound,) = tolerances.dense_forward(example.args, laws.precision(example, outputs))
        return [(others[0], np.roll(outputs[0], -1, axis=0), 2 * np.roll(bound, -1, axis=0))]

    title = text("treats every sample alike")
    calls = lambda example: [first_sample_last(example, "x")]  # noqa: E731
    return laws.equivariant("samples-alone", title, ("z",), calls, relate)


dense_forward = FunctionChecks(
    "dense_forward",
    ("z",),
    (
        Check(
            "values",
            VALUES,
            dense_forward_inputs,
            (
                _samples_alone(),
                laws.agreement(("z",), (reference.dense_forward,), tolerances.dense_forward),
            ),
        ),
        care(dense_forward_inputs, ("z",)),
    ),
    reference.dense_forward,
    tolerances.dense_forward,
)

GRADIENTS = ("dx", "dw", "db")
dense_backward_inputs = Inputs(
    {
        "dz": Floats("N M", MODERATE),
        "x": Floats("N D", MODERATE),
        "w": Floats("D M", MODERATE),
    },
    DENSE_SIZES,
)


def _doubled_cotangent(function: str, outputs: tuple[str, ...], bound: tolerances.Bound) -> Law:
    """Twice the gradient from above gives twice the gradients below; doubling is exact."""

    def relate(example: Example, got: Any, others: Any) -> laws.Related:
        near = bound(example.args, laws.precision(example, got))
        return [
            (other, 2.0 * np.asarray(own, np.float64), 4 * b)
            for own, other, b in zip(got, others, near, strict=True)
        ]

    title = text("is linear in {name}", name=function)
    calls = lambda example: [example.replace(**{function: 2 * example[function]})]  # noqa: E731
    return laws.equivariant("linear", title, outputs, calls, relate)


dense_backward = FunctionChecks(
    "dense_backward",
    GRADIENTS,
    (
        Check(
            "values",
            text("gradients"),
            dense_backward_inputs,
            (
                _doubled_cotangent("dz", GRADIENTS, tolerances.dense_backward),
                laws.agreement(GRADIENTS, (reference.dense_backward,), tolerances.dense_backward),
            ),
        ),
        care(dense_backward_inputs, GRADIENTS),
    ),
    reference.dense_backward,
    tolerances.dense_backward,
)

# --- ReLU -----------------------------------------------------------------------------------------

relu_forward_inputs = Inputs({"z": AnyShape(EXTREME)})


def _not_negative(output: str) -> Law:
    def judge(example: Example, answers: Answers) -> Problem | None:
        got = answers.outputs[0]
        floor = np.where(got < 0.0, 0.0, got)
        message = text("A value is negative.")
        return laws.first_difference(output, got, floor, 0.0, message)

    return Law("not-negative", text("is nowhere negative"), (judge,))


relu_forward = FunctionChecks(
    "relu_forward",
    ("a",),
    (
        Check(
            "values",
            VALUES,
            relu_forward_inputs,
            (
                _not_negative("a"),
                laws.agreement(("a",), (reference.relu_forward,), tolerances.relu_forward),
            ),
        ),
        care(relu_forward_inputs, ("a",)),
    ),
    reference.relu_forward,
    tolerances.relu_forward,
)

relu_backward_inputs = Inputs({"da": AnyShape(EXTREME), "z": AnyShape(EXTREME)})


def relu_backward_one_at_zero(da: Any, z: Any) -> Any:
    """The other gradient at the kink that the contract allows."""
    return np.where(np.asarray(z) >= 0.0, np.asarray(da, np.float64), 0.0)


relu_backward = FunctionChecks(
    "relu_backward",
    ("dz",),
    (
        Check(
            "values",
            text("gradient"),
            relu_backward_inputs,
            (
                _doubled_cotangent("da", ("dz",), tolerances.relu_backward),
                laws.agreement(
                    ("dz",),
                    (reference.relu_backward, relu_backward_one_at_zero),
                    tolerances.relu_backward,
                ),
            ),
        ),
        care(relu_backward_inputs, ("dz",)),
    ),
    reference.relu_backward,
    tolerances.relu_backward,
)

# --- softmax and its loss -------------------------------------------------------------------------

SOFTMAX_SIZES = {"N": (1, 40), "C": (1, 1000)}
ORDINARY_LOGITS, LARGE_LOGITS = (0, -3, 1), (2, 4, 30)


def logits(exponents: tuple[int, ...], labels: bool) -> Inputs:
    """Logits of some magnitudes, with labels if wanted."""
    z, y = Floats("N C", exponents), Labels("N", "C")
    return Inputs({"z": z, "y": y} if labels else {"z": z}, SOFTMAX_SIZES)


softmax_inputs = logits(ORDINARY_LOGITS, labels=False)
softmax_large_inputs = logits(LARGE_LOGITS, labels=False)


def _rows_sum_to_one() -> Law:
    def judge(example: Example, answers: Answers) -> Problem | None:
        (bound,) = tolerances.softmax(example.args, laws.precision(example, answers.outputs))
        p = np.asarray(answers.outputs[0], np.float64)
        message = text("The probabilities of a sample do not sum to 1 (shown: the sum of a row).")
        return laws.first_difference(
            "p.sum(axis=1)", p.sum(axis=1), 1.0, bound.sum(axis=1), message
        )

    return Law("rows-sum-to-one", text("gives probabilities that sum to 1"), (judge,))


def _shift_invariant() -> Law:
    def relate(example: Example, outputs: Any, others: Any) -> laws.Related:
        shifted = (np.asarray(example["z"], np.float64) + 1.0,)
        (near,) = tolerances.softmax(shifted, laws.precision(example, outputs))
        return [(others[0], outputs[0], 4 * near)]

    title = text("stays the same when 1 is added to every logit")
    calls = lambda example: [(example["z"] + 1,)]  # noqa: E731
    return laws.equivariant("shift-invariant", title, ("p",), calls, relate)


softmax = FunctionChecks(
    "softmax",
    ("p",),
    (
        Check(
            "values",
            VALUES,
            softmax_inputs,
            (
                _rows_sum_to_one(),
                _not_negative("p"),
                _shift_invariant(),
                laws.agreement(("p",), (reference.softmax,), tolerances.softmax),
            ),
        ),
        Check(
            "large",
            LARGE,
            softmax_large_inputs,
            (
                laws.finite(("p",)),
                laws.agreement(("p",), (reference.softmax,), tolerances.softmax),
            ),
            examples=10,
            requires="values",
        ),
        care(softmax_inputs, ("p",)),
    ),
    reference.softmax,
    tolerances.softmax,
)

LOSS = ("loss", "dz")
loss_inputs = logits(ORDINARY_LOGITS, labels=True)
loss_large_inputs = logits(LARGE_LOGITS, labels=True)


def _log_classes_at_zero() -> Law:
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
        return laws.first_difference("loss", loss, np.log(classes), near * (1 + classes), message)

    calls = lambda example: [example.replace(z=example["z"] * 0)]  # noqa: E731
    return Law("log-classes-at-zero", text("is log C for equal logits"), (judge,), calls)


def _loss_not_negative() -> Law:
    def judge(example: Example, answers: Answers) -> Problem | None:
        loss, _ = answers.outputs
        bound, _ = tolerances.softmax_cross_entropy(
            example.args, laws.precision(example, answers.outputs)
        )
        message = text("The loss is negative.")
        return laws.first_difference("loss", min(float(loss), 0.0), 0.0, bound, message)

    return Law("loss-not-negative", text("has a loss that is not negative"), (judge,))


def _gradient_sums_to_zero() -> Law:
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


def _gradient_of_its_loss() -> Law:
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
        if abs(slope - claimed) <= 1e-5 * (1 + abs(slope)):
            return None
        return Problem(
            text(
                "dz is not the derivative of the loss you return: along one direction the loss "
                "changes by {slope:.6g} per unit, and dz says {claimed:.6g}.",
                slope=slope,
                claimed=claimed,
            )
        )

    title = text("returns the derivative of its own loss")
    return Law("gradient-of-its-loss", title, (judge,), calls)


def loss_agreement() -> Law:
    """Loss and gradient agree with the reference."""
    return laws.agreement(
        LOSS, (reference.softmax_cross_entropy,), tolerances.softmax_cross_entropy
    )


softmax_cross_entropy = FunctionChecks(
    "softmax_cross_entropy",
    LOSS,
    (
        Check(
            "values",
            text("loss and gradient"),
            loss_inputs,
            (
                _loss_not_negative(),
                _log_classes_at_zero(),
                _gradient_sums_to_zero(),
                _gradient_of_its_loss(),
                loss_agreement(),
            ),
        ),
        Check(
            "large",
            LARGE,
            loss_large_inputs,
            (laws.finite(LOSS), loss_agreement()),
            examples=10,
            requires="values",
        ),
        care(loss_inputs, LOSS),
    ),
    reference.softmax_cross_entropy,
    tolerances.softmax_cross_entropy,
)

# --- update ---------------------------------------------------------------------------------------

sgd_inputs = Inputs(
    {
        "param": AnyShape(EXTREME),
        "grad": AnyShape(EXTREME),
        "learning_rate": OneOf((0.5, 0.1, 0.01, 1.0, 0.001)),
    }
)


def _fixed_point() -> Law:
    def judge(example: Example, answers: Answers) -> Problem | None:
        got = answers.extra[0][0]
        near = 2.0**-22 * np.abs(np.asarray(example["param"], np.float64))
        message = text(
            "With a gradient of zeros the parameter must stay as it is (shown: grad * 0)."
        )
        return laws.first_difference("param", got, example["param"], near + 1e-37, message)

    calls = lambda example: [example.replace(grad=example["grad"] * 0)]  # noqa: E731
    return Law("fixed-point", text("rests where the gradient is zero"), (judge,), calls)


def _gradient_untouched() -> Law:
    def judge(example: Example, answers: Answers) -> Problem | None:
        if 1 not in answers.call.mutated_args:
            return None
        return Problem(text("The call changed grad; only param may be updated in place."))

    return Law("gradient-untouched", text("leaves grad as it was"), (judge,))


sgd_update = FunctionChecks(
    "sgd_update",
    ("param",),
    (
        Check(
            "values",
            VALUES,
            sgd_inputs,
            (
                _fixed_point(),
                laws.agreement(("param",), (reference.sgd_update,), tolerances.sgd_update),
            ),
        ),
        Check(
            "care",
            CARE,
            sgd_inputs,
            (_gradient_untouched(), laws.deterministic(("param",))),
            requires="values",
        ),
    ),
    reference.sgd_update,
    tolerances.sgd_update,
)

# --- mini-batches ---------------------------------------------------------------------------------


def batch_inputs(samples: tuple[int, int], sizes: tuple[int, int]) -> Inputs:
    """Numbered samples, so that every row says where it came from."""
    return Inputs(
        {
            "x": batches.numbered_samples(),
            "y": batches.numbered_labels(),
            "batch_size": Whole(*sizes),
            "rng": Generator(),
        },
        {"N": samples, "D": (1, 4)},
    )


partition_inputs = batch_inputs((1, 40), (1, 12))
shuffle_inputs = batch_inputs((24, 60), (1, 6))


def _batches_untouched() -> Text:
    return text("The call changed its argument x or y: shuffle an order of indices instead.")


minibatches = FunctionChecks(
    "minibatches",
    batches.OUTPUTS,
    (
        Check(
            "partition",
            text("every sample once, in pairs"),
            partition_inputs,
            (batches.sizes_right(), batches.every_sample_once(), batches.pairs_together()),
            examples=12,
        ),
        Check(
            "shuffle",
            text("order drawn from rng"),
            shuffle_inputs,
            (batches.shuffled(), batches.order_from_rng()),
            examples=4,
            requires="partition",
        ),
        Check(
            "care",
            CARE,
            shuffle_inputs,
            (laws.inputs_untouched(_batches_untouched()),),
            examples=4,
            requires="partition",
        ),
    ),
    normalise=batches.normalise,
)

# --- training -------------------------------------------------------------------------------------

two_layers = training.GroupsOfPoints(hidden=(12, 8), epochs=3)
one_layer = training.GroupsOfPoints(hidden=(16,), epochs=12)

train = FunctionChecks(
    "train",
    training.OUTPUTS,
    (
        Check(
            "history",
            text("history of four lists"),
            two_layers,
            (training.figures_possible(),),
            examples=1,
        ),
        Check(
            "learning",
            text("learns, and measures it"),
            one_layer,
            (training.figures_possible(), training.learns(), training.training_figures_right()),
            examples=1,
            requires="history",
        ),
        Check(
            "validation",
            text("validation figures"),
            one_layer,
            (
                training.validation_measured(),
                training.validation_not_learned(),
                training.validation_is_a_mean(),
            ),
            examples=1,
            requires="history",
        ),
        Check(
            "care",
            text("inputs and repeatability"),
            one_layer,
            (laws.inputs_untouched(), training.repeatable()),
            examples=1,
            requires="history",
        ),
    ),
    normalise=training.normalise,
)

CHECKS = (
    dense_forward,
    dense_backward,
    relu_forward,
    relu_backward,
    softmax,
    softmax_cross_entropy,
    sgd_update,
    minibatches,
    train,
)
