"""The last layer for each kind of target, and the loss that goes with it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Head", "identity_head", "logistic_head", "softmax_head"]


@dataclass(frozen=True)
class Head:
    """Units, activation and loss of the last layer, by densefit's names.

    ``scale`` times densefit's loss of a sample, a mean over the outputs, is scikit-learn's, whose
    gradient with respect to the last layer's z is prediction - target. ``name`` is what
    scikit-learn calls the activation.
    """

    units: int
    name: str
    activation: str
    loss: str
    scale: float = 1.0


def softmax_head(n_classes: int) -> Head:
    """One class of three or more: -log p[label]."""
    return Head(n_classes, "softmax", "softmax", "sparse_categorical_crossentropy")


def logistic_head(n_outputs: int) -> Head:
    """Two classes, or any of several labels: Σ -(y·log p + (1-y)·log(1-p))."""
    return Head(n_outputs, "logistic", "sigmoid", "binary_crossentropy", float(n_outputs))


def identity_head(n_outputs: int) -> Head:
    """Numbers: ½ Σ (y - p)²."""
    return Head(n_outputs, "identity", "linear", "mean_squared_error", n_outputs / 2)
