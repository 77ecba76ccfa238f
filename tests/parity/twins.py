"""The same network twice, in densefit and in Keras, with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

import densefit

Array = NDArray[np.float64]
Make = Callable[[Any], list[Any]]

RNG = np.random.default_rng(7)
X: Array = RNG.normal(size=(60, 6))
LABELS = np.arange(60) % 3
ONE_HOT: Array = np.eye(3)[LABELS]
REAL: Array = RNG.normal(size=(60, 3))
WEIGHT: Array = np.linspace(0.2, 2, 60)


class Parity:
    """Compares a value of Keras's with ours, and notes what agreed."""

    def __init__(self, record: list[dict[str, str]]) -> None:
        self.record = record

    def agree(
        self, group: str, feature: str, theirs: ArrayLike, mine: ArrayLike, tolerance: float = 1e-6
    ) -> None:
        """Fail unless all numbers agree to ``tolerance``, relative to the largest of them."""
        a, b = np.asarray(theirs, np.float64), np.asarray(mine, np.float64)
        assert a.shape == b.shape, (feature, a.shape, b.shape)
        assert np.isfinite(a).all(), feature
        scale = max(float(np.abs(a).max(initial=0.0)), 1e-12)
        difference = float(np.abs(a - b).max(initial=0.0)) / scale
        assert difference <= tolerance, f"{feature}: {difference:.2e} apart\n{a}\n{b}"
        self._note(group, feature, _shown(a), _shown(b), f"{tolerance:.0e}".replace("e-0", "e-"))

    def same(self, group: str, feature: str, theirs: object, mine: object) -> None:
        """Fail unless both are equal."""
        assert theirs == mine, f"{feature}: Keras {theirs!r}, here {mine!r}"
        self._note(group, feature, str(theirs), str(mine), "equal")

    def _note(self, group: str, feature: str, theirs: str, mine: str, within: str) -> None:
        row = {"group": group, "feature": feature, "keras": theirs, "here": mine, "within": within}
        self.record.append(row)


def _shown(values: Array) -> str:
    """A number, or how many there are and the root of their mean square."""
    if values.size == 1:
        return f"{values.item():.6g}"
    return f"{values.size} numbers, r.m.s. {np.sqrt(np.mean(values**2)):.6g}"


def twins(make: Make, **compiled: Any) -> tuple[Any, Any]:
    """Keras's model and ours; ``make`` and callable arguments of compile are given the library."""
    theirs = keras.Sequential([keras.Input((6,)), *make(keras)])
    mine = densefit.Sequential([densefit.Input((6,)), *make(densefit)], seed=3)
    theirs.set_weights(mine.get_weights())
    if compiled:
        for model, library in ((theirs, keras), (mine, densefit)):
            arguments = {
                key: value(library) if callable(value) else value for key, value in compiled.items()
            }
            model.compile(**arguments)
        theirs.run_eagerly = True
    return theirs, mine


def flat(weights: list[Any]) -> Array:
    """All weights in one row."""
    return np.concatenate([np.asarray(w, np.float64).ravel() for w in weights])


def classifier(k: Any) -> list[Any]:
    """A small network for three classes."""
    return [k.layers.Dense(8, "tanh"), k.layers.Dense(3, "softmax")]


def one_step(theirs: Any, mine: Any, y: Any, weight: Any = None) -> tuple[Array, Array, Any, Any]:
    """What one update of the whole batch subtracts from the weights, and the reported losses."""
    before = flat(mine.get_weights())
    arguments = {"batch_size": len(X), "shuffle": False, "verbose": 0, "sample_weight": weight}
    their_history = theirs.fit(X, y, **arguments).history
    my_history = mine.fit(X, y, **arguments).history
    return (
        before - flat(theirs.get_weights()),
        before - flat(mine.get_weights()),
        their_history,
        my_history,
    )
