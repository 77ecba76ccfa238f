"""What the parameters of the estimators may be, and what they mean to densefit."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

from densefit import activations, optimizers
from densefit._lookup import nearest
from densefit.optimizers import Optimizer

__all__ = ["SOLVERS", "activation_name", "batch_size", "check", "hidden_units", "optimizer"]

SOLVERS = ("adam", "sgd", "rmsprop", "adagrad", "adadelta")
LEARNING_RATES = ("constant", "invscaling", "adaptive")
# scikit-learn's names of activations that densefit calls otherwise.
_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}

# Bounds of the numbers: least, greatest, and whether these two are allowed themselves.
_NUMBERS: dict[str, tuple[float, float, bool, bool]] = {
    "alpha": (0, math.inf, True, False),
    "learning_rate_init": (0, math.inf, False, False),
    "power_t": (0, math.inf, True, False),
    "tol": (0, math.inf, True, False),
    "momentum": (0, 1, True, False),
    "validation_fraction": (0, 1, False, False),
    "beta_1": (0, 1, True, False),
    "beta_2": (0, 1, True, False),
    "epsilon": (0, math.inf, False, False),
    "dropout": (0, 1, True, False),
}
_SWITCHES = ("shuffle", "warm_start", "nesterovs_momentum", "early_stopping")


def check(estimator: Any) -> None:
    """Raise TypeError or ValueError, naming it, for the first parameter out of its domain."""
    hidden_units(estimator.hidden_layer_sizes)
    activation_name(estimator.activation)
    _choice("solver", estimator.solver, SOLVERS)
    _choice("learning_rate", estimator.learning_rate, LEARNING_RATES)
    for name, bounds in _NUMBERS.items():
        _number(name, getattr(estimator, name), *bounds)
    for name in ("max_iter", "n_iter_no_change"):
        _count(name, getattr(estimator, name))
    for name in _SWITCHES:
        value = getattr(estimator, name)
        if value not in (True, False):
            raise TypeError(f"{name} must be True or False, got {value!r}")
    if estimator.batch_size != "auto":
        _count("batch_size", estimator.batch_size)


def hidden_units(sizes: Any) -> tuple[int, ...]:
    """The widths of the hidden layers; a single number is one layer, an empty list none.

    Raises TypeError or ValueError for what is no list of positive integers.
    """
    widths = [sizes] if isinstance(sizes, Real) else sizes
    try:
        return tuple(_count("every entry of hidden_layer_sizes", width) for width in widths)
    except TypeError:
        raise TypeError(
            f"hidden_layer_sizes must be a list of integers such as (100, 50), got {sizes!r}"
        ) from None


def activation_name(name: Any) -> str:
    """densefit's name of an activation given by scikit-learn's or its own.

    Raises TypeError for what is no name, ValueError for an unknown one and for softmax.
    """
    if not isinstance(name, str):
        raise TypeError(f"activation must be a name such as 'relu', got {name!r}")
    function = activations.get(_ACTIVATIONS.get(name, name))
    if function.name == "softmax":
        raise ValueError("activation is that of the hidden layers: 'softmax' is for the last one")
    return function.name


def batch_size(value: Any, n_samples: int) -> int:
    """Samples per mini-batch: "auto" is 200, and never more than there are."""
    return min(200 if value == "auto" else int(value), n_samples)


def optimizer(estimator: Any) -> Optimizer:
    """A new optimizer as ``solver`` and the parameters of its kind say."""
    rate = estimator.learning_rate_init
    if estimator.solver == "sgd":
        nesterov = bool(estimator.nesterovs_momentum and estimator.momentum > 0)
        return optimizers.SGD(rate, momentum=estimator.momentum, nesterov=nesterov)
    if estimator.solver == "adam":
        return optimizers.Adam(
            rate, beta_1=estimator.beta_1, beta_2=estimator.beta_2, epsilon=estimator.epsilon
        )
    others: dict[str, Callable[..., Optimizer]] = {
        "rmsprop": optimizers.RMSprop,
        "adagrad": optimizers.Adagrad,
        "adadelta": optimizers.Adadelta,
    }
    return others[estimator.solver](rate, epsilon=estimator.epsilon)


def _choice(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value in known:
        return
    hint = nearest(value, known) if isinstance(value, str) else ""
    if value == "lbfgs":
        hint = " densefit trains in mini-batches only; 'lbfgs' is sklearn.neural_network's."
    raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}.{hint}")


def _number(
    name: str, value: Any, low: float, high: float, with_low: bool, with_high: bool
) -> None:
    if not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    number = float(value)
    above = number >= low if with_low else number > low
    below = number <= high if with_high else number < high
    if not (above and below):
        interval = f"{'[' if with_low else '('}{low}, {high}{']' if with_high else ')'}"
        raise ValueError(f"{name} must lie in {interval}, got {value!r}")


def _count(name: str, value: Any) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be a positive integer, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return int(value)
