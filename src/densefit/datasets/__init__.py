"""Data sets in the form of Keras: ``load_data()`` → ``(x_train, y_train), (x_test, y_test)``.

- :mod:`~densefit.datasets.fashion_mnist_mini` is part of the package: 900 images, no network.
- :mod:`~densefit.datasets.mnist` and :mod:`~densefit.datasets.fashion_mnist` are looked for in
  ``$DENSEFIT_DATA/<name>``, then in the cache, then downloaded (extra ``data``), and verified.
- :mod:`~densefit.datasets.playground` (six problems in the plane) and
  :mod:`~densefit.datasets.sine` are drawn, with noise and from a seed.
- :mod:`~densefit.datasets.higgs` reads the real file where there is one, and draws a stand-in.
"""

from densefit.datasets import fashion_mnist, fashion_mnist_mini, higgs, mnist, playground, sine
from densefit.datasets._source import DataCorruptedError, DataNotFoundError

__all__ = [
    "DataCorruptedError",
    "DataNotFoundError",
    "fashion_mnist",
    "fashion_mnist_mini",
    "higgs",
    "mnist",
    "playground",
    "sine",
]
