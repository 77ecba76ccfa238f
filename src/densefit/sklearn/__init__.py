"""Multilayer perceptrons as scikit-learn estimators, for pipelines, searches and cross-validation.

The parameters are those of ``sklearn.neural_network``, with the same defaults; the training is
densefit's, and so the same ``random_state`` gives the same bits on every machine. Needs
scikit-learn: ``pip install 'densefit[sklearn]'``; importing this module without it raises
ImportError, saying so.
"""

try:
    import sklearn as _sklearn  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError(
        "densefit.sklearn needs scikit-learn: pip install 'densefit[sklearn]'"
    ) from error

from densefit.sklearn.classifier import MLPClassifier
from densefit.sklearn.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
