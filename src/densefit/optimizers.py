"""Optimizers: how a gradient changes the weights, with Keras's names and defaults.

An optimizer holds the learning rate, the count of steps taken and the state of every
parameter; the update itself is compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from densefit import ops, schedules
from densefit._lookup import find, outside
from densefit.schedules import LearningRateSchedule

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Optimizer", "RMSprop", "get", "schedules"]


def _check_rate(value: object) -> float | LearningRateSchedule:
    if isinstance(value, LearningRateSchedule):
        return value
    try:
        rate = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        rate = math.nan
    if not 0 <= rate < math.inf:
        raise ValueError(
            "learning_rate must be a finite number of at least 0 or one of"
            f" optimizers.schedules, got {value!r}"
        )
    return rate


def _fraction(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be from 0 to below 1, got {value!r}")
    return float(value)


def _refuse(name: str, value: bool) -> None:
    if value:
        raise NotImplementedError(f"densefit has no {name}=True: leave it out")


class Optimizer:
    """Learning rate, number of ``iterations`` (mini-batches) so far, and the state."""

    initial_state = 0.0

    def __init__(
        self, learning_rate: object, name: str | None = None, **parameters: float | bool
    ) -> None:
        """``parameters`` are the update rule's own numbers, by their names in Keras."""
        self.learning_rate = learning_rate
        self.name = (type(self).__name__ if name is None else name).lower()
        self.parameters = {key: float(value) for key, value in parameters.items()}
        self.iterations = 0
        self.slots: list[list[NDArray[Any]]] = []
        self._weights: list[NDArray[Any]] | None = None

    @property
    def learning_rate(self) -> float | LearningRateSchedule:
        """The rate, which may be set at any time, or the schedule it follows."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: object) -> None:
        self._learning_rate = _check_rate(value)

    lr = learning_rate

    @property
    def kind(self) -> str:
        """The name of the update rule in the compiled kernels."""
        return type(self).__name__.lower()

    def learning_rates(self, step: int, count: int) -> NDArray[np.float64]:
        """The rates of ``count`` steps beginning with ``step``, shape (count,)."""
        if isinstance(self.learning_rate, LearningRateSchedule):
            rates = self.learning_rate(np.arange(step, step + count))
            return np.ascontiguousarray(np.broadcast_to(rates, count), dtype=np.float64)
        return np.full(count, self.learning_rate)

    def check_supported(self) -> None:
        """Raise ValueError now, not in the first epoch, if the kernels lack the rule."""
        ops.slot_count(self.kind, self.parameters)

    def build(self, weights: Sequence[NDArray[Any]]) -> None:
        """Create the state of ``weights``, arrays of their shapes, unless it is there already.

        Raises ValueError if the state belongs to other weights, those of another model.
        """
        if self._weights is None and not self.slots:
            count = ops.slot_count(self.kind, self.parameters)
            self.slots = [
                [np.full_like(w, self.initial_state) for _ in range(count)] for w in weights
            ]
        if self._weights is None and self._fits(weights):
            self._weights = list(weights)
        elif self._weights is None or [id(w) for w in self._weights] != [id(w) for w in weights]:
            raise ValueError(
                f"this {type(self).__name__} object already trains another model or other layers:"
                " give each model its own, for example compile(optimizer='sgd') or"
                " compile(optimizer=optimizers.SGD(...))"
            )

    def _fits(self, weights: Sequence[NDArray[Any]]) -> bool:
        """Whether the state could be that of ``weights``."""
        return len(weights) == len(self.slots) and all(
            slot.shape == w.shape
            for w, slots in zip(weights, self.slots, strict=True)
            for slot in slots
        )

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the weights: a copy finds its own at its next training."""
        return self.__dict__ | {"_weights": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Copy what comes read-only, out of a memory map: training writes into it."""
        self.__dict__.update(state)
        self.slots = [[np.require(slot, requirements="W") for slot in s] for s in self.slots]

    def compiled(self) -> Any:
        """What the kernels' training takes; its state arrays are this object's own."""
        return ops.Optimizer(self.kind, self.parameters, self.slots, self.iterations)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, the schedule as an object."""
        return {"learning_rate": self.learning_rate, "name": self.name, **self.parameters}


class SGD(Optimizer):
    """v = momentum·v - rate·dw; w += v, or with nesterov w += momentum·v - rate·dw.

    Without momentum w -= rate·dw (Sutskever et al. 2013).
    """

    def __init__(
        self,
        learning_rate: object = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        name: str | None = None,
    ) -> None:
        momentum = _fraction("momentum", momentum)
        super().__init__(learning_rate, name, momentum=momentum, nesterov=bool(nesterov))


class Adam(Optimizer):
    """m, v = moving means of dw, dw²; w -= α·m / (√v + epsilon).

    α = rate·√(1-beta_2ᵗ) / (1-beta_1ᵗ) at update t (Kingma and Ba 2015; epsilon as in Keras, the
    paper's ε̂).
    """

    def __init__(
        self,
        learning_rate: object = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        name: str | None = None,
    ) -> None:
        """Raise NotImplementedError for amsgrad, which the kernels do not have."""
        _refuse("amsgrad", amsgrad)
        super().__init__(
            learning_rate,
            name,
            beta_1=_fraction("beta_1", beta_1),
            beta_2=_fraction("beta_2", beta_2),
            epsilon=epsilon,
        )


class RMSprop(Optimizer):
    """v = moving mean of dw²; w -= rate·dw / √(v + epsilon) (Tieleman and Hinton 2012)."""

    def __init__(
        self,
        learning_rate: object = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        name: str | None = None,
    ) -> None:
        """Raise NotImplementedError for centered, which the kernels do not have."""
        _refuse("centered", centered)
        super().__init__(
            learning_rate,
            name,
            rho=_fraction("rho", rho),
            momentum=_fraction("momentum", momentum),
            epsilon=epsilon,
        )


class Adagrad(Optimizer):
    """g = initial + Σ dw²; w -= rate·dw / √(g + epsilon) (Duchi et al. 2011)."""

    def __init__(
        self,
        learning_rate: object = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, name, epsilon=epsilon)
        self.initial_state = float(initial_accumulator_value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, the schedule as an object."""
        return super().get_config() | {"initial_accumulator_value": self.initial_state}


class Adadelta(Optimizer):
    """w -= rate·dw·√(u + epsilon) / √(v + epsilon), u, v moving means of Δw², dw² (Zeiler 2012)."""

    def __init__(
        self,
        learning_rate: object = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, name, rho=_fraction("rho", rho), epsilon=epsilon)


_KNOWN: dict[str, Callable[[], Optimizer]] = {
    "sgd": SGD,
    "adam": Adam,
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
}

_ADVICE = "use SGD, Adam, RMSprop, Adagrad or Adadelta"
__getattr__ = outside(
    __name__,
    dict.fromkeys(["AdamW", "Adamax", "Nadam", "Ftrl", "Lion", "Adafactor", "Lamb"], _ADVICE),
    __all__,
)


def get(identifier: object) -> Optimizer:
    """The optimizer for a name (with its defaults), a class or an object of this module.

    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if isinstance(identifier, str):
        return find("optimizer", identifier, _KNOWN)()
    for constructor in _KNOWN.values():
        if identifier is constructor:
            return constructor()
    if isinstance(identifier, Optimizer):
        return identifier
    raise TypeError(
        f"optimizer must be a name ({', '.join(_KNOWN)}) or an object of densefit.optimizers,"
        f" got {identifier!r}"
    )
