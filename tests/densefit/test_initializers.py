"""Initial weights: bounds, spread, seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from densefit import initializers

SPREAD = {
    "glorot_uniform": lambda i, o: math.sqrt(2 / (i + o)),
    "glorot_normal": lambda i, o: math.sqrt(2 / (i + o)),
    "he_uniform": lambda i, o: math.sqrt(2 / i),
    "he_normal": lambda i, o: math.sqrt(2 / i),
    "lecun_uniform": lambda i, o: math.sqrt(1 / i),
    "lecun_normal": lambda i, o: math.sqrt(1 / i),
    "random_normal": lambda i, o: 0.05,
    "random_uniform": lambda i, o: 0.1 / math.sqrt(12),
    "truncated_normal": lambda i, o: 0.05 * 0.87962566,
}
# Of the value furthest from 0 to the standard deviation.
REACH = {"uniform": math.sqrt(3), "normal": 2 / 0.8796}


@pytest.mark.parametrize("name", SPREAD)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**53 - 1), fan_in=st.integers(30, 80), fan_out=st.integers(30, 80))
def test_spread(name: str, seed: int, fan_in: int, fan_out: int) -> None:
    w = initializers.get(name)((fan_in, fan_out), "float64", seed=seed)
    expected = SPREAD[name](fan_in, fan_out)
    assert w.shape == (fan_in, fan_out)
    # Seven standard errors of mean and standard deviation, for the normal (kurtosis 3).
    assert abs(w.mean()) < 7 * expected / math.sqrt(w.size)
    assert abs(w.std() / expected - 1) < 7 / math.sqrt(2 * w.size)
    if name != "random_normal":
        assert np.abs(w).max() <= expected * REACH[name.split("_")[1]] * (1 + 1e-4)


@pytest.mark.parametrize("name", SPREAD)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**53 - 1))
def test_seed_and_stream_fix_the_values(name: str, seed: int) -> None:
    draw = initializers.get(name)
    first = draw((3, 4), "float64", seed=seed, stream=1)
    np.testing.assert_array_equal(first, draw((3, 4), "float64", seed=seed, stream=1))
    np.testing.assert_array_equal(
        first.astype(np.float32), draw((3, 4), "float32", seed=seed, stream=1)
    )
    assert not np.array_equal(first, draw((3, 4), "float64", seed=seed, stream=2))


def test_pieces_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = initializers.GlorotUniform()((30, 11), seed=3)
    monkeypatch.setattr(initializers, "_PIECE", 16)
    np.testing.assert_array_equal(initializers.GlorotUniform()((30, 11), seed=3), whole)


def test_own_seed_wins() -> None:
    own = initializers.HeNormal(seed=3)
    np.testing.assert_array_equal(own((5, 5), seed=1), own((5, 5), seed=2))


def test_constants() -> None:
    assert (initializers.Zeros()((2, 3)) == 0).all()
    assert (initializers.get("ones")((2, 3)) == 1).all()
    assert (initializers.Constant(0.5)((2, 3)) == 0.5).all()
    assert initializers.Ones()((2,)).dtype == np.float32


@pytest.mark.parametrize(
    "initializer",
    [
        initializers.GlorotUniform(seed=4),
        initializers.RandomNormal(1.0, 0.5, seed=2),
        initializers.RandomUniform(0, 1, seed=1),
        initializers.Constant(3),
        initializers.Ones(),
    ],
)
def test_serialised_and_back(initializer: initializers.Initializer) -> None:
    again = initializers.get(initializers.serialize(initializer))
    np.testing.assert_array_equal(again((4, 5)), initializer((4, 5)))


@pytest.mark.parametrize("spelling", ["glorot_uniform", "GlorotUniform", "glorotUniform"])
def test_spellings(spelling: str) -> None:
    assert isinstance(initializers.get(spelling), initializers.GlorotUniform)
    assert isinstance(initializers.get(initializers.glorot_uniform), initializers.GlorotUniform)
