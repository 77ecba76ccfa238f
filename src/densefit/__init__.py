"""densefit: multilayer perceptrons for teaching, the same bits on every machine.

Keras's names, as attributes: ``import densefit as keras``, ``keras.Sequential([...])``,
``keras.layers.Dense(128, activation="relu")``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from densefit import (
        activations,
        augmentation,
        backend,
        callbacks,
        datasets,
        experiments,
        functional,
        initializers,
        layers,
        learning_curves,
        losses,
        metrics,
        model_selection,
        models,
        optimizers,
        plots,
        reference,
        regularizers,
        utils,
    )
    from densefit._threads import get_num_threads, set_num_threads, threadpool_info, threads
    from densefit.layers import Input
    from densefit.sequential import Sequential

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

# Everything is imported when first used: a program that needs the formulas alone
# (densefit.reference) waits for nothing else, least of all for Matplotlib.
_MODULES = frozenset(
    {
        "activations",
        "augmentation",
        "backend",
        "callbacks",
        "datasets",
        "experiments",
        "functional",
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
        "sklearn",
        "utils",
    }
)
_NAMES = {
    "Input": "layers",
    "Sequential": "sequential",
    "get_num_threads": "_threads",
    "set_num_threads": "_threads",
    "threadpool_info": "_threads",
    "threads": "_threads",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"densefit.{name}")
    if name in _NAMES:
        found = getattr(importlib.import_module(f"densefit.{_NAMES[name]}"), name)
        return globals().setdefault(name, found)
    from densefit._lookup import nearest

    hint = "" if name.startswith("_") else nearest(name, __all__)
    raise AttributeError(f"module 'densefit' has no attribute {name!r}.{hint}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
