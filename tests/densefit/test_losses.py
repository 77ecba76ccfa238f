"""Losses called by hand: their formulas, their spellings, their metrics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from densefit import losses, metrics, utils

logits = arrays(np.float64, (4, 3), elements=st.floats(-5, 5))
labels = arrays(np.int64, 4, elements=st.integers(0, 2))


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z)
    return np.asarray(e / e.sum(axis=1, keepdims=True))


@given(z=logits, y=labels)
def test_cross_entropies_agree_with_each_other(z: np.ndarray, y: np.ndarray) -> None:
    rows, p = utils.to_categorical(y, 3, "float64"), softmax(z)
    expected = -np.log(p[np.arange(4), y])
    for values in (
        losses.sparse_categorical_crossentropy(y, p),
        losses.sparse_categorical_crossentropy(y[:, None], z, from_logits=True),
        losses.categorical_crossentropy(rows, p),
        losses.categorical_crossentropy(rows, z, from_logits=True),
        losses.kl_divergence(rows, p),
    ):
        np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-5)


@given(z=arrays(np.float64, (4, 1), elements=st.floats(-10, 10)), y=labels)
def test_binary_crossentropy_is_that_of_two_classes(z: np.ndarray, y: np.ndarray) -> None:
    y = np.minimum(y, 1)
    two = losses.sparse_categorical_crossentropy(y, np.hstack([0 * z, z]), from_logits=True)
    np.testing.assert_allclose(
        losses.binary_crossentropy(y[:, None], z, from_logits=True), two, atol=1e-12
    )
    p = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(losses.binary_crossentropy(y[:, None], p), two, atol=1e-5)


def test_worked_values() -> None:
    y, p = [[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]
    np.testing.assert_allclose(losses.mse(y, p), [0.5, 0.5])
    np.testing.assert_allclose(losses.MAE(y, p), [0.5, 0.5])
    np.testing.assert_allclose(losses.hinge(y, p), [1.0, 1.5])
    np.testing.assert_allclose(losses.cosine_similarity(y, p), [-math.sqrt(0.5), 0], atol=1e-12)
    assert losses.MeanSquaredError()(y, p) == 0.5
    assert losses.MeanSquaredError()(y, p, sample_weight=[1, 0]) == 0.25


@given(z=logits, y=labels, s=st.floats(0, 1))
def test_label_smoothing_is_smoothed_targets(z: np.ndarray, y: np.ndarray, s: float) -> None:
    loss = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=s)
    rows = utils.to_categorical(y, 3, "float64")
    plain = losses.CategoricalCrossentropy(from_logits=True)
    assert loss(rows, z) == pytest.approx(plain(rows * (1 - s) + s / 3, z))


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("MSE", "mean_squared_error"),
        ("MeanSquaredError", "mean_squared_error"),
        ("kld", "kl_divergence"),
        ("KLDivergence", "kl_divergence"),
        ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"),
        (losses.sparse_categorical_crossentropy, "sparse_categorical_crossentropy"),
        (losses.Hinge, "hinge"),
        (losses.MeanAbsoluteError(), "mean_absolute_error"),
        (losses.mae, "mean_absolute_error"),
    ],
)
def test_ways_to_name_a_loss(identifier: object, kind: str) -> None:
    assert losses.get(identifier).kind == kind


def test_metrics_keep_the_name_they_are_given() -> None:
    found = metrics.get_all(
        ["acc", "mse", losses.mae, metrics.BinaryCrossentropy(from_logits=True, name="bce")]
    )
    assert [m.name for m in found] == ["acc", "mse", "mean_absolute_error", "bce"]
    assert [m.name for m in metrics.get_all("accuracy")] == ["accuracy"]


@given(y=arrays(np.int64, st.tuples(st.integers(0, 5), st.just(1)), elements=st.integers(0, 4)))
def test_to_categorical_inverts(y: np.ndarray) -> None:
    rows = utils.to_categorical(y, 5)
    assert rows.shape == (len(y), 5)
    assert rows.dtype == np.float32
    assert (rows.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(rows.argmax(axis=1), y[:, 0])


def test_to_categorical_counts_the_classes_and_names_strays() -> None:
    assert utils.to_categorical([0, 2]).tolist() == [[1, 0, 0], [0, 0, 1]]
    with pytest.raises(ValueError, match=r"x\[1\]"):
        utils.to_categorical([0, 3], 3)
