"""The lectures' experiments: each trains, returns its results and draws the lecture's figure.

``result = experiments.network_sizes()`` trains with a progress bar; ``print(result)`` is a table,
``result.plot()`` the figure, ``result["4-4"].history`` the numbers. The same seed gives the same
figure on every machine.
"""

from densefit.experiments._comparison import Comparison
from densefit.experiments._table import Table
from densefit.experiments._training import Network, Run
from densefit.experiments.descent import BOWL, TWO_VALLEYS, Descent, Slope, gradient_descent
from densefit.experiments.networks import (
    depth_and_dropout,
    epochs_and_units,
    network_sizes,
    units,
)
from densefit.experiments.polynomial import PolynomialFits, polynomials
from densefit.experiments.regularised import regularization
from densefit.experiments.selection import CrossValidation, cross_validation

__all__ = [
    "BOWL",
    "TWO_VALLEYS",
    "Comparison",
    "CrossValidation",
    "Descent",
    "Network",
    "PolynomialFits",
    "Run",
    "Slope",
    "Table",
    "cross_validation",
    "depth_and_dropout",
    "epochs_and_units",
    "gradient_descent",
    "network_sizes",
    "polynomials",
    "regularization",
    "units",
]
