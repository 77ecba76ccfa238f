"""Losses, by name, as functions or as objects, with Keras's names and defaults.

The functions give one value per sample in float64, y_true against y_pred of shape (N, C);
the objects average over the samples. In training the compiled kernels compute the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit import ops
from densefit._lookup import find, outside

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CosineSimilarity",
    "Hinge",
    "KLDivergence",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
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

Array = NDArray[np.float64]
Targets = Literal["labels", "one-hot", "values"]

# Keras keeps probabilities this far from 0 and 1 before it takes logarithms.
_EPSILON = 1e-7


def _float64(*arrays: ArrayLike) -> tuple[Array, ...]:
    return tuple(np.asarray(a, dtype=np.float64) for a in arrays)


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _log_probabilities(y_pred: Array, from_logits: bool) -> Array:
    if from_logits:
        return _log_softmax(y_pred)
    p = y_pred / y_pred.sum(axis=-1, keepdims=True)
    return np.asarray(np.log(np.clip(p, _EPSILON, 1 - _EPSILON)))


def categorical_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: float = 0.0
) -> Array:
    """-Σ_c y_true·log p, shapes (N, C), (N, C) → (N,); p = softmax(y_pred) if from_logits."""
    target, pred = _float64(y_true, y_pred)
    target = target * (1 - label_smoothing) + label_smoothing / pred.shape[-1]
    return np.asarray(-(target * _log_probabilities(pred, from_logits)).sum(axis=-1))


def sparse_categorical_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False
) -> Array:
    """-log p[y_true], shapes (N,), (N, C) → (N,); p = softmax(y_pred) if from_logits."""
    (pred,) = _float64(y_pred)
    labels = ops.as_labels("y_true", np.asarray(y_true).reshape(pred.shape[:-1]), pred.shape[-1])
    log_p = _log_probabilities(pred, from_logits)
    return np.asarray(-np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0])


def binary_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: float = 0.0
) -> Array:
    """Mean over the outputs of -(y·log p + (1-y)·log(1-p)); p = sigmoid(y_pred) if from_logits."""
    target, pred = _float64(y_true, y_pred)
    target = target * (1 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        loss = np.maximum(pred, 0) - pred * target + np.log1p(np.exp(-np.abs(pred)))
    else:
        p = np.clip(pred, _EPSILON, 1 - _EPSILON)
        loss = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    return np.asarray(loss.mean(axis=-1))


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the outputs of (y_true - y_pred)², (N, M), (N, M) → (N,)."""
    target, pred = _float64(y_true, y_pred)
    return np.asarray(((target - pred) ** 2).mean(axis=-1))


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the outputs of |y_true - y_pred|, (N, M), (N, M) → (N,)."""
    target, pred = _float64(y_true, y_pred)
    return np.asarray(np.abs(target - pred).mean(axis=-1))


def kl_divergence(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Σ_c y_true·log(y_true / y_pred), both kept within [1e-7, 1], (N, C), (N, C) → (N,)."""
    target, pred = (np.clip(a, _EPSILON, 1) for a in _float64(y_true, y_pred))
    return np.asarray((target * np.log(target / pred)).sum(axis=-1))


def cosine_similarity(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """-cos of the angle between y_true and y_pred, (N, M), (N, M) → (N,); -1 is best."""
    target, pred = (
        a / np.maximum(np.linalg.norm(a, axis=-1, keepdims=True), _EPSILON)
        for a in _float64(y_true, y_pred)
    )
    return np.asarray(-(target * pred).sum(axis=-1))


def hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the outputs of max(1 - y·y_pred, 0), y being ±1, or 0 for -1."""
    target, pred = _float64(y_true, y_pred)
    target = np.where(target == 0, -1, target)
    return np.asarray(np.maximum(1 - target * pred, 0).mean(axis=-1))


class Loss:
    """A loss with its settings; calling it gives the mean over the samples.

    ``targets`` says what y_true is: integer ``labels``, ``one-hot`` rows or ``values``.
    """

    function: Callable[..., Array]
    targets: Targets = "values"

    def __init__(
        self, *, name: str | None = None, from_logits: bool = False, label_smoothing: float = 0.0
    ) -> None:
        """Raise ValueError unless 0 ≤ label_smoothing ≤ 1."""
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"label_smoothing must be from 0 to 1, got {label_smoothing!r}")
        self.name = self.kind if name is None else str(name)
        self.from_logits = bool(from_logits)
        self.label_smoothing = float(label_smoothing)

    @property
    def kind(self) -> str:
        """The name of the formula, in the compiled kernels too."""
        return type(self).function.__name__

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Mean over the samples of weight · loss."""
        each = type(self).function(y_true, y_pred, **self._settings())
        weight = 1.0 if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return float(np.mean(weight * each))

    def compiled(self) -> ops.Loss:
        """What the kernels' training takes."""
        return ops.Loss(self.kind, self.from_logits, self.label_smoothing)

    def _settings(self) -> dict[str, Any]:
        settings = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing}
        return {key: value for key, value in settings.items() if value}

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, defaults left out."""
        return {"name": self.name} | self._settings()


class SparseCategoricalCrossentropy(Loss):
    """-log p[label], for integer labels 0 … C-1."""

    function = staticmethod(sparse_categorical_crossentropy)
    targets = "labels"

    def __init__(
        self, from_logits: bool = False, name: str = "sparse_categorical_crossentropy"
    ) -> None:
        super().__init__(name=name, from_logits=from_logits)


class CategoricalCrossentropy(Loss):
    """-Σ y·log p, for one-hot rows."""

    function = staticmethod(categorical_crossentropy)
    targets = "one-hot"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        name: str = "categorical_crossentropy",
    ) -> None:
        super().__init__(name=name, from_logits=from_logits, label_smoothing=label_smoothing)


class BinaryCrossentropy(Loss):
    """-(y·log p + (1-y)·log(1-p)), for targets 0 and 1."""

    function = staticmethod(binary_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        name: str = "binary_crossentropy",
    ) -> None:
        super().__init__(name=name, from_logits=from_logits, label_smoothing=label_smoothing)


class _Plain(Loss):
    """A loss without settings."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name)


class MeanSquaredError(_Plain):
    """(y - p)², averaged over the outputs."""

    function = staticmethod(mean_squared_error)


class MeanAbsoluteError(_Plain):
    """|y - p|, averaged over the outputs."""

    function = staticmethod(mean_absolute_error)


class KLDivergence(_Plain):
    """Σ y·log(y / p), for distributions."""

    function = staticmethod(kl_divergence)
    targets = "one-hot"


class CosineSimilarity(_Plain):
    """-cos of the angle between y and p."""

    function = staticmethod(cosine_similarity)


class Hinge(_Plain):
    """max(1 - y·p, 0), y being ±1 or 0 and 1."""

    function = staticmethod(hinge)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
kld = KLD = kullback_leibler_divergence = kl_divergence

CLASSES: tuple[type[Loss], ...] = (
    SparseCategoricalCrossentropy,
    CategoricalCrossentropy,
    BinaryCrossentropy,
    MeanSquaredError,
    MeanAbsoluteError,
    KLDivergence,
    CosineSimilarity,
    Hinge,
)
_KNOWN: dict[str, Callable[[], Loss]] = {
    **{cls.function.__name__: cls for cls in CLASSES},
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "kld": KLDivergence,
    "kullback_leibler_divergence": KLDivergence,
    "bce": BinaryCrossentropy,
}
NAMES = tuple(_KNOWN)

_ADVICE = f"its losses are {', '.join(cls.__name__ for cls in CLASSES)}"
_KERAS_ONLY = (
    "BinaryFocalCrossentropy CategoricalFocalCrossentropy CategoricalHinge SquaredHinge Huber"
    " LogCosh MeanAbsolutePercentageError MeanSquaredLogarithmicError Poisson CTC Dice Tversky"
)
__getattr__ = outside(__name__, dict.fromkeys(_KERAS_ONLY.split(), _ADVICE), __all__)


def get(identifier: object) -> Loss:
    """The loss for a name, a function, a class or an object of this module.

    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if isinstance(identifier, str):
        return find("loss", identifier, _KNOWN)()
    if isinstance(identifier, Loss):
        return identifier
    for cls in CLASSES:
        if identifier is cls or identifier is cls.function:
            return _KNOWN[cls.function.__name__]()
    raise TypeError(
        f"loss must be a name ({', '.join(_KNOWN)}) or a function or object of densefit.losses,"
        f" got {identifier!r}"
    )
