"""A result with one of everything that a report may have to show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.i18n import plain, text
from grader.result import (
    CheckResult,
    Counterexample,
    Figure,
    Lateness,
    NamedMisconception,
    Result,
)

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} \"'&"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="120" viewBox="0 0 320 120">'
    '<path d="M10 20 C 60 90 150 100 310 105" fill="none" stroke="#0072b2"/>'
    '<path d="M10 20 C 60 80 150 60 310 30" fill="none" stroke="#d55e00"/></svg>'
)


def check(name: str, status: Any = "passed", points: float = 0, **more: Any) -> CheckResult:
    """One check of ``relu_forward`` unless said otherwise."""
    values = {"function": "relu_forward", "title": text("values"), "max_points": 4.0} | more
    return CheckResult(name=name, status=status, points=points, **values)


PASSED = check("values", points=4)
FAILED = check(
    "agreement",
    "failed",
    message=text("A value differs from what the formula gives."),
    law="agreement",
    counterexample=Counterexample(
        code=("import numpy as np", "z = np.array([-1.0, 2.0])", "relu_forward(z)"),
        shapes={"z": [2]},
        output="a",
        index=(0,),
        got="1",
        expected="0",
        shrunk=True,
    ),
    misconception=NamedMisconception(
        "abs", plain("The absolute value"), plain("Negative z come out positive."), plain("Draw it")
    ),
)
ERROR = check(
    "care",
    "error",
    function="softmax",
    kind="timed out",
    message=plain(f"softmax raised {HOSTILE}"),
    trace=({"file": "submission.py", "line": 3, "text": HOSTILE},),
)
SKIPPED = check(
    "large",
    "skipped",
    function="softmax",
    message=text("Checked once the function gives the right values."),
)
HIDDEN = check("secret", points=4, function="softmax", hidden=True)
OVERRIDDEN = check("late", "failed", 4, function="sgd_update", override=plain("Our own mistake."))
FIGURE = Figure(
    plain("Learning curves"), plain("Both losses fall, then one rises."), "image/svg+xml", SVG
)


def result(*checks: CheckResult, **more: Any) -> Result:
    """A result of these checks."""
    whole = Result(
        assignment="assignment4",
        title=text("values"),
        submission="submission.py",
        digest="0" * 64,
        seed=12345,
        checks=checks,
        isolation={"mode": "auto", "layers": ["separate process"], "missing": ["no network"]},
        versions={"densefit": "0.1.0", "numpy": "2.0"},
    )
    return replace(whole, **more)


EVERYTHING = result(
    PASSED,
    FAILED,
    ERROR,
    SKIPPED,
    HIDDEN,
    OVERRIDDEN,
    notes=(plain(HOSTILE),),
    output=f"{HOSTILE}\nsecond line",
    late=Lateness("2026-07-31T23:59:00+09:00", "2026-08-02T10:00:00+09:00", 2, 20),
    figures=(FIGURE,),
    seconds=1.25,
)
