"""A complete small assignment, as a teacher writes one, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

TOML = """schema = 1
slug = "sigmoid"

[title]
en = "Sigmoid"
ja = "シグモイド"

[[checks]]
function = "sigmoid"
name = "values"
points = 3
"""
CHECKS = """
import numpy as np

from grader.checks import Check, FunctionChecks, laws
from grader.i18n import text
from grader.strategies import AnyShape, Inputs


def reference(z):
    return np.exp(-np.logaddexp(0.0, -np.asarray(z, np.float64)))


def bound(args, precision):
    z = np.asarray(args[0], np.float64)
    return (precision.gamma(20) * (1.0 + np.abs(z)) * reference(z) + precision.tiny,)


inputs = Inputs({"z": AnyShape((0, 1))})
agreement = laws.agreement(("a",), (reference,), bound)
check = Check("values", text("values"), inputs, (agreement, laws.inputs_untouched()))
CHECKS = (FunctionChecks("sigmoid", ("a",), (check,), reference, bound),)
"""
SOLUTION = '''import numpy as np


def sigmoid(z):
    """a = 1 / (1 + exp(-z)), computed so that nothing overflows."""
    return np.exp(-np.logaddexp(0, -z))
'''
VERIFY = """
[[equivalent]]
function = "sigmoid"
before = "return np.exp(-np.logaddexp(0, -z))"
after = "return np.exp(-np.logaddexp(-z, 0))"
reason = "logaddexp is symmetric."
"""
MISCONCEPTIONS = """
import numpy as np

from grader.misconception import Misconception

BOTH = {"en": "words", "ja": "言葉"}
MISCONCEPTIONS = (
    Misconception("sign-lost", "sigmoid", lambda z: 1 / (1 + np.exp(z)), BOTH, BOTH, BOTH),
    Misconception("tanh-instead", "sigmoid", np.tanh, BOTH, BOTH, BOTH),
)
"""


def write(folder: Path) -> None:
    """The files of the assignment."""
    files = {
        "assignment.toml": TOML,
        "checks.py": CHECKS,
        "solution.py": SOLUTION,
        "misconceptions.py": MISCONCEPTIONS,
        "verify.toml": VERIFY,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
