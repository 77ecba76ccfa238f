"""What a mistake is called: misconceptions, two of them at once, and simple relations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.assignment import Assignment
from grader.checks.engine import FunctionRun
from grader.checks.local import LocalStudent
from grader.checks.matching import find_misconception
from grader.misconception import Misconception

Gradients = tuple[Any, Any, Any]
Factors = Callable[[Any, Any, Any], Gradients]

# What dx, dw and db are multiplied with, and what the mistake is then called.
FACTORS: dict[str | None, Factors] = {
    "relation:dw=2": lambda dz, x, w: (1, 2, 1),
    "relation:dx=M": lambda dz, x, w: (w.shape[1], 1, 1),
    "relation:dx=-1/D": lambda dz, x, w: (-1 / len(w), 1, 1),
    "relation:dx=0": lambda dz, x, w: (0, 1, 1),
    "relation:dw=0.5,db=D": lambda dz, x, w: (1, 0.5, len(w)),
    "relation:dx=-1,dw=1/N,db=0": lambda dz, x, w: (-1, 1 / len(x), 0),
    "dw-negated": lambda dz, x, w: (1, -1, 1),
    "dw-divided-by-batch+db-zero": lambda dz, x, w: (1, 1 / len(x), 0),
    "dw-and-db-divided-by-batch": lambda dz, x, w: (1, 1 / len(x), 1 / len(x)),
    None: lambda dz, x, w: (1, 1.01, 1),
}


def called(
    assignment: Assignment, function: str, wrong: Callable[..., Any], seed: int = 0
) -> Misconception | None:
    """The name that the first failing check of a function gives."""
    spec = next(spec for spec in assignment.checks if spec.function == function)
    run = FunctionRun(spec, LocalStudent({function: wrong}), seed)
    failed = next(outcome for outcome in run.run(shrink_seconds=0) if outcome.failure)
    assert failed.failure is not None
    law = next((law for law in failed.check.laws if law.name == failed.failure.law), None)
    return find_misconception(run, failed.failure, law, assignment.misconceptions)


@pytest.mark.parametrize("name", FACTORS, ids=str)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_factors_of_gradients_are_named(
    name: str | None, seed: int, assignment4: Assignment
) -> None:
    def backward(dz: Any, x: Any, w: Any) -> Gradients:
        dx, dw, db = FACTORS[name](dz, x, w)
        return dx * (dz @ w.T), dw * (x.T @ dz), db * dz.sum(axis=0)

    found = called(assignment4, "dense_backward", backward, seed)
    assert (None if found is None else found.id) == name


def test_what_a_relation_says_can_be_read(assignment4: Assignment) -> None:
    found = called(
        assignment4, "dense_backward", lambda dz, x, w: (0 * x, 2 * (x.T @ dz), dz.sum(axis=0))
    )
    assert found is not None
    assert found.title == {
        "en": "dx is zero everywhere; dw is 2 times the right one",
        "ja": "dx がすべてゼロになっています; dw が正しい値の 2 倍になっています",
    }
