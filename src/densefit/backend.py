"""Settings of the session: the default float type, the automatic names."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np
from numpy.typing import DTypeLike

from densefit import _naming, _seeds

__all__ = ["clear_session", "epsilon", "floatx", "set_floatx"]

FloatType = Literal["float32", "float64"]

_floatx: FloatType = "float32"


def check_float_type(dtype: DTypeLike) -> FloatType:
    """``"float32"`` or ``"float64"``; ValueError for any other dtype."""
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = repr(dtype)
    if name not in ("float32", "float64"):
        raise ValueError(f"dtype must be 'float32' or 'float64', got {name!r}")
    return cast(FloatType, name)


def floatx() -> FloatType:
    """The float type of models built from now on, ``"float32"`` unless set otherwise."""
    return _floatx


def set_floatx(value: DTypeLike) -> None:
    """Set the default float type, ``"float32"`` or ``"float64"``; ValueError for any other."""
    global _floatx
    _floatx = check_float_type(value)


def epsilon() -> float:
    """The constant 1e-7 that Keras's optimizers and losses guard divisions with."""
    return 1e-7


def clear_session() -> None:
    """Start automatic names (``dense``, ``dense_1``, …) anew and forget ``set_random_seed``."""
    _naming.restart()
    _seeds.set_session_seed(None)
