"""densefit: multilayer perceptrons for teaching, the same bits on every machine."""

__version__ = "0.1.0"
