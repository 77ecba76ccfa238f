"""Models, under the name Keras has them."""

from densefit._lookup import outside
from densefit.sequential import Sequential
from densefit.serialization import load_model, save_model

__all__ = ["Sequential", "load_model", "save_model"]

__getattr__ = outside(
    __name__, {"Model": "a model is one row of layers in densefit.Sequential([...])"}, __all__
)
