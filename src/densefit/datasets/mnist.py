"""MNIST: 60,000 + 10,000 grey images of handwritten digits, 28 × 28, ten classes.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86 (1998), 2278-2324.
"""

from __future__ import annotations

from densefit.datasets._source import IdxFile, Source, Split

__all__ = ["load_data"]

_SOURCE = Source(
    name="mnist",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    x_train=IdxFile(
        "train-images-idx3-ubyte.gz",
        ndim=3,
        archive_sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        content_sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    y_train=IdxFile(
        "train-labels-idx1-ubyte.gz",
        ndim=1,
        archive_sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        content_sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    x_test=IdxFile(
        "t10k-images-idx3-ubyte.gz",
        ndim=3,
        archive_sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        content_sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    y_test=IdxFile(
        "t10k-labels-idx1-ubyte.gz",
        ndim=1,
        archive_sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        content_sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)


def load_data() -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)``: uint8, (60000, 28, 28), (60000,), 10000 for test.

    Looks in ``$DENSEFIT_DATA/mnist``, then in the cache, then downloads (extra ``data``).

    Raises :class:`~densefit.datasets.DataNotFoundError` when there is neither data nor network,
    :class:`~densefit.datasets.DataCorruptedError` when a file is not the published one.
    """
    return _SOURCE.load_data()
