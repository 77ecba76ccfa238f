"""gradescope-utils: unittest in the process that imports the submission."""

from __future__ import annotations

import json

from benchmarks.graders.base import Grader

__all__ = ["Gradescope"]

TESTS = """import unittest

import numpy as np
from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from submission import relu_forward


class Test(unittest.TestCase):
    @weight(1)
    def test_positive(self):
        np.testing.assert_allclose(relu_forward(np.array([1.0, 2.0])), [1.0, 2.0])

    @weight(1)
    def test_negative(self):
        np.testing.assert_allclose(relu_forward(np.array([-1.0, 0.0])), [0.0, 0.0])

    @weight(1)
    def test_shape(self):
        assert relu_forward(np.zeros((3, 4))).shape == (3, 4)


JSONTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(Test))
"""


class Gradescope(Grader):
    """``run_tests.py`` as in Gradescope's container, without the container."""

    package = "gradescope-utils"
    how = "`JSONTestRunner`: three examples, in the tests' process"

    def prepare(self) -> None:
        """The tests, beside the submission."""
        (self.folder / "run_tests.py").write_text(TESTS, "utf-8")

    def command(self) -> list[str]:
        """Results as JSON on the standard output."""
        return [self.program("python"), "run_tests.py"]

    def score(self, said: str) -> tuple[float, float]:
        """The sums over the tests."""
        tests = json.loads(said)["tests"]
        return sum(t["score"] for t in tests), sum(t["max_score"] for t in tests)
