"""otter-grader: the submission and the tests run in one kernel."""

from __future__ import annotations

import json

from benchmarks.graders.base import Grader

__all__ = ["Otter"]

TESTS = """import numpy as np
from otter.test_files import test_case

OK_FORMAT = False

name = "relu"
points = 3


@test_case(points=1)
def test_positive(relu_forward):
    np.testing.assert_allclose(relu_forward(np.array([1.0, 2.0])), [1.0, 2.0])


@test_case(points=1)
def test_negative(relu_forward):
    np.testing.assert_allclose(relu_forward(np.array([-1.0, 0.0])), [0.0, 0.0])


@test_case(points=1)
def test_shape(relu_forward):
    assert relu_forward(np.zeros((3, 4))).shape == (3, 4)
"""


class Otter(Grader):
    """``otter run``, its way of grading without a container."""

    package = "otter-grader"
    how = "`otter run`, no container: three examples, in the submission's kernel"
    result_file = "results/results.json"

    def prepare(self) -> None:
        """The zip file that a teacher generates once."""
        tests = self.folder / "tests"
        tests.mkdir()
        (tests / "relu.py").write_text(TESTS, "utf-8")
        (self.folder / "results").mkdir()
        options = ["-t", "tests", "-o", "autograder.zip", "--no-config", "--no-environment"]
        self.run([self.program("otter"), "generate", *options]).check_returncode()

    def command(self) -> list[str]:
        """Results as JSON into a folder."""
        options = ["-a", "autograder.zip", "-o", "results", "--no-logo"]
        return [self.program("otter"), "run", "submission.py", *options]

    def score(self, said: str) -> tuple[float, float]:
        """The sums over the tests; a summary among them has no points."""
        tests = json.loads(said)["tests"]
        return sum(t.get("score", 0) for t in tests), sum(t.get("max_score", 0) for t in tests)
