"""scikit-learn's ``MLPClassifier``: ``partial_fit``, which is one epoch per call.

The rows are put into the order of training beforehand, at no cost to scikit-learn:
``shuffle=False``, and several epochs' rows are one long epoch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from benchmarks.peers.base import ADAM, Rows, Trainer

__all__ = ["SklearnTrainer"]


class SklearnTrainer(Trainer):
    """Plain SGD or Adam, without the L2 penalty it has by default."""

    @staticmethod
    def versions() -> dict[str, str]:
        """scikit-learn's."""
        return {"scikit-learn": sklearn.__version__}

    def prepare(self, rows: Rows) -> None:
        """Order the rows."""
        self._x, self._y = rows.shuffled()
        self._first = rows.x[:1], rows.y[:1]

    def reset(self) -> None:
        """Let one sample create the attributes, then overwrite them."""
        workload = self.workload
        self._model = MLPClassifier(
            workload.widths[1:-1],
            solver=workload.optimizer,
            alpha=0.0,
            batch_size=workload.batch_size,
            learning_rate_init=workload.learning_rate,
            shuffle=False,
            momentum=0.0,
            nesterovs_momentum=False,
            **ADAM,
        )
        # A batch size of 1 for this sample, as a larger one would be warned of.
        self._model.set_params(batch_size=1)
        self._model.partial_fit(*self._first, classes=np.arange(workload.widths[-1]))
        self._model.set_params(batch_size=workload.batch_size)
        self._model.coefs_ = [w.copy() for w in self.initial[::2]]
        self._model.intercepts_ = [b.copy() for b in self.initial[1::2]]
        del self._model._optimizer  # made anew for these arrays

    def run(self) -> None:
        """One call of ``partial_fit``."""
        self._model.partial_fit(self._x, self._y)

    def weights(self) -> list[NDArray[Any]]:
        """``coefs_`` and ``intercepts_``, alternating."""
        pairs = zip(self._model.coefs_, self._model.intercepts_, strict=True)
        return [array for pair in pairs for array in pair]
