"""Fashion-MNIST: 60,000 + 10,000 grey images of clothes, 28 × 28, ten classes.

Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking
machine learning algorithms", 2017, https://github.com/zalandoresearch/fashion-mnist (MIT licence).
"""

from __future__ import annotations

from densefit.datasets._source import IdxFile, Source, Split

__all__ = ["CLASS_NAMES", "CLASS_NAMES_JA", "load_data"]

#: What the labels 0 to 9 mean.
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

#: What the labels 0 to 9 mean, in Japanese.
CLASS_NAMES_JA = (
    "Tシャツ/トップス",
    "ズボン",
    "プルオーバー",
    "ドレス",
    "コート",
    "サンダル",
    "シャツ",
    "スニーカー",
    "バッグ",
    "アンクルブーツ",
)

_SOURCE = Source(
    name="fashion_mnist",
    mirrors=(
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    x_train=IdxFile(
        "train-images-idx3-ubyte.gz",
        ndim=3,
        archive_sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    y_train=IdxFile(
        "train-labels-idx1-ubyte.gz",
        ndim=1,
        archive_sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    x_test=IdxFile(
        "t10k-images-idx3-ubyte.gz",
        ndim=3,
        archive_sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    y_test=IdxFile(
        "t10k-labels-idx1-ubyte.gz",
        ndim=1,
        archive_sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
)


def load_data() -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)``: uint8, (60000, 28, 28), (60000,), 10000 for test.

    Looks in ``$DENSEFIT_DATA/fashion_mnist``, then in the cache, then downloads (extra ``data``).

    Raises :class:`~densefit.datasets.DataNotFoundError` when there is neither data nor network,
    :class:`~densefit.datasets.DataCorruptedError` when a file is not the published one.
    """
    return _SOURCE.load_data()
