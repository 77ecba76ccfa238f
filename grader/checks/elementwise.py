"""Laws of functions that treat each element by itself: ReLU, its gradient, and the update."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import tolerances
from grader.checks import laws
from grader.checks.model import Answers, Elsewhere, Law, Problem
from grader.checks.shown import Calls
from grader.i18n import text
from grader.strategies import Example

# A step to both sides that no rounding hides, and that crosses no kink, being part of z itself.
STEP = 2.0**-8


def not_negative(output: str) -> Law:
    """Every value ≥ 0."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        got = answers.outputs[0]
        floor = np.where(got < 0.0, 0.0, got)
        message = text("A value is negative.")
        return laws.first_difference(output, got, floor, 0.0, message)

    return Law("not-negative", text("is nowhere negative"), (judge,))


def derivative_of_relu() -> Law:
    """⟨da, F(z + s) - F(z - s)⟩ = ⟨dz, 2s⟩ for the submission's own ``relu_forward`` F.

    s is a small part of z, so that z never changes its sign, and stays where it is 0: there is
    no derivative to agree with.
    """

    def sides(example: Example) -> tuple[Any, Any]:
        z = example["z"]
        part = (STEP * np.sign(laws.direction(z)) * z).astype(z.dtype)
        return z + part, z - part

    def calls(example: Example) -> list[Elsewhere]:
        return [Elsewhere("relu_forward", (side,)) for side in sides(example)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        up, down = map(laws.double, sides(example))
        precision = laws.precision(example, (*answers.outputs, *answers.extra))
        if not all(
            _is_relu(side, got, precision)
            for side, got in zip((up, down), answers.extra, strict=True)
        ):
            return None
        da, dz = laws.double(example["da"]), laws.double(answers.outputs[0])
        change = laws.double(answers.extra[0]) - laws.double(answers.extra[1])
        left, right = (da * change).sum(), (dz * (up - down)).sum()
        room = precision.gamma(da.size + 8) * (np.abs(da) * (np.abs(up) + np.abs(down))).sum()
        if abs(left - right) <= room + precision.tiny * np.abs(up - down).sum():
            return None
        return Problem(
            text(
                "dz is not the gradient of your own relu_forward: along one direction the sum of "
                "da * a changes by {left:.6g}, and dz says {right:.6g}.",
                left=float(left),
                right=float(right),
            )
        )

    title = text("is the gradient of your own relu_forward")
    return Law("derivative", title, (judge,), calls)


def _is_relu(z: Any, got: Any, precision: tolerances.Precision) -> bool:
    if not isinstance(got, np.ndarray) or got.shape != z.shape or got.dtype.kind != "f":
        return False
    (near,) = tolerances.relu_forward((z,), precision)
    return bool((np.abs(laws.double(got) - np.maximum(z, 0.0)) <= near).all())


def fixed_point() -> Law:
    """param - learning_rate · 0 = param."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        got = answers.extra[0][0]
        near = 2.0**-22 * np.abs(laws.double(example["param"]))
        message = text(
            "With a gradient of zeros the parameter must stay as it is (shown: grad * 0)."
        )
        problem = laws.first_difference("param", got, example["param"], near + 1e-37, message)
        return problem and laws.seen(problem, _resting, "param", "before")

    calls = lambda example: [example.replace(grad=example["grad"] * 0)]  # noqa: E731
    return Law("fixed-point", text("rests where the gradient is zero"), (judge,), calls)


def _resting(calls: Calls) -> list[str]:
    return ["before = param.copy()", calls.line(grad="grad * 0")]


def against_gradient() -> Law:
    """sign(param - updated) = sign(grad), wherever the step is larger than rounding."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        param, grad = laws.double(example["param"]), laws.double(example["grad"])
        precision = laws.precision(example, answers.outputs)
        (near,) = tolerances.sgd_update(example.args, precision)
        step = laws.double(answers.outputs[0]) - param
        uphill = (step * np.sign(grad) > near) & (grad != 0.0)
        message = text(
            "A parameter moves with its gradient; steepest descent goes the other way (shown: the "
            "new parameter, and the old one that it must not exceed in this direction)."
        )
        got = answers.outputs[0]
        return laws.first_difference("param", got, np.where(uphill, param, got), 0.0, message)

    return Law("against-gradient", text("moves against the gradient"), (judge,))


def gradient_untouched() -> Law:
    """``grad`` stays as it was; ``param`` may be updated in place."""

    def judge(example: Example, answers: Answers) -> Problem | None:
        if 1 not in answers.call.mutated_args:
            return None
        message = text("The call changed grad; only param may be updated in place.")
        return Problem(message, shown=laws.kept("grad"))

    return Law("gradient-untouched", text("leaves grad as it was"), (judge,))
