"""Metrics reported beside the loss: accuracy, and the losses under their own names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from densefit import losses, ops
from densefit._lookup import find, outside
from densefit.losses import Loss

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
    "get",
]


class Metric:
    """A number read off the totals of an epoch."""

    def __init__(self, name: str) -> None:
        self.name = str(name)

    def check(self, loss: Loss) -> None:
        """Raise ValueError if the metric cannot be computed beside ``loss``."""

    def value(self, totals: ops.Totals) -> float:
        """The metric over the samples of ``totals``."""
        raise NotImplementedError


class Accuracy(Metric):
    """Share of samples classified rightly.

    Right means: the most active output is the class, or with one output, it is above ½ where
    the target is 1. Which applies follows from the targets, as with Keras's ``'accuracy'``.
    """

    def __init__(self, name: str = "accuracy") -> None:
        super().__init__(name)

    def value(self, totals: ops.Totals) -> float:
        """Share of the samples that are correct; sample weights do not count, as in Keras."""
        return totals.correct / totals.samples if totals.samples else 0.0


class _AccuracyOf(Accuracy):
    """Accuracy for one kind of targets only."""

    kinds: tuple[str, ...] = ()
    own_name = "accuracy"

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name or self.own_name)

    def check(self, loss: Loss) -> None:
        """Raise ValueError if the targets of ``loss`` are of another kind."""
        if loss.kind not in self.kinds:
            raise ValueError(
                f"metric {self.name!r} does not fit the loss {loss.kind!r}:"
                " use metrics=['accuracy'], which follows the loss"
            )


class SparseCategoricalAccuracy(_AccuracyOf):
    """Accuracy for integer labels."""

    kinds = ("sparse_categorical_crossentropy",)
    own_name = "sparse_categorical_accuracy"


class CategoricalAccuracy(_AccuracyOf):
    """Accuracy for one-hot rows."""

    kinds = ("categorical_crossentropy", "kl_divergence", "mean_squared_error")
    own_name = "categorical_accuracy"


class BinaryAccuracy(_AccuracyOf):
    """Accuracy for targets 0 and 1."""

    kinds = ("binary_crossentropy",)
    own_name = "binary_accuracy"


class LossMetric(Metric):
    """The mean of a loss, without regularisation penalties."""

    def __init__(self, loss: Loss, name: str | None = None) -> None:
        super().__init__(name or loss.name)
        self.loss = loss

    def check(self, loss: Loss) -> None:
        """Raise ValueError unless the model is trained with this very loss."""
        if (loss.kind, loss.get_config() | {"name": ""}) != (
            self.loss.kind,
            self.loss.get_config() | {"name": ""},
        ):
            raise ValueError(
                f"metric {self.name!r} can only be reported when it is the loss too; the loss is"
                f" {loss.kind!r}: use metrics=['accuracy'] or call"
                f" losses.{self.loss.kind}(y, model.predict(x))"
            )

    def value(self, totals: ops.Totals) -> float:
        """Sum of the losses / weight of the samples."""
        return totals.loss / totals.weight if totals.weight else 0.0


def _metric_of(cls: Callable[..., Loss]) -> Callable[..., LossMetric]:
    def metric(*args: Any, **kwargs: Any) -> LossMetric:
        return LossMetric(cls(*args, **kwargs))

    metric.__name__ = metric.__qualname__ = cls.__name__
    metric.__doc__ = f"``losses.{cls.__name__}`` as a metric, with the same arguments."
    return metric


def _loss_metric(loss: str, name: str) -> LossMetric:
    return LossMetric(losses.get(loss), name)


SparseCategoricalCrossentropy = _metric_of(losses.SparseCategoricalCrossentropy)
CategoricalCrossentropy = _metric_of(losses.CategoricalCrossentropy)
BinaryCrossentropy = _metric_of(losses.BinaryCrossentropy)
MeanSquaredError = _metric_of(losses.MeanSquaredError)
MeanAbsoluteError = _metric_of(losses.MeanAbsoluteError)
KLDivergence = _metric_of(losses.KLDivergence)
CosineSimilarity = _metric_of(losses.CosineSimilarity)
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
_ADVICE = "metrics are 'accuracy' and the loss; compute others from model.predict(x)"
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
    return found
