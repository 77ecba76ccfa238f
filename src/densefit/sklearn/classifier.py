"""The classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import column_or_1d

from densefit.batching import Samples
from densefit.sklearn.base import Array, BaseMLP
from densefit.sklearn.heads import Head, logistic_head, softmax_head

__all__ = ["MLPClassifier"]


class MLPClassifier(ClassifierMixin, BaseMLP):
    """softmax(… relu(x·W₁ + b₁) …), trained on the cross-entropy by mini-batches.

    Takes the parameters of ``sklearn.neural_network.MLPClassifier``, with its defaults:

    hidden_layer_sizes : units of each hidden layer; () for none, that is logistic regression
    activation : of the hidden layers, ``relu``, ``logistic``, ``tanh``, ``identity`` or any other
        name of ``densefit.activations``
    solver : ``adam``, ``sgd``, ``rmsprop``, ``adagrad`` or ``adadelta``
    alpha : factor of the penalty alpha / (2·n) Σw², n being the samples of a mini-batch
    batch_size : samples of a mini-batch; "auto" is min(200, n_samples)
    learning_rate : for sgd, ``constant``, ``invscaling`` or ``adaptive``
    learning_rate_init, power_t, momentum, nesterovs_momentum, beta_1, beta_2, epsilon : numbers
        of the solver
    max_iter : epochs at most
    tol, n_iter_no_change : the training has converged when the loss (with ``early_stopping`` the
        validation accuracy) has not become better by tol for more than n_iter_no_change epochs
    early_stopping, validation_fraction : hold out this share of the samples, stop by them, and
        keep the weights of the best epoch
    shuffle, random_state : the order of the samples; seeds order and initial weights
    warm_start : ``fit`` goes on from the weights it has
    verbose : print the loss of every epoch
    dropout : share of the hidden units dropped in training (densefit's own parameter)

    Targets are classes of any type (n_samples,), or a 0/1 matrix (n_samples, n_labels) of labels
    of which any number may hold. After ``fit``: ``classes_``, ``n_features_in_``,
    ``feature_names_in_``, ``coefs_``, ``intercepts_``, ``n_iter_``, ``t_``, ``loss_``,
    ``loss_curve_``, ``best_loss_``, ``validation_scores_``, ``best_validation_score_``,
    ``n_layers_``, ``n_outputs_``, ``out_activation_``, and ``model_``, the ``Sequential`` itself.
    """

    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train one epoch on this part of the data; return self.

        The first call needs ``classes``, all that will ever come. Raises ValueError without them,
        for other ones later, and as ``fit`` does.
        """
        reset = not hasattr(self, "model_")
        if classes is not None:
            self._announce(np.asarray(unique_labels(classes)), reset)
        elif reset:
            raise ValueError("classes must be passed on the first call to partial_fit")
        try:
            return self._partial_fit(X, y, sample_weight, reset)
        finally:
            self._announced = None

    def predict(self, X: ArrayLike) -> Array:
        """The most probable class of each row of ``X`` (n_samples, n_features).

        For multilabel targets a 0/1 matrix. Raises NotFittedError before ``fit``.
        """
        decided = self._decide(self._predicted(X))
        return np.asarray(decided if self._multilabel else self.classes_[decided])

    def predict_proba(self, X: ArrayLike) -> Array:
        """The probability of every class, (n_samples, n_classes), in the order of ``classes_``."""
        p = self._predicted(X)
        return np.hstack([1 - p, p]) if self._is_binary() else p

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """log of ``predict_proba``; -inf where a probability is 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    _announced: Array | None = None

    def _announce(self, classes: Array, reset: bool) -> None:
        if not reset and not np.array_equal(classes, self.classes_):
            raise ValueError(f"classes are {self.classes_} since the first call, now {classes}")
        self._announced = classes

    def _encode(self, y: Array, reset: bool) -> Array:
        check_classification_targets(y)
        multilabel = type_of_target(y, input_name="y").startswith("multilabel")
        if multilabel:
            y = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
        elif y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        elif y.ndim != 1:
            raise ValueError(f"y must be of shape (n_samples,) or a 0/1 matrix, got {y.shape}")
        if reset:
            self._multilabel = multilabel
            self.classes_ = self._classes_of(y)
        if multilabel != self._multilabel:
            raise ValueError("y was given in another form before: as labels or as a 0/1 matrix")
        return self._multilabel_targets(y) if multilabel else self._class_targets(y)

    def _classes_of(self, y: Array) -> Array:
        if self._announced is not None:
            return self._announced
        return np.arange(y.shape[1]) if y.ndim == 2 else np.unique(y)

    def _multilabel_targets(self, y: Array) -> Array:
        if y.shape[1] != len(self.classes_):
            raise ValueError(f"y must have {len(self.classes_)} columns, got {y.shape[1]}")
        return y.astype(np.float64)

    def _class_targets(self, y: Array) -> Array:
        if unknown := sorted(set(y.tolist()) - set(self.classes_.tolist())):
            raise ValueError(
                f"y has the class {unknown[0]!r}, which is not among {self.classes_.tolist()}"
            )
        index = np.searchsorted(self.classes_, y)
        return index.astype(np.float64)[:, None] if self._is_binary() else index

    def _is_binary(self) -> bool:
        """Whether one output tells the second class from the first."""
        return not self._multilabel and len(self.classes_) <= 2

    def _new_head(self, targets: Array) -> Head:
        if targets.ndim == 2:
            return logistic_head(targets.shape[1])
        return softmax_head(len(self.classes_))

    def _strata(self, targets: Array) -> Array | None:
        return None if self._multilabel else targets

    def _decide(self, outputs: Array) -> Array:
        """Indices of classes, or for multilabel targets a matrix of 0 and 1."""
        if self._multilabel:
            return (outputs > 0.5).astype(np.int64)
        if self._is_binary():
            # One class alone is always right.
            return np.minimum(outputs[:, 0] > 0.5, len(self.classes_) - 1).astype(np.int64)
        return np.asarray(outputs.argmax(axis=1))

    def _score_of(self, outputs: Array, held: Samples) -> float:
        truth = held.y[:, 0] if self._is_binary() else held.y
        return float(accuracy_score(truth, self._decide(outputs), sample_weight=held.weight))

    def __sklearn_tags__(self) -> Any:
        """Multilabel targets are taken too."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
