"""What a counterexample prints of a law fails for the submission, and holds for a correct one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assignment4 import module
from grader.assignment import find_assignment
from grader.checks import counterexample
from grader.checks.engine import CheckOutcome, FunctionRun
from grader.checks.local import LocalStudent
from grader.misconception import Misconception
from grader.render import words

SOLUTION = vars(module("solution"))
ASSIGNMENT = find_assignment("assignment4")
SPECS = {spec.function: spec for spec in ASSIGNMENT.checks}
BANK = [m for m in ASSIGNMENT.misconceptions if m.experiment is None]
Function = Callable[..., Any]


def outcomes(functions: dict[str, Function], function: str) -> list[CheckOutcome]:
    run = FunctionRun(SPECS[function], LocalStudent(functions), 3)
    return [outcome for outcome in run.run(shrink_seconds=20.0) if outcome.failure]


def run_with(code: list[str], functions: dict[str, Function]) -> dict[str, Any]:
    """A fresh session with the functions, after the lines."""
    session = dict(functions)
    with np.errstate(all="ignore"):
        exec("\n".join(code), session)
    return session


def shows(wrong: Function, function: str) -> list[str]:
    """The lines of each law that the function breaks and that shows itself; they are run."""
    given = SOLUTION | {function: wrong}
    laws = []
    for outcome in outcomes(given, function):
        assert outcome.failure is not None
        example = counterexample.build(SPECS[function], outcome.failure)
        if example is None or not example.code[-1].startswith("assert"):
            continue
        code = list(example.code)
        with pytest.raises(AssertionError):
            run_with(code, given)
        run_with(code, SOLUTION)
        if example.got is not None:
            session = run_with(code[:-1], given)
            assert f"{float(eval(words.element(example), session)):.10g}" == example.got
        laws.append(outcome.failure.law)
    return laws


@pytest.mark.slow
@pytest.mark.parametrize("mistake", BANK, ids=lambda m: m.id)
def test_of_every_misconception(mistake: Misconception) -> None:
    shows(mistake.wrong, mistake.function)


def softmax_with(z: Any, e: Any) -> Any:
    return e / e.sum(axis=1, keepdims=True)


def scaled_by_largest(dz: Any, x: Any, w: Any) -> Any:
    dx, dw, db = SOLUTION["dense_backward"](dz, x, w)
    return dx, dw * np.abs(dz).max(), db


def weighted_by_place(dz: Any, x: Any, w: Any) -> Any:
    dx, _, db = SOLUTION["dense_backward"](dz, x, w)
    return dx, x.T @ (dz * np.arange(1, len(dz) + 1)[:, None]), db


def loss_with(change: Callable[[Any, Any], tuple[Any, Any]]) -> Function:
    return lambda z, y: change(*SOLUTION["softmax_cross_entropy"](z, y))


BROKEN: dict[str, tuple[str, Function]] = {
    "linear": ("dense_backward", scaled_by_largest),
    "samples-alike": ("dense_backward", weighted_by_place),
    "additive": ("dense_forward", lambda x, w, b: np.maximum(x @ w + b, 0)),
    "shift-invariant": ("softmax", lambda z: softmax_with(z, np.exp2(z) + 1)),
    "log-classes-at-zero": (
        "softmax_cross_entropy",
        loss_with(lambda loss, dz: (loss * 2, dz)),
    ),
    "gradient-of-its-loss": (
        "softmax_cross_entropy",
        loss_with(lambda loss, dz: (loss, -dz)),
    ),
    "fixed-point": ("sgd_update", lambda param, grad, rate: 0.9 * param - rate * grad),
    "inputs-untouched": ("relu_forward", lambda z: np.maximum(z, 0, out=z).copy()),
    "gradient-untouched": (
        "sgd_update",
        lambda param, grad, rate: param - np.multiply(grad, rate, out=grad, casting="unsafe"),
    ),
    "owns-result": (
        "relu_backward",
        lambda da, z: da if (z > 0).all() else np.where(z > 0, da, 0),
    ),
}


@pytest.mark.parametrize("law", BROKEN)
def test_of_every_law(law: str) -> None:
    function, wrong = BROKEN[law]
    assert law in shows(wrong, function)
