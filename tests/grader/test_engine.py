"""The first pass: how many calls are made, and which laws look at which examples."""

from __future__ import annotations

from typing import Any

import numpy as np

from assignment4 import module
from grader.checks.engine import FunctionRun
from grader.checks.local import LocalStudent
from grader.checks.model import FunctionChecks

(RELU,) = [spec for spec in module("checks").CHECKS if spec.function == "relu_forward"]


class Counting:
    """A right ReLU, but for the calls with these numbers, counted from 1."""

    def __init__(self, *wrong: int) -> None:
        self.wrong, self.calls = wrong, 0

    def __call__(self, z: Any) -> Any:
        self.calls += 1
        return np.maximum(z, 0) + (self.calls in self.wrong)


def outcomes(spec: FunctionChecks, relu: Counting) -> dict[str, tuple[str, str | None]]:
    run = FunctionRun(spec, LocalStudent({"relu_forward": relu}), seed=0)
    found = run.run(shrink_seconds=0)
    return {o.check.name: (o.status, o.failure.law if o.failure else None) for o in found}


def test_agreement_looks_at_the_last_example_too() -> None:
    right = Counting()
    assert set(outcomes(RELU, right).values()) == {("passed", None)}
    assert outcomes(RELU, Counting(right.calls))["values"] == ("failed", "agreement")


def test_calls_of_a_law_are_made_for_the_first_examples_only() -> None:
    right = Counting()
    outcomes(RELU, right)
    examples = RELU.checks[0].examples
    laws = {law.name: law for check in RELU.checks for law in check.laws}
    most = sum(law.examples for law in laws.values() if law.name in ("agreement", "deterministic"))
    assert examples < right.calls <= examples + most < 2 * examples
