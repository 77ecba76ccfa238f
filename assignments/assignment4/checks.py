"""The checks of assignment 4: laws of a multilayer perceptron's nine functions.

The laws that explain most stand first: a student reads the first one that does not hold. What
each check is worth stands in ``assignment.toml``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from densefit import reference
from grader import tolerances
from grader.checks import (
    Check,
    FunctionChecks,
    Law,
    batches,
    classification,
    dense,
    descent,
    elementwise,
    epochs,
    laws,
    training,
)
from grader.i18n import Text, text
from grader.strategies import (
    AnyShape,
    Floats,
    Generator,
    Inputs,
    Labels,
    OneOf,
    Whole,
)

EXTREME = (0, -30, 30, -3, 3)
# Products with EXTREME numbers, and sums of them, are ordinary float32 numbers still.
MODEST = (0, -30, -3, 3)

VALUES = text("values")
CARE = text("inputs and memory")
LARGE = text("large inputs")


def care(inputs: Inputs, outputs: tuple[str, ...], requires: str = "values") -> Check:
    """Inputs stay as they were, results are new arrays, and the same call gives the same."""
    found = (laws.inputs_untouched(), laws.owns_result(), laws.deterministic(outputs))
    return Check("care", CARE, inputs, found, requires=requires)


# --- dense layer ----------------------------------------------------------------------------------

DENSE_SIZES = {"N": (1, 40), "D": (1, 40), "M": (1, 40)}

dense_forward_inputs = Inputs(
    {
        "x": Floats("N D", EXTREME, pixels=True),
        "w": Floats("D M", MODEST),
        "b": Floats("M", EXTREME),
    },
    DENSE_SIZES,
)


dense_forward = FunctionChecks(
    "dense_forward",
    ("z",),
    (
        Check(
            "values",
            VALUES,
            dense_forward_inputs,
            (
                laws.permuted(("x",), ("z",), (True,), tolerances.dense_forward),
                dense.additive("x", ("z",), tolerances.dense_forward),
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
        "dz": Floats("N M", MODEST),
        "x": Floats("N D", EXTREME, pixels=True),
        "w": Floats("D M", EXTREME),
    },
    DENSE_SIZES,
)


dense_backward = FunctionChecks(
    "dense_backward",
    GRADIENTS,
    (
        Check(
            "values",
            text("gradients"),
            dense_backward_inputs,
            (
                dense.homogeneous("dz", GRADIENTS, tolerances.dense_backward),
                laws.permuted(
                    ("dz", "x"), GRADIENTS, (True, False, False), tolerances.dense_backward
                ),
                dense.additive("dz", GRADIENTS, tolerances.dense_backward),
                laws.agreement(GRADIENTS, (reference.dense_backward,), tolerances.dense_backward),
                dense.adjoint(),
            ),
        ),
        care(dense_backward_inputs, GRADIENTS),
    ),
    reference.dense_backward,
    tolerances.dense_backward,
)

# --- ReLU -----------------------------------------------------------------------------------------

relu_forward_inputs = Inputs({"z": AnyShape(EXTREME)})


relu_forward = FunctionChecks(
    "relu_forward",
    ("a",),
    (
        Check(
            "values",
            VALUES,
            relu_forward_inputs,
            (
                elementwise.not_negative("a"),
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
                dense.homogeneous("da", ("dz",), tolerances.relu_backward),
                laws.agreement(
                    ("dz",),
                    (reference.relu_backward, relu_backward_one_at_zero),
                    tolerances.relu_backward,
                ),
                elementwise.derivative_of_relu(),
            ),
        ),
        care(relu_backward_inputs, ("dz",)),
    ),
    reference.relu_backward,
    tolerances.relu_backward,
)

# --- softmax and its loss -------------------------------------------------------------------------

SOFTMAX_SIZES = {"N": (1, 40), "C": (1, 1000)}
ORDINARY_LOGITS, LARGE_LOGITS = (0, -30, -3, 1), (4, 2, 30)


def logits(exponents: tuple[int, ...], labels: bool) -> Inputs:
    """Logits of some magnitudes, with labels if wanted."""
    z, y = Floats("N C", exponents), Labels("N", "C")
    return Inputs({"z": z, "y": y} if labels else {"z": z}, SOFTMAX_SIZES)


softmax_inputs = logits(ORDINARY_LOGITS, labels=False)
softmax_large_inputs = logits(LARGE_LOGITS, labels=False)


softmax = FunctionChecks(
    "softmax",
    ("p",),
    (
        Check(
            "values",
            VALUES,
            softmax_inputs,
            (
                classification.rows_sum_to_one(),
                elementwise.not_negative("p"),
                classification.shift_invariant(),
                laws.permuted(("z",), ("p",), (True,), tolerances.softmax),
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
                classification.loss_not_negative(),
                classification.log_classes_at_zero(),
                classification.gradient_sums_to_zero(),
                classification.gradient_of_its_loss(),
                laws.permuted(("z", "y"), LOSS, (False, True), tolerances.softmax_cross_entropy),
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


sgd_update = FunctionChecks(
    "sgd_update",
    ("param",),
    (
        Check(
            "values",
            VALUES,
            sgd_inputs,
            (
                elementwise.fixed_point(),
                elementwise.against_gradient(),
                laws.agreement(("param",), (reference.sgd_update,), tolerances.sgd_update),
            ),
        ),
        Check(
            "care",
            CARE,
            sgd_inputs,
            (elementwise.gradient_untouched(), laws.deterministic(("param",))),
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
    written="batches = list({call})",
)

# --- training -------------------------------------------------------------------------------------

# The last hidden layer is narrower than there are classes: no layer can stand in for another.
two_layers = training.GroupsOfPoints(hidden=(12, 2), epochs=3, samples=60)
one_layer = training.GroupsOfPoints(hidden=(16,), epochs=5, learning_rate=0.3)
# For laws that hold from the first epoch on.
short = training.GroupsOfPoints(hidden=(16,), epochs=2, samples=60)

train = FunctionChecks(
    "train",
    training.OUTPUTS,
    (
        Check(
            "history",
            text("history of four lists"),
            two_layers,
            (training.figures_possible(), descent.measured_alike()),
            examples=1,
        ),
        Check(
            "learning",
            text("learns, and measures it"),
            one_layer,
            (
                training.figures_possible(),
                training.learns(),
                training.training_figures_right(),
                epochs.averaged_over_batches(),
                epochs.steps_as_told(),
                descent.batch_size_used(),
                descent.learns_shares(),
                descent.learns_rings(),
                epochs.order_drawn_anew(),
            ),
            examples=1,
            requires="history",
        ),
        Check(
            "validation",
            text("validation figures"),
            short,
            (
                training.validation_measured(),
                training.validation_not_learned(),
                training.validation_is_a_mean(),
                epochs.measured_after_epoch(),
            ),
            examples=1,
            requires="history",
        ),
        Check(
            "care",
            text("inputs and repeatability"),
            short,
            (laws.inputs_untouched(), training.repeatable()),
            examples=1,
            requires="history",
        ),
    ),
    normalise=training.normalise,
    written="history = {call}",
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
