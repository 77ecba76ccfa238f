"""Activation functions, by name or as functions: ``Dense(64, activation="relu")``.

Each can be called on an array too; softmax runs over the last axis. The formulas:
relu max(z, 0); tanh; sigmoid 1/(1 + exp(-z)); softmax exp(z)/Σ exp(z); linear z;
elu z or alpha·(exp(z) - 1) below 0; selu λ·elu (Klambauer 2017); leaky_relu z or slope·z below 0;
gelu z·Φ(z), or with ``approximate=True`` by tanh (Hendrycks 2016).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit import ops
from densefit._lookup import find
from densefit.backend import floatx

__all__ = [
    "ActivationFunction",
    "elu",
    "gelu",
    "get",
    "leaky_relu",
    "linear",
    "relu",
    "selu",
    "serialize",
    "sigmoid",
    "softmax",
    "tanh",
]


def _finite(name: str, value: object) -> float:
    if not isinstance(value, int | float | np.number) or not 0 <= float(value) < np.inf:
        raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}")
    return float(value)


@dataclass(frozen=True)
class ActivationFunction:
    """A named activation with its parameters, as ``(name, value)`` pairs."""

    name: str
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, x: ArrayLike, **parameters: float) -> NDArray[Any]:
        """The activation of every element of ``x``, an array of any shape; softmax by last axis.

        The result is float32 or float64 as ``x`` is, else of the type ``backend.floatx()``.
        """
        x = np.asarray(x)
        dtype = x.dtype if x.dtype in (np.float32, np.float64) else floatx()
        width = x.shape[-1] if x.ndim else 1
        rows = ops.as_float_array("x", x, dtype).reshape(-1, width)
        stage = self.with_parameters(**parameters).stage()
        return np.asarray(ops.Network([stage], width, dtype).predict(rows)).reshape(x.shape)

    def with_parameters(self, **parameters: float) -> ActivationFunction:
        """The same function with other parameters; TypeError for one it does not have."""
        values = dict(self.parameters)
        if unknown := sorted(set(parameters) - set(values)):
            raise TypeError(
                f"activation {self.name!r} has no parameter {unknown[0]!r};"
                f" it has {', '.join(values) or 'none'}"
            )
        values |= {name: _finite(f"{name} of {self.name}", v) for name, v in parameters.items()}
        return replace(self, parameters=tuple(values.items()))

    def stage(self) -> ops.Activation:
        """The stage of a network that applies it."""
        values = dict(self.parameters)
        if values.get("approximate"):
            return ops.Activation("gelu_tanh")
        return ops.Activation(self.name, values.get("alpha", values.get("negative_slope", 0.0)))


linear = ActivationFunction("linear")
relu = ActivationFunction("relu")
tanh = ActivationFunction("tanh")
sigmoid = ActivationFunction("sigmoid")
softmax = ActivationFunction("softmax")
elu = ActivationFunction("elu", (("alpha", 1.0),))
selu = ActivationFunction("selu")
leaky_relu = ActivationFunction("leaky_relu", (("negative_slope", 0.2),))
gelu = ActivationFunction("gelu", (("approximate", 0.0),))

_KNOWN = {f.name: f for f in (linear, relu, tanh, sigmoid, softmax, elu, selu, leaky_relu, gelu)}


def get(identifier: object) -> ActivationFunction:
    """The activation for None (linear), a name, one of this module's functions or a layer of one.

    Raises ValueError for an unknown name and TypeError for anything else: a function of your
    own cannot be differentiated here.
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str):
        return find("activation", identifier, _KNOWN)
    if isinstance(identifier, dict):
        return get(identifier["name"]).with_parameters(**identifier["parameters"])
    function = getattr(identifier, "activation", identifier)
    if isinstance(function, ActivationFunction):
        return function
    raise TypeError(
        f"activation must be a name ({', '.join(sorted(_KNOWN))}) or a function of"
        f" densefit.activations, got {identifier!r}"
    )


def serialize(function: ActivationFunction) -> str | dict[str, Any]:
    """What ``get`` turns back into ``function``: its name, with parameters if it has any."""
    if not function.parameters:
        return function.name
    return {"name": function.name, "parameters": dict(function.parameters)}
