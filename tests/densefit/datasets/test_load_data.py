"""The three data sets have the form, the classes and the content they promise."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from densefit.datasets import fashion_mnist, fashion_mnist_mini, mnist

MINI_SHA256 = "a9ead7a16d3bbc7e9be9c9f9c08a277a2edbe02459deb69812e43cdd449d09b2"


def test_mini_has_keras_form_and_balanced_classes() -> None:
    (x_train, y_train), (x_test, y_test) = fashion_mnist_mini.load_data()
    assert x_train.shape == (700, 28, 28)
    assert y_train.shape == (700,)
    assert x_test.shape == (200, 28, 28)
    assert y_test.shape == (200,)
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(np.bincount(y_train), np.full(10, 70))
    np.testing.assert_array_equal(np.bincount(y_test), np.full(10, 20))


def test_mini_is_the_published_selection() -> None:
    (x_train, y_train), (x_test, y_test) = fashion_mnist_mini.load_data()
    digest = hashlib.sha256(b"".join(a.tobytes() for a in (x_train, x_test, y_train, y_test)))
    assert digest.hexdigest() == MINI_SHA256


def test_each_call_gives_arrays_of_ones_own() -> None:
    (first, _), _ = fashion_mnist_mini.load_data()
    first[:] = 0
    (second, _), _ = fashion_mnist_mini.load_data()
    assert second.any()


@pytest.mark.parametrize("names", [fashion_mnist.CLASS_NAMES, fashion_mnist.CLASS_NAMES_JA])
def test_every_class_has_one_name(names: tuple[str, ...]) -> None:
    assert len(set(names)) == 10
    assert fashion_mnist_mini.CLASS_NAMES == fashion_mnist.CLASS_NAMES


def full(name: str) -> None:
    folder = Path(os.environ.get("DENSEFIT_DATA", "")) / name
    if not os.environ.get("DENSEFIT_DATA") or not folder.is_dir():
        pytest.skip(f"the full {name} is not here: set DENSEFIT_DATA to the folder that holds it")


@pytest.mark.parametrize("dataset", [mnist, fashion_mnist])
def test_the_full_sets_have_the_published_content(dataset) -> None:
    full(dataset.__name__.rpartition(".")[2])
    (x_train, y_train), (x_test, y_test) = dataset.load_data()
    assert x_train.shape == (60_000, 28, 28)
    assert y_train.shape == (60_000,)
    assert x_test.shape == (10_000, 28, 28)
    assert y_test.shape == (10_000,)
    assert set(y_train) == set(y_test) == set(range(10))
