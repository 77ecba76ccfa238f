"""check50: each check imports the submission into a process forked for it."""

from __future__ import annotations

import json

from benchmarks.graders.base import Grader

__all__ = ["Check50"]

CHECKS = '''import check50
import check50.py
import numpy as np


def relu(z):
    return check50.py.import_("submission.py").relu_forward(np.array(z))


def agrees(z, expected):
    found = relu(z)  # loads the submission, as an import at the top would
    if not np.allclose(found, expected):
        raise check50.Failure("wrong values")


@check50.check()
def positive():
    """positive numbers stay"""
    agrees([1.0, 2.0], [1.0, 2.0])


@check50.check()
def negative():
    """negative numbers become zero"""
    agrees([-1.0, 0.0], [0.0, 0.0])


@check50.check()
def shape():
    """the shape stays"""
    if relu(np.zeros((3, 4))).shape != (3, 4):
        raise check50.Failure("wrong shape")
'''


class Check50(Grader):
    """``check50 --dev``, which runs here and downloads nothing."""

    package = "check50"
    how = "`check50 --dev`: three examples, in a forked process"
    result_file = "result.json"

    def prepare(self) -> None:
        """A package of checks."""
        checks = self.folder / "checks"
        checks.mkdir()
        (checks / ".cs50.yml").write_text("check50: true\n", "utf-8")
        (checks / "__init__.py").write_text(CHECKS, "utf-8")

    def command(self) -> list[str]:
        """Results as JSON into a file."""
        options = ["--dev", "--log-level", "warning", "--output", "json"]
        return [self.program("check50"), *options, "--output-file", self.result_file, "checks"]

    def score(self, said: str) -> tuple[float, float]:
        """One point for each check."""
        found = json.loads(said)["results"]
        return sum(check["passed"] is True for check in found), len(found)
