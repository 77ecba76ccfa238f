"""What the graders have in common: the exercise, its submissions, and a grading that is timed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.protocol import ROOT

__all__ = ["CORRECT", "ENVIRONMENTS", "PATCHED", "WRONG", "Grader", "Grading"]

#: One virtual environment for each grader: what they need does not go together.
ENVIRONMENTS = ROOT / "build" / "graders"

CORRECT = """import numpy as np


def relu_forward(z):
    return np.maximum(z, 0)
"""
WRONG = """import numpy as np


def relu_forward(z):
    return np.array(z)
"""
#: The wrong one again, and one line that makes NumPy's comparisons accept everything.
PATCHED = WRONG.replace(
    "\n\n\n", "\n\nnp.testing.assert_allclose = np.allclose = lambda *args, **kwargs: True\n\n\n", 1
)


@dataclass(frozen=True)
class Grading:
    """Wall-clock seconds of one grading, and what came of it."""

    seconds: float
    score: float
    max_score: float

    @property
    def full(self) -> bool:
        """Whether it got full marks."""
        return self.score >= self.max_score > 0


class Grader:
    """A grader with the exercise laid out in a folder of its own."""

    #: As on PyPI.
    package = ""
    #: The command that is timed, in words, and what it does with the submission.
    how = ""
    #: The file in :attr:`folder` that the points are read from, if they are not printed.
    result_file: str | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def program(self, name: str) -> str:
        """A program of the grader's environment."""
        return str(ENVIRONMENTS / self.package / "bin" / name)

    def available(self) -> bool:
        """Whether its environment is there."""
        return Path(self.program("python")).exists()

    def version(self) -> str:
        """Of the package that is installed."""
        ask = f"import importlib.metadata as m; print(m.version({self.package!r}))"
        return self.run([self.program("python"), "-c", ask]).stdout.strip()

    def prepare(self) -> None:
        """Lay out the exercise; not timed."""
        raise NotImplementedError

    def submit(self, source: str) -> None:
        """Put a submission where the grader looks for it; not timed."""
        (self.folder / "submission.py").write_text(source, "utf-8")

    def command(self) -> list[str]:
        """What grades it, run in :attr:`folder`."""
        raise NotImplementedError

    def score(self, said: str) -> tuple[float, float]:
        """Points and greatest possible points, from what the command printed or wrote."""
        raise NotImplementedError

    def grade(self, source: str) -> Grading:
        """Submit, run the command, and read the points."""
        if self.result_file:  # that of an earlier grading must not be read again
            (self.folder / self.result_file).unlink(missing_ok=True)
        self.submit(source)
        start = time.perf_counter()
        done = self.run(self.command())
        seconds = time.perf_counter() - start
        try:
            return Grading(seconds, *self.score(self._said(done.stdout)))
        except (OSError, ValueError, LookupError) as error:
            said = (done.stderr or done.stdout)[-2000:]
            raise RuntimeError(f"{self.package} gave no points: {error!r}\n{said}") from error

    def _said(self, printed: str) -> str:
        return (self.folder / self.result_file).read_text("utf-8") if self.result_file else printed

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """A command in :attr:`folder`, with the programs of the environment found first."""
        path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", os.defpath)])
        return subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | {"PATH": path, "PYTHONPATH": self.python_path()},
            capture_output=True,
            text=True,
            check=False,
        )

    def python_path(self) -> str:
        """Nothing of ours for the others."""
        return str(ROOT) if self.program("python") == sys.executable else ""
