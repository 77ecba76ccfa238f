"""Who is compared."""

from __future__ import annotations

from benchmarks.graders.base import Grader
from benchmarks.graders.check50 import Check50
from benchmarks.graders.densefit import Densefit
from benchmarks.graders.gradescope import Gradescope
from benchmarks.graders.nbgrader import Nbgrader
from benchmarks.graders.otter import Otter

__all__ = ["GRADERS"]

GRADERS: tuple[type[Grader], ...] = (Densefit, Otter, Nbgrader, Check50, Gradescope)
