"""The grader of this repository: drawn inputs against the reference, in a sandbox."""

from __future__ import annotations

import json
import sys

import densefit
from benchmarks.graders.base import Grader

__all__ = ["Densefit"]

SETTINGS = """schema = 1
slug = "relu"
title = { en = "ReLU", ja = "ReLU" }
[[checks]]
function = "relu_forward"
name = "values"
points = 4
[[checks]]
function = "relu_forward"
name = "care"
points = 1
"""
CHECKS = """from densefit import reference
from grader import tolerances
from grader.checks import Check, FunctionChecks, laws
from grader.strategies import AnyShape, Inputs
inputs = Inputs({"z": AnyShape()})
agrees = laws.agreement(("a",), (reference.relu_forward,), tolerances.relu_forward)
care = (laws.inputs_untouched(), laws.owns_result(), laws.deterministic(("a",)))
title = {"en": "values", "ja": "値"}
checks = (Check("values", title, inputs, (agrees,)), Check("care", title, inputs, care))
CHECKS = (FunctionChecks("relu_forward", ("a",), checks, reference.relu_forward),)
"""


class Densefit(Grader):
    """``grader check``."""

    package = "densefit"
    how = "`grader check`: 20 drawn inputs, in a sandbox"

    def program(self, name: str) -> str:
        """Of the environment that this benchmark runs in."""
        return sys.executable if name == "python" else name

    def version(self) -> str:
        """Of what is being measured, installed or not."""
        return densefit.__version__

    def prepare(self) -> None:
        """An assignment as a teacher writes it."""
        exercise = self.folder / "relu"
        exercise.mkdir()
        (exercise / "assignment.toml").write_text(SETTINGS, "utf-8")
        (exercise / "checks.py").write_text(CHECKS, "utf-8")

    def command(self) -> list[str]:
        """The command line, as JSON."""
        words = ["check", "relu", "submission.py", "--format", "json"]
        return [self.program("python"), "-m", "grader.cli", *words]

    def score(self, said: str) -> tuple[float, float]:
        """The result's own sums."""
        result = json.loads(said)
        return result["score"], result["max_score"]
