"""Learning curves read as a teacher reads them: underfitting, a good fit or overfitting, and why.

``diagnose(history)`` gives a :class:`Diagnosis`; ``read_log(path)`` reads histories from files.
"""

from __future__ import annotations

from densefit.learning_curves.diagnosing import diagnose
from densefit.learning_curves.diagnosis import VERDICTS, Diagnosis, Verdict
from densefit.learning_curves.history import HistoryError, Text
from densefit.learning_curves.logs import read_log
from densefit.learning_curves.shapes import SHAPES

__all__ = [
    "SHAPES",
    "VERDICTS",
    "Diagnosis",
    "HistoryError",
    "Text",
    "Verdict",
    "diagnose",
    "read_log",
]
