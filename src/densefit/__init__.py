"""densefit: multilayer perceptrons for teaching, the same bits on every machine.

Keras's names, as attributes: ``import densefit as keras``, ``keras.Sequential([...])``,
``keras.layers.Dense(128, activation="relu")``.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from densefit import (
    activations,
    backend,
    callbacks,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    utils,
)
from densefit._lookup import nearest
from densefit._threads import get_num_threads, set_num_threads, threadpool_info, threads
from densefit.layers import Input
from densefit.sequential import Sequential

if TYPE_CHECKING:
    from densefit import (
        augmentation,
        datasets,
        experiments,
        functional,
        learning_curves,
        model_selection,
        plots,
        reference,
    )

__version__ = "0.1.0"

__all__ = [
    "Input",
    "Sequential",
    "activations",
    "augmentation",
    "backend",
    "callbacks",
    "datasets",
    "experiments",
    "functional",
    "get_num_threads",
    "initializers",
    "layers",
    "learning_curves",
    "losses",
    "metrics",
    "model_selection",
    "models",
    "optimizers",
    "plots",
    "reference",
    "regularizers",
    "set_num_threads",
    "threadpool_info",
    "threads",
    "utils",
]

# Imported when first used, because they or what they need (Matplotlib) take their time.
_LAZY = frozenset(
    {
        "augmentation",
        "datasets",
        "experiments",
        "functional",
        "learning_curves",
        "model_selection",
        "plots",
        "reference",
        "sklearn",
    }
)


def __getattr__(name: str) -> ModuleType:
    if name in _LAZY:
        return importlib.import_module(f"densefit.{name}")
    hint = "" if name.startswith("_") else nearest(name, __all__)
    raise AttributeError(f"module 'densefit' has no attribute {name!r}.{hint}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
