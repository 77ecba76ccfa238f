"""Models, under the name Keras has them."""

from densefit._lookup import outside
from densefit.sequential import Sequential

__all__ = ["Sequential"]

__getattr__ = outside(
    __name__, {"Model": "a model is one row of layers in densefit.Sequential([...])"}, __all__
)
