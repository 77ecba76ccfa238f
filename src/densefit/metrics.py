"""Metrics reported beside the loss: accuracy, and the losses under their own names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from densefit import losses, ops
from densefit._lookup import find, outside
from densefit.losses import (
    Loss,
    binary_crossentropy,
    categorical_crossentropy,
    cosine_similarity,
    hinge,
    kl_divergence,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CosineSimilarity",
    "Hinge",
    "KLDivergence",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "cosine_similarity",
    "get",
    "hinge",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]


class Metric:
    """A number for every sample, averaged over an epoch without sample weights, as in Keras.

    What is reported is ``sign`` times what the kernels measure.
    """

    sign = 1.0

    def __init__(self, name: str) -> None:
        self.name = str(name)

    def check(self, loss: Loss) -> None:
        """Raise ValueError if the metric cannot be computed from the targets of ``loss``."""

    def measure(self, loss: Loss, n_outputs: int) -> ops.Metric:
        """What the kernels compute beside ``loss`` for a network of so many outputs."""
        raise NotImplementedError


class Accuracy(Metric):
    """Share of samples classified rightly, by the rule that the targets ask for.

    With several outputs the most active one must be the class; with one, it must be above ½ just
    where the target is 1. This is how Keras reads the string ``'accuracy'``.
    """

    def __init__(self, name: str = "accuracy") -> None:
        super().__init__(name)

    def measure(self, loss: Loss, n_outputs: int) -> ops.Metric:
        """Binary accuracy for one output, else the accuracy of the most active one."""
        return ops.Accuracy(binary=loss.targets != "labels" and n_outputs == 1)


class SparseCategoricalAccuracy(Accuracy):
    """Share of samples whose most active output is the label."""

    def __init__(self, name: str = "sparse_categorical_accuracy") -> None:
        super().__init__(name)

    def check(self, loss: Loss) -> None:
        """Raise ValueError unless the targets are labels."""
        _check_targets(self.name, "labels", loss, loss.targets == "labels")

    def measure(self, loss: Loss, n_outputs: int) -> ops.Metric:
        """The accuracy of the most active output."""
        return ops.Accuracy()


class CategoricalAccuracy(SparseCategoricalAccuracy):
    """Share of samples whose most active output is where the target is largest."""

    def __init__(self, name: str = "categorical_accuracy") -> None:
        super().__init__(name)

    def check(self, loss: Loss) -> None:
        """Raise ValueError if the targets are labels."""
        _check_targets(self.name, "one-hot rows", loss, loss.targets != "labels")


class BinaryAccuracy(Accuracy):
    """Share of the outputs that are above ``threshold`` just where their target is 1."""

    def __init__(self, name: str = "binary_accuracy", threshold: float = 0.5) -> None:
        """Raise ValueError unless 0 ≤ threshold ≤ 1."""
        super().__init__(name)
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be from 0 to 1, got {threshold!r}")
        self.threshold = float(threshold)

    def check(self, loss: Loss) -> None:
        """Raise ValueError if the targets are labels."""
        _check_targets(self.name, "targets 0 and 1", loss, loss.targets != "labels")

    def measure(self, loss: Loss, n_outputs: int) -> ops.Metric:
        """Binary accuracy."""
        return ops.Accuracy(binary=True, threshold=self.threshold)


def _check_targets(name: str, needed: str, loss: Loss, fit: bool) -> None:
    if not fit:
        raise ValueError(
            f"metric {name!r} takes {needed}, which are not the targets of the loss"
            f" {loss.kind!r}: use metrics=['accuracy'], which follows the loss"
        )


class LossMetric(Metric):
    """The mean of a loss, without penalties and sample weights."""

    def __init__(self, loss: Loss, name: str | None = None) -> None:
        super().__init__(name or loss.name)
        self.loss = loss

    def check(self, loss: Loss) -> None:
        """Raise ValueError if one takes labels and the other rows of values."""
        needed = "labels" if self.loss.targets == "labels" else "rows of values"
        fit = (self.loss.targets == "labels") == (loss.targets == "labels")
        _check_targets(self.name, needed, loss, fit)

    def measure(self, loss: Loss, n_outputs: int) -> ops.Metric:
        """That loss."""
        return self.loss.compiled()


class _Similarity(LossMetric):
    """The cosine itself, whose negative is the loss of that name."""

    sign = -1.0


def _metric_of(
    cls: Callable[..., Loss], kind: type[LossMetric] = LossMetric
) -> Callable[..., LossMetric]:
    def metric(*args: Any, **kwargs: Any) -> LossMetric:
        return kind(cls(*args, **kwargs))

    metric.__name__ = metric.__qualname__ = cls.__name__
    metric.__doc__ = f"``losses.{cls.__name__}`` as a metric, with the same arguments."
    return metric


def _loss_metric(loss: str, name: str) -> LossMetric:
    found = losses.get(loss)
    kind = _Similarity if found.kind == "cosine_similarity" else LossMetric
    return kind(found, name)


SparseCategoricalCrossentropy = _metric_of(losses.SparseCategoricalCrossentropy)
CategoricalCrossentropy = _metric_of(losses.CategoricalCrossentropy)
BinaryCrossentropy = _metric_of(losses.BinaryCrossentropy)
MeanSquaredError = _metric_of(losses.MeanSquaredError)
MeanAbsoluteError = _metric_of(losses.MeanAbsoluteError)
KLDivergence = _metric_of(losses.KLDivergence)
CosineSimilarity = _metric_of(losses.CosineSimilarity, _Similarity)
Hinge = _metric_of(losses.Hinge)

_KNOWN: dict[str, Callable[[str], Metric]] = {
    **{name: partial(_loss_metric, name) for name in losses.NAMES},
    "accuracy": Accuracy,
    "acc": Accuracy,
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "binary_accuracy": BinaryAccuracy,
}

_KERAS_ONLY = (
    "AUC Precision Recall F1Score TruePositives FalsePositives TopKCategoricalAccuracy MeanIoU"
    " RootMeanSquaredError R2Score Mean"
)
_ADVICE = "metrics are 'accuracy' and the losses; compute others from model.predict(x)"
__getattr__ = outside(__name__, dict.fromkeys(_KERAS_ONLY.split(), _ADVICE), __all__)


def get(identifier: object) -> Metric:
    """The metric for a name, a function of ``losses`` or an object of either module.

    A metric given as a string is reported under that very string, as in Keras.
    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Accuracy):
        return identifier()
    if not isinstance(identifier, str):
        return LossMetric(losses.get(identifier))
    return find("metric", identifier, _KNOWN)(identifier)


def get_all(identifiers: object) -> list[Metric]:
    """The metrics of ``compile(metrics=...)``; ValueError if two have one name."""
    if identifiers is None:
        return []
    if not isinstance(identifiers, Sequence) or isinstance(identifiers, str):
        identifiers = [identifiers]
    found = [get(identifier) for identifier in identifiers]
    names = ["loss", *(metric.name for metric in found)]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two metrics are called {name!r}: give one of them another name=")
    if len(found) > ops.MAX_METRICS:
        raise ValueError(f"at most {ops.MAX_METRICS} metrics can be reported, got {len(found)}")
    return found
