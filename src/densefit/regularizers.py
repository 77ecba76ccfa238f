"""Penalties on the weights, added to the loss: λ₁ Σ|w| + λ₂ Σ w²."""

from __future__ import annotations

import math
from collections.abc import Callable

from densefit._lookup import find

__all__ = ["L1", "L1L2", "L2", "get", "l1", "l1_l2", "l2", "serialize"]


class L1L2:
    """Elastic net: penalty l1 · Σ|w| + l2 · Σw² (Zou and Hastie 2005).

    Raises ValueError if a factor is negative or not finite.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        for name, value in (("l1", l1), ("l2", l2)):
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}")
        self.l1, self.l2 = float(l1), float(l2)


class L1(L1L2):
    """Penalty l1 · Σ|w|."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)


class L2(L1L2):
    """Penalty l2 · Σw² (not halved, as in Keras)."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """``L1L2`` with both factors 0.01 unless given."""
    return L1L2(l1=l1, l2=l2)


l1, l2 = L1, L2

_KNOWN: dict[str, Callable[[], L1L2]] = {"l1": L1, "l2": L2, "l1_l2": l1_l2}


def get(identifier: object) -> L1L2 | None:
    """The regularizer for None, a name (with its default factors) or an object of this module.

    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if identifier is None or isinstance(identifier, L1L2):
        return identifier
    if isinstance(identifier, str):
        return find("regularizer", identifier, _KNOWN)()
    if isinstance(identifier, dict):
        return L1L2(**identifier)
    raise TypeError(
        f"a regularizer must be None, a name ({', '.join(_KNOWN)}) or an object of"
        f" densefit.regularizers, got {identifier!r}"
    )


def serialize(regularizer: L1L2 | None) -> dict[str, float] | None:
    """What ``get`` turns back into an equal penalty: its two factors, or None."""
    return None if regularizer is None else {"l1": regularizer.l1, "l2": regularizer.l2}
