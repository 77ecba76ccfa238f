"""HIGGS, signal against background in 28 numbers of particle collisions, and a stand-in for it.

The data of 11 million simulated collisions (2.6 GB) are too large to come along: ``load_data``
reads the file where it is at hand, ``make_data`` draws a made-up problem that behaves like it: 28
features, two classes that overlap, so that small networks learn slowly and large ones overfit.

Source: P. Baldi, P. Sadowski, D. Whiteson, "Searching for exotic particles in high-energy physics
with deep learning", Nature Communications 5 (2014) 4308; https://archive.ics.uci.edu/dataset/280.
"""

from __future__ import annotations

import csv
import gzip
import os
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from densefit._draws import Draws

__all__ = ["FEATURES", "load_data", "make_data"]

Split = tuple[NDArray[np.float32], NDArray[np.int64]]

FEATURES = 28
#: Seed of the law that all samples of ``make_data`` follow; theirs is another.
LAW = 28


def load_data(
    path: str | os.PathLike[str], n_train: int = 10_000, n_test: int = 1_000
) -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)`` from the real file, ``HIGGS.csv`` or ``.csv.gz``.

    ``x`` (N, 28) float32, ``y`` (N,) int64: 1 signal, 0 background. The test data are the first
    rows of the file, the training data the next. Raises FileNotFoundError, or ValueError when the
    rows are too few or not a label and 28 numbers.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} was not found: download HIGGS.csv.gz from"
            " https://archive.ics.uci.edu/dataset/280, or use datasets.higgs.make_data()"
        )
    open_text = gzip.open if file.suffix == ".gz" else open
    with open_text(file, "rt", encoding="ascii") as lines:
        rows = list(islice(csv.reader(lines), n_train + n_test))
    if len(rows) < n_train + n_test or any(len(row) != 1 + FEATURES for row in rows):
        raise ValueError(
            f"{file} must have {n_train + n_test} rows of a label and {FEATURES} numbers, got"
            f" {len(rows)} rows of {sorted({len(row) for row in rows})} numbers"
        )
    values = np.array(rows, dtype=np.float32)
    x, y = values[:, 1:], values[:, 0].astype(np.int64)
    return (x[n_test:], y[n_test:]), (x[:n_test], y[:n_test])


def make_data(
    n_train: int = 2_000, n_test: int = 1_000, *, seed: int | None = 0
) -> tuple[Split, Split]:
    """``(x_train, y_train), (x_test, y_test)`` of the made-up problem, in the form of the real one.

    x is N(0, 1); P(y = 1) = sigmoid(1.2·s), s = b·tanh(1.5·x·A) + 0.3·Σ xᵢ·xᵢ₊₇ for i < 7, with A
    and b fixed: about one sample in seven is on the wrong side of the best border there is.
    Raises ValueError unless both parts have a sample.
    """
    for name, n in (("n_train", n_train), ("n_test", n_test)):
        if n < 1:
            raise ValueError(f"{name} must be at least 1, got {n}")
    law, draws, n = Draws(LAW), Draws(seed), n_train + n_test
    a = law.normal(1 / np.sqrt(FEATURES), FEATURES * 8).reshape(FEATURES, 8)
    b = law.normal(1.0, 8)
    x = draws.normal(1.0, n * FEATURES).reshape(n, FEATURES).round(6)
    s = np.tanh(1.5 * x @ a) @ b + 0.3 * (x[:, :7] * x[:, 7:14]).sum(axis=1)
    y = (draws.uniform(0, 1, n) < 1 / (1 + np.exp(-1.2 * s))).astype(np.int64)
    x32 = x.astype(np.float32)
    return (x32[:n_train], y[:n_train]), (x32[n_train:], y[n_train:])
