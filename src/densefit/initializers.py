"""Initial weights: functions of (seed, stream, shape), the same on every machine.

For a kernel of shape (fan_in, fan_out): Glorot scales by √(fan_in + fan_out) (Glorot and
Bengio 2010), He by √fan_in (He et al. 2015), LeCun likewise.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from densefit import _seeds, ops
from densefit._lookup import find
from densefit.backend import floatx

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "Zeros",
    "get",
    "serialize",
]

# Standard deviation of a standard normal truncated at ±2 of them.
_TRUNCATED_STDDEV = 0.87962566103423978

# Values drawn at a time; even, for streams are entered at even numbers.
_PIECE = 1 << 16

Shape = tuple[int, ...]


class Initializer:
    """Calling it draws an array: ``initializer((784, 128))``.

    ``seed`` given to the constructor wins over the one the model passes when it is called.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = None if seed is None else _seeds.check_seed(seed)

    def __call__(
        self,
        shape: Shape,
        dtype: DTypeLike | None = None,
        *,
        seed: int | None = None,
        stream: int = 0,
    ) -> NDArray[Any]:
        """Array of ``shape``; with no seed at all one is drawn as for a model."""
        if self.seed is not None:
            seed = self.seed
        seed = _seeds.next_seed() if seed is None else seed
        out = np.empty(math.prod(shape), dtype or floatx())
        for first in range(0, out.size, _PIECE):  # a large array is not held in float64 as well
            size = min(_PIECE, out.size - first)
            out[first : first + size] = self.draw(shape, size, seed, stream, first)
        return out.reshape(shape)

    def draw(
        self, shape: Shape, size: int, seed: int, stream: int, first: int
    ) -> NDArray[np.float64]:
        """The ``size`` values from ``first`` on, in float64, before they get shape and type."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return dict(vars(self))


class Constant(Initializer):
    """Every weight is ``value``."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = float(value)
        self.seed = None

    def draw(
        self, shape: Shape, size: int, seed: int, stream: int, first: int
    ) -> NDArray[np.float64]:
        """The same value ``size`` times."""
        return np.full(size, self.value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"value": self.value}


class Zeros(Constant):
    """Every weight is 0."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def get_config(self) -> dict[str, Any]:
        """The constructor takes no arguments."""
        return {}


class Ones(Zeros):
    """Every weight is 1."""

    def __init__(self) -> None:
        Constant.__init__(self, 1.0)


class RandomNormal(Initializer):
    """N(mean, stddev²)."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = float(mean), float(stddev)

    def draw(
        self, shape: Shape, size: int, seed: int, stream: int, first: int
    ) -> NDArray[np.float64]:
        """Mean + stddev · standard normal."""
        return self.mean + self.stddev * ops.normal(seed, stream, size, first)


class TruncatedNormal(RandomNormal):
    """N(mean, stddev²), values beyond two standard deviations drawn again."""

    def draw(
        self, shape: Shape, size: int, seed: int, stream: int, first: int
    ) -> NDArray[np.float64]:
        """Mean + stddev · truncated standard normal."""
        return self.mean + self.stddev * ops.truncated_normal(seed, stream, size, first)


class RandomUniform(Initializer):
    """Uniform on [minval, maxval)."""

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        super().__init__(seed)
        self.minval, self.maxval = float(minval), float(maxval)

    def draw(
        self, shape: Shape, size: int, seed: int, stream: int, first: int
    ) -> NDArray[np.float64]:
        """Minval + (maxval - minval) · u, u in [0, 1)."""
        return self.minval + (self.maxval - self.minval) * ops.uniform(seed, stream, size, first)


class _VarianceScaling(Initializer):
    """Variance scale / fan, fan being the number of inputs or the mean of inputs and outputs."""

    scale = 1.0
    fan_average = False

    def variance(self, shape: Shape) -> float:
        fan_in, fan_out = (shape[0], shape[-1]) if len(shape) > 1 else (shape[0], shape[0])
        return self.scale / max(1.0, (fan_in + fan_out) / 2 if self.fan_average else fan_in)


class _ScaledUniform(_VarianceScaling):
    def draw(
        self, shape: Shape, size: int, seed: int, stream: int, first: int
    ) -> NDArray[np.float64]:
        """(2u - 1) · √(3 · variance)."""
        return (2.0 * ops.uniform(seed, stream, size, first) - 1.0) * math.sqrt(
            3 * self.variance(shape)
        )


class _ScaledNormal(_VarianceScaling):
    def draw(
        self, shape: Shape, size: int, seed: int, stream: int, first: int
    ) -> NDArray[np.float64]:
        """Truncated normal, widened so that its standard deviation is √variance."""
        stddev = math.sqrt(self.variance(shape)) / _TRUNCATED_STDDEV
        return stddev * ops.truncated_normal(seed, stream, size, first)


class GlorotUniform(_ScaledUniform):
    """Uniform on ±√(6 / (fan_in + fan_out)), the default of ``Dense``."""

    fan_average = True


class GlorotNormal(_ScaledNormal):
    """Truncated normal of standard deviation √(2 / (fan_in + fan_out))."""

    fan_average = True


class HeUniform(_ScaledUniform):
    """Uniform on ±√(6 / fan_in), for ReLU."""

    scale = 2.0


class HeNormal(_ScaledNormal):
    """Truncated normal of standard deviation √(2 / fan_in), for ReLU."""

    scale = 2.0


class LecunUniform(_ScaledUniform):
    """Uniform on ±√(3 / fan_in), for SELU."""


class LecunNormal(_ScaledNormal):
    """Truncated normal of standard deviation √(1 / fan_in), for SELU."""


glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal = HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal
random_uniform, random_normal, truncated_normal = RandomUniform, RandomNormal, TruncatedNormal
zeros, ones, constant = Zeros, Ones, Constant

_KNOWN: dict[str, type[Initializer]] = {
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
    "random_uniform": RandomUniform,
    "random_normal": RandomNormal,
    "truncated_normal": TruncatedNormal,
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
}


def get(identifier: object) -> Initializer:
    """The initializer for a name, a class or an object of this module.

    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if isinstance(identifier, str):
        return find("initializer", identifier, _KNOWN)()
    if isinstance(identifier, dict):
        return find("initializer", identifier["class_name"], _KNOWN)(**identifier["config"])
    if isinstance(identifier, type) and issubclass(identifier, Initializer):
        return identifier()
    if isinstance(identifier, Initializer):
        return identifier
    raise TypeError(
        f"an initializer must be a name ({', '.join(_KNOWN)}) or an object of"
        f" densefit.initializers, got {identifier!r}"
    )


def serialize(initializer: Initializer) -> dict[str, Any]:
    """What ``get`` turns back into ``initializer``: its class name and arguments."""
    return {"class_name": type(initializer).__name__, "config": initializer.get_config()}
