"""The lines of a counterexample run when they are pasted, and make the arguments they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment import Assignment, find_assignment
from grader.checks import counterexample
from grader.checks.engine import FunctionRun
from grader.checks.model import FunctionChecks
from grader.render import words
from grader.runner import _as_result
from grader.sandbox.process import StudentProcess
from grader.sandbox.protocol import Seed, layout_of
from grader.settings import Points
from grader.strategies import Example
from grader.submission import Submission

CHECKS = {
    f"{s.function}-{c.name}": (s, c)
    for s in find_assignment("assignment4").checks
    for c in s.checks
}


def paste(lines: list[str], function: str, outputs: int = 1) -> list[Any]:
    """Run the lines in a fresh session and give the arguments that the function is called with."""
    called: list[Any] = []

    def note(*args: Any) -> Any:
        called.extend(args)
        return range(outputs)

    exec("\n".join(lines), {function: note})
    return called


@pytest.mark.parametrize("name", CHECKS)
@given(seed=st.integers(0, 2**32))
def test_the_pasted_call_has_the_arguments_of_the_example(name: str, seed: int) -> None:
    spec, check = CHECKS[name]
    (example,) = check.inputs.bulk(np.random.default_rng(seed), 1)
    outputs = 1 if spec.normalise else len(spec.outputs)
    got = paste(counterexample.lines(spec, example), spec.function, outputs)
    assert len(got) == len(example.args)
    for value, wanted in zip(got, example.args, strict=True):
        same(value, wanted)


def same(value: Any, wanted: Any) -> None:
    if isinstance(wanted, Seed):
        expected = np.random.default_rng(wanted.seed)
        assert value.bit_generator.state == expected.bit_generator.state
    elif not isinstance(wanted, np.ndarray):
        assert value == wanted
    else:
        assert (value.shape, value.dtype) == (wanted.shape, wanted.dtype)
        if wanted.size <= counterexample.ELEMENTS:
            assert value.tobytes() == wanted.tobytes()
            assert layout_of(value) == layout_of(wanted) or layout_of(value) == "C"
        elif wanted.dtype.kind in "iu":
            assert value.min() >= wanted.min()
            assert value.max() <= wanted.max()


def test_large_arrays_are_drawn_as_large() -> None:
    z = np.random.default_rng(5).normal(0, 1e20, (40, 50)).astype(np.float32)
    lines = counterexample.lines(FunctionChecks("f", ("a",), ()), Example({"z": z}, {}))
    (value,) = paste(lines, "f")
    assert 0.5 < np.std(value.astype(float)) / np.std(z.astype(float)) < 2
    assert max(map(len, lines)) < 160


WRONG = {
    "relu_forward": "return np.abs(z)",
    "relu_backward": "return np.where(da > 0, da, 0.0)",
    "softmax": "return np.exp(z) / np.exp(z).sum()",
    "dense_forward": "return x @ w",
    "sgd_update": "return param + learning_rate * grad",
}
SIGNATURES = {
    "relu_forward": "z",
    "relu_backward": "da, z",
    "softmax": "z",
    "dense_forward": "x, w, b",
    "sgd_update": "param, grad, learning_rate",
}


@pytest.mark.parametrize("function", WRONG)
def test_a_student_who_pastes_it_sees_the_value_reported(
    function: str, submission: Callable[[str], Submission], assignment4: Assignment
) -> None:
    source = f"import numpy as np\ndef {function}({SIGNATURES[function]}):\n    {WRONG[function]}\n"
    spec = next(spec for spec in assignment4.checks if spec.function == function)
    with StudentProcess(submission(source)) as student:
        run = FunctionRun(spec, student, 1)
        outcome = run.run(shrink_seconds=20.0)[0]
        points = Points(function, outcome.check.name, 1)
        check = _as_result(assignment4.misconceptions, run, outcome, points)
    example = check.counterexample
    assert example is not None
    assert example.got is not None
    session: dict[str, Any] = {}
    exec(source, session)
    exec("\n".join(example.code), session)
    assert f"{float(eval(words.element(example), session)):.10g}" == example.got
    assert example.got != example.expected
    assert sum(map(len, example.code)) < 600
