"""The lectures' comparisons of networks by their learning curves.

Each function trains its networks and returns a :class:`Comparison`, which holds the runs, prints
as a table and draws the lecture's figure (``.plot()``). All take ``data`` (a name, or pairs
``((x, y), (x_val, y_val)[, (x_test, y_test)])``), ``n_train`` (only the first so many samples, for
large data), ``epochs``, ``seed`` and ``verbose`` (0 for no progress bar). The default data are the
package's 900 Fashion-MNIST images, 500 of them for training: few enough that overfitting shows
within seconds; ``data="mnist"`` repeats the lectures' own runs, in minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

from densefit.experiments._comparison import Comparison, compare
from densefit.experiments._data import DataArgument, resolve
from densefit.experiments._training import Network, Recipe

__all__ = [
    "depth_and_dropout",
    "epochs_and_units",
    "network_sizes",
    "units",
]

DEFAULT = "fashion_mnist_mini"


def network_sizes(
    sizes: Sequence[Sequence[int]] = ((4, 4), (16, 16), (512, 512)),
    data: DataArgument = DEFAULT,
    *,
    epochs: int = 60,
    n_train: int | None = None,
    seed: int = 1,
    verbose: object = 1,
) -> Comparison:
    """Underfitting and overfitting: two hidden layers of 4, 16 and 512 units each.

    The small network stays bad on training and validation data alike (underfitting). The large
    one soon knows its training data by heart, and its validation loss turns up (overfitting).
    """
    networks = {"-".join(map(str, size)): Network(tuple(size)) for size in sizes}
    title = {"en": "Small and large networks", "ja": "小さいネットワークと大きいネットワーク"}
    return compare(networks, resolve(data, n_train), Recipe(epochs, seed=seed), title, verbose)


def units(
    units: Sequence[int] = (400, 4_000, 40_000),
    data: DataArgument = DEFAULT,
    *,
    epochs: int = 15,
    n_train: int | None = None,
    batch_size: int = 100,
    seed: int = 1,
    verbose: object = 1,
) -> Comparison:
    """More units bring no promise: one hidden layer of 400, 4,000 and 40,000.

    All reach about the same validation accuracy; what grows is time (and 0.5 GB of memory for the
    largest, of 32 million parameters), and the risk of overfitting.
    """
    networks = {f"{n:,}": Network((n,)) for n in units}
    title = {"en": "More and more units", "ja": "ユニットを増やしていく"}
    return compare(
        networks,
        resolve(data, n_train),
        Recipe(epochs, batch_size=batch_size, seed=seed),
        title,
        verbose,
    )


def epochs_and_units(
    epochs: tuple[int, int] = (20, 50),
    units: tuple[int, int] = (64, 1_000),
    data: DataArgument = DEFAULT,
    *,
    n_train: int | None = None,
    batch_size: int = 8,
    seed: int = 1,
    verbose: object = 1,
) -> Comparison:
    """Longer or wider: 64 units for 20 epochs, for 50 epochs, and 1,000 units for 20 epochs.

    Either way the training loss goes on falling, while the validation loss, after its least value,
    rises: neither more repetitions nor more units help once the network overfits. Mini-batches are
    small by default, so that few images make as many steps as the lecture's many.
    """
    short, long = epochs
    few, many = units
    pairs = ((few, short), (few, long), (many, short))
    networks = {f"{n:,} units, {e} epochs": Network((n,), epochs=e) for n, e in pairs}
    names_ja = {f"{n:,} units, {e} epochs": f"{n:,} ユニット {e} エポック" for n, e in pairs}
    title = {"en": "Longer training, more units", "ja": "学習を長くする、ユニットを増やす"}
    recipe = Recipe(short, batch_size=batch_size, seed=seed)
    return compare(networks, resolve(data, n_train), recipe, title, verbose, names_ja)


def depth_and_dropout(
    data: DataArgument = DEFAULT,
    *,
    epochs: int = 50,
    n_train: int | None = None,
    batch_size: int = 16,
    seed: int = 1,
    verbose: object = 1,
) -> Comparison:
    """From 32 units to 128, to 128-64-32, to the same with dropout, to a larger one with dropout.

    More units and layers lower the training loss, and the validation loss turns up the sooner;
    dropping half of the first layer's outputs in training keeps it down.
    """
    networks = {
        "32": Network((32,)),
        "128": Network((128,)),
        "128-64-32": Network((128, 64, 32)),
        "128-dropout-64-32": Network((128, 64, 32), dropout=(0.5, 0, 0)),
        "256-dropout-64-128-dropout-64-32": Network(
            (256, 64, 128, 64, 32), dropout=(0.5, 0, 0.5, 0, 0)
        ),
    }
    title = {"en": "Depth and dropout", "ja": "層の深さとドロップアウト"}
    recipe = Recipe(epochs, batch_size=batch_size, seed=seed)
    return compare(networks, resolve(data, n_train), recipe, title, verbose)
