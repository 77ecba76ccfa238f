"""A whole assignment of one function, graded in a fraction of a second, and a class for it."""

from __future__ import annotations

import zipfile
from pathlib import Path

SETTINGS = """
schema = 1
slug = "relu"
title = { en = "ReLU", ja = "ReLU" }
[limits]
load_seconds = 2.0
[[checks]]
function = "relu_forward"
name = "values"
points = 4
"""
CHECKS = """
from densefit import reference
from grader import tolerances
from grader.checks import Check, FunctionChecks, laws
from grader.i18n import text
from grader.strategies import AnyShape, Inputs

law = laws.agreement(("a",), (reference.relu_forward,), tolerances.relu_forward)
check = Check("values", text("values"), Inputs({"z": AnyShape()}), (law,))
CHECKS = (FunctionChecks("relu_forward", ("a",), (check,), reference.relu_forward),)
"""
SOURCES = {
    "good": "import numpy as np\ndef relu_forward(z):\n    return np.maximum(z, 0)\n",
    "wrong": "import numpy as np\ndef relu_forward(z):\n    return np.abs(z)\n",
    "dies": "import os\nos._exit(0)\n",
    "empty": "",
}
POINTS = {"good": 4, "wrong": 0, "dies": 0, "empty": 0}
NAMES = ("山田 太郎", "髙﨑 花子", "O'Neil-Smith", "Zoë", "=cmd|' C calc'!A0", "<b>bold")


def make(folder: Path) -> Path:
    """Write the assignment; its folder is its name for the grader."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "assignment.toml").write_text(SETTINGS)
    (folder / "checks.py").write_text(CHECKS)
    return folder


def moodle_zip(path: Path, count: int) -> dict[str, int]:
    """A download of ``count`` students; the points each of them deserves, by participant."""
    kinds = list(SOURCES)
    expected = {}
    with zipfile.ZipFile(path, "w") as made:
        for i in range(count):
            kind, name = kinds[i % len(kinds)], NAMES[i % len(NAMES)]
            number = str(500 + i)
            source = SOURCES[kind] and f"# {number}\n{SOURCES[kind]}"
            made.writestr(f"{name}_{number}_assignsubmission_file/submission.py", source)
            expected[number] = POINTS[kind]
    return expected
