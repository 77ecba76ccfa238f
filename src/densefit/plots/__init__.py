"""Pictures of training: every function takes Axes, draws on them, and returns them.

What colours tell, line styles, markers or signs tell too, and the colours are ones that every
kind of colour vision tells apart. ``lang="ja"`` labels in Japanese.
"""

from densefit.plots._runs import HasHistory, Run, Runs
from densefit.plots.boundary import HasPredict, decision_boundary
from densefit.plots.confusion import confusion_matrix
from densefit.plots.curves import learning_curve, learning_curves
from densefit.plots.network import network
from densefit.plots.predictions import prediction_grid
from densefit.plots.weights import first_layer_weights

__all__ = [
    "HasHistory",
    "HasPredict",
    "Run",
    "Runs",
    "confusion_matrix",
    "decision_boundary",
    "first_layer_weights",
    "learning_curve",
    "learning_curves",
    "network",
    "prediction_grid",
]
