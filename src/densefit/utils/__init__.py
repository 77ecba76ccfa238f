"""Helpers with Keras's names: seeds and one-hot targets."""

from densefit.utils.random import set_random_seed
from densefit.utils.targets import to_categorical

__all__ = ["set_random_seed", "to_categorical"]
