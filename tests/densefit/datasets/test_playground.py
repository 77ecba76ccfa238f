"""The playground's problems keep the laws of their formulas, and noise breaks them gradually."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit.datasets import playground, sine

names = st.sampled_from(playground.NAMES)
seeds = st.integers(0, 2**53 - 1)


def all_samples(name: str, **arguments) -> tuple[np.ndarray, np.ndarray]:
    (x_train, y_train), (x_test, y_test) = playground.load_data(name, **arguments)
    return np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])


@given(names, st.integers(2, 300), st.floats(0, 50), st.floats(0.01, 0.99), seeds)
def test_shapes_shares_and_seed(name, n, noise, share, seed) -> None:
    arguments = {"n_samples": n, "noise": noise, "train_share": share, "seed": seed}
    (x, y), (x_test, y_test) = playground.load_data(name, **arguments)
    assert len(x) + len(x_test) == n
    assert abs(len(x) - share * n) <= 1
    assert x.shape == (len(x), 2)
    assert x.dtype == np.float64
    assert y.dtype == y_test.dtype == (np.float64 if name in playground.REGRESSION else np.int64)
    (x_again, y_again), _ = playground.load_data(name, **arguments)
    np.testing.assert_array_equal(x, x_again)
    np.testing.assert_array_equal(y, y_again)


@given(names, seeds)
def test_another_seed_gives_other_points(name, seed) -> None:
    first = all_samples(name, n_samples=20, seed=seed, noise=1)[0]
    other = all_samples(name, n_samples=20, seed=(seed + 1) % 2**53, noise=1)[0]
    assert not np.array_equal(np.sort(first, axis=0), np.sort(other, axis=0))


@pytest.mark.parametrize("name", playground.NAMES)
def test_the_numbers_of_the_playground(name) -> None:
    x, y = all_samples(name)
    assert len(x) == (1200 if name in playground.REGRESSION else 500)
    assert np.abs(x).max() <= 6.000001
    if name not in playground.REGRESSION:
        assert set(y) == {0, 1}
        assert 0.4 < y.mean() < 0.6


@given(seeds)
def test_without_noise_the_labels_follow_from_the_points(seed) -> None:
    x, y = all_samples("circle", seed=seed)
    radius = np.hypot(*x.T)
    assert radius[y == 1].max() < 2.5 < 3.5 - 1e-5 < radius[y == 0].min()
    x, y = all_samples("xor", seed=seed)
    np.testing.assert_array_equal(y, x.prod(axis=1) > 0)
    assert np.abs(x).min() >= 0.299999
    x, y = all_samples("plane", seed=seed)
    np.testing.assert_allclose(y, x.sum(axis=1) / 10, atol=1e-6)
    x, y = all_samples("spiral", seed=seed)
    turn = np.hypot(*x.T) / 5 * 1.75 * 2 * np.pi + np.where(y, 0, np.pi)
    there = np.stack([np.sin(turn), np.cos(turn)], axis=1) * np.hypot(*x.T)[:, None]
    np.testing.assert_allclose(x, there, atol=1e-4)


def test_multi_gauss_is_highest_on_its_hills_and_flat_between() -> None:
    x, y = all_samples("multi_gauss", n_samples=20_000)
    assert -1 <= y.min() < -0.9
    assert 0.9 < y.max() <= 1
    for centre_x, centre_y, sign in playground.HILLS:
        distance = np.hypot(*(x - (centre_x, centre_y)).T)
        assert np.all(sign * y[distance < 0.5] > 0.7)
    assert np.all(y[np.abs(x[:, 1]) < 0.4] == 0), "no hill reaches the middle line"


@pytest.mark.parametrize("name", ["circle", "xor"])
def test_more_noise_mislabels_more(name) -> None:
    def wrong(noise: float) -> int:
        x, y = all_samples(name, n_samples=4000, noise=noise)
        clean = np.hypot(*x.T) < 2.5 if name == "circle" else x.prod(axis=1) > 0
        return int((y != clean).sum())

    assert 0 == wrong(0) < wrong(15) < wrong(50)


def test_features_are_the_switches_of_the_playground() -> None:
    x = np.array([[2.0, -3.0], [0.5, 1.0]])
    made = playground.features(x, list(playground.FEATURES))
    expected = [
        [2, -3, 4, 9, -6, np.sin(2), np.sin(-3)],
        [0.5, 1, 0.25, 1, 0.5, np.sin(0.5), np.sin(1)],
    ]
    np.testing.assert_allclose(made, expected, atol=1e-6)
    np.testing.assert_array_equal(playground.features(x), x)


@given(st.integers(1, 50), st.integers(1, 50), seeds)
def test_sine_without_noise_is_the_sine(n_train, n_test, seed) -> None:
    (x, y), (x_test, y_test) = sine.load_data(n_train, n_test, noise=0, seed=seed)
    assert x.shape == y.shape == (n_train, 1)
    assert x_test.shape == y_test.shape == (n_test, 1)
    np.testing.assert_allclose(y, np.sin(x), atol=1e-6)
    cells = np.sort((x[:, 0] - 1e-6).clip(0) / (2 * np.pi) * n_train).astype(int)
    assert np.abs(cells - np.arange(n_train)).max() <= 1e-3, "one in each interval"


def test_the_noise_of_the_sine_has_its_standard_deviation() -> None:
    (x, y), _ = sine.load_data(20_000, noise=0.25)
    assert abs((y - np.sin(x)).std() - 0.25) < 0.005


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "circles"}, r"unknown playground problem 'circles'. Did you mean 'circle'\?"),
        ({"noise": 51}, r"noise must be from 0 to 50 \(per cent\), got 51"),
        ({"noise": float("nan")}, "noise must be from 0 to 50"),
        ({"train_share": 1}, "train_share must be between 0 and 1, got 1"),
        ({"n_samples": 1}, "n_samples must be at least 2"),
        ({"seed": -1}, "seed must be from 0"),
    ],
)
def test_what_cannot_be_drawn_is_named(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        playground.load_data(**arguments)


def test_errors_of_features_and_sine() -> None:
    with pytest.raises(ValueError, match=r"unknown feature 'x\^3'"):
        playground.features([[1.0, 2.0]], ["x^3"])
    with pytest.raises(ValueError, match=r"points of shape \(n_samples, 2\), got \(1, 3\)"):
        playground.features([[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match="names must be one or more"):
        playground.features([[1.0, 2.0]], [])
    with pytest.raises(ValueError, match="n_train must be at least 1, got 0"):
        sine.load_data(0)
    with pytest.raises(ValueError, match="noise is a standard deviation"):
        sine.load_data(noise=-0.1)


@pytest.mark.parametrize(("noise", "variance"), [(0, 0.5), (50, 4.0)])
def test_the_clouds_of_gauss_widen_with_noise(noise, variance) -> None:
    x, y = all_samples("gauss", n_samples=20_000, noise=noise)
    for label, centre in ((1, 2), (0, -2)):
        np.testing.assert_allclose(x[y == label].mean(axis=0), centre, atol=0.08)
        np.testing.assert_allclose(x[y == label].var(axis=0), variance, rtol=0.05)
