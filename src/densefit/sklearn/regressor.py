"""The regressor."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import column_or_1d

from densefit.batching import Samples
from densefit.sklearn.base import Array, BaseMLP
from densefit.sklearn.heads import Head, identity_head

__all__ = ["MLPRegressor"]


class MLPRegressor(RegressorMixin, BaseMLP):
    """… relu(x·W₁ + b₁) …·W + b, trained on ½ Σ (y - p)² by mini-batches.

    Takes the parameters of ``sklearn.neural_network.MLPRegressor``, with its defaults; what they
    mean stands at ``MLPClassifier``. With ``early_stopping`` the validation score is R².

    Targets are numbers, (n_samples,) or (n_samples, n_outputs). After ``fit``:
    ``n_features_in_``, ``feature_names_in_``, ``coefs_``, ``intercepts_``, ``n_iter_``, ``t_``,
    ``loss_``, ``loss_curve_``, ``best_loss_``, ``validation_scores_``,
    ``best_validation_score_``, ``n_layers_``, ``n_outputs_``, ``out_activation_``, and ``model_``,
    the ``Sequential`` itself.
    """

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train one epoch on this part of the data; return self. Raises as ``fit`` does."""
        return self._partial_fit(X, y, sample_weight, reset=not hasattr(self, "model_"))

    def predict(self, X: ArrayLike) -> Array:
        """The numbers for each row of ``X`` (n_samples, n_features), in the shape of ``y``.

        Raises NotFittedError before ``fit``.
        """
        predicted = self._predicted(X)
        return predicted[:, 0] if self._flat else predicted

    def _encode(self, y: Array, reset: bool) -> Array:
        targets = np.asarray(y, np.float64)
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = column_or_1d(targets, warn=True)
        columns = targets[:, None] if targets.ndim == 1 else targets
        if not reset and columns.shape[1] != self.n_outputs_:
            raise ValueError(f"y must have {self.n_outputs_} columns, got {columns.shape[1]}")
        self._flat = targets.ndim == 1
        return columns

    def _new_head(self, targets: Array) -> Head:
        return identity_head(targets.shape[1])

    def _score_of(self, outputs: Array, held: Samples) -> float:
        return float(r2_score(held.y, outputs, sample_weight=held.weight))

    def __sklearn_tags__(self) -> Any:
        """Several outputs are taken too."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
