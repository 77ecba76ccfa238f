"""Pictures of training: every function takes Axes, draws on them, and returns them.

What colours tell, line styles, markers or signs tell too, and the colours are ones that every
kind of colour vision tells apart. ``lang="ja"`` labels in Japanese.
"""

from densefit.plots._runs import HasHistory, Run, Runs
from densefit.plots.curves import learning_curve, learning_curves

__all__ = ["HasHistory", "Run", "Runs", "learning_curve", "learning_curves"]
