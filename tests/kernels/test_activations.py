"""Activations that are stages of their own, and noise: values, slopes, and the same bits."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit import ops
from exact_activations import CURVES

from .conftest import ULP

ALPHAS = {"elu": 0.7, "leaky_relu": 0.3}


def stage(name: str) -> ops.Activation:
    return ops.Activation(name, ALPHAS.get(name, 0.0))


def arguments(dtype: type) -> np.ndarray:
    rng = np.random.default_rng(5)
    return np.concatenate([rng.normal(size=800) * 2, rng.uniform(-90, 90, 197), [0, 1e4, -1e4]])[
        None
    ].astype(dtype)


@pytest.mark.parametrize("name", CURVES)
def test_values_agree_with_the_formula(name: str, dtype: type, isa: str) -> None:
    z = arguments(dtype)
    got = ops.Network([stage(name)], z.shape[1], dtype).predict(z)
    exact, _ = CURVES[name](z.astype(np.float64), ALPHAS.get(name, 0.0))
    tiny = 100 * np.finfo(dtype).tiny
    # exp magnifies the rounding of its argument in the tails of both gelus: in the kernels for
    # the one by tanh, in this oracle for the other (test_math.py has 60 digits for that).
    relative = (1000 if name.startswith("gelu") else 8) * ULP[dtype]
    np.testing.assert_allclose(got, exact, rtol=relative, atol=tiny)


def slopes(name: str, z: np.ndarray) -> np.ndarray:
    """da/dz, from one step of a network whose loss has the gradient 1 with respect to a."""
    width, b = z.shape[1], z[0].copy()
    layers = [ops.Dense(np.zeros((1, width), z.dtype), b), stage(name)]
    one = np.ones((1, 1), z.dtype)
    network = ops.Network(layers, 1, z.dtype)
    target = network.predict(one) - z.dtype.type(width / 2)
    network.train(
        one, target, np.zeros(1, np.int64), np.ones(1),
        loss=ops.Loss("mean_squared_error"), optimizer=ops.Optimizer("sgd"),
        batch_size=1, seed=0, step=0,
    )  # fmt: skip
    return (z - b)[0]


@pytest.mark.parametrize("name", CURVES)
def test_slopes_agree_with_the_formula(name: str, dtype: type, isa: str) -> None:
    z = np.random.default_rng(3).normal(size=(1, 50)).astype(dtype) * 2
    _, exact = CURVES[name](z.astype(np.float64), ALPHAS.get(name, 0.0))
    np.testing.assert_allclose(slopes(name, z), exact[0], rtol=0, atol=300 * ULP[dtype])


@pytest.mark.parametrize("name", CURVES)
@given(z=st.floats(-60, 60))
def test_slopes_agree_with_finite_differences(name: str, z: float) -> None:
    if abs(z) < 1e-3:
        z = 0.5  # away from the kink
    near = np.array([[z - 1e-6, z + 1e-6]])
    low, high = ops.Network([stage(name)], 2, np.float64).predict(near)[0]
    assert slopes(name, np.array([[z]]))[0] == pytest.approx((high - low) / 2e-6, abs=1e-6)


@pytest.mark.parametrize("name", CURVES)
def test_nan_stays_nan(name: str, isa: str) -> None:
    z = np.full((1, 3), np.nan)
    assert np.isnan(ops.Network([stage(name)], 3, np.float64).predict(z)).all()


def train(dtype: type) -> str:
    """The digest of a network with every activation and noise."""
    width, stages, arrays = 21, [], []
    for i, name in enumerate(CURVES):
        w = (ops.uniform(1, i, width * width).reshape(width, width) - 0.5).astype(dtype)
        stages += [ops.Dense(w, None), stage(name), ops.GaussianNoise(0.1)]
        arrays.append(w)
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(50, width)).astype(dtype), rng.normal(size=(50, width)).astype(dtype)
    totals = ops.Network(stages, width, dtype).train(
        x, y, np.arange(50), np.full(7, 0.1), loss=ops.Loss("mean_squared_error"),
        optimizer=ops.Optimizer("sgd"), batch_size=8, seed=3, step=0,
    )  # fmt: skip
    return hashlib.sha256(b"".join(w.tobytes() for w in arrays) + repr(totals).encode()).hexdigest()


def test_same_bits_everywhere(
    dtype: type, several_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = set()
    for isa in ops.available_isas():
        for threads in (1, 2, 3):
            monkeypatch.setattr(ops, "_num_threads", threads)
            with ops.use_isa(isa):
                digests.add(train(dtype))
    assert len(digests) == 1


def noise(shape: tuple[int, int], stddev: float, seed: int, dtype: type) -> np.ndarray:
    """What the stage adds: a linear network's first loss gradient tells it."""
    n, m = shape
    w = np.zeros((m, m), dtype)
    network = ops.Network([ops.Dense(w, None), ops.GaussianNoise(stddev)], m, dtype)
    before = np.eye(n, m, dtype=dtype)
    network.train(
        before, np.zeros((n, m), dtype), np.arange(n), np.ones(1),
        loss=ops.Loss("mean_squared_error"), optimizer=ops.Optimizer("sgd"),
        batch_size=n, seed=seed, step=0,
    )  # fmt: skip
    return -w[:n] * n * m / 2


def test_noise_is_normal_and_follows_the_seed(dtype: type, isa: str) -> None:
    drawn = noise((100, 100), 0.5, 1, dtype)
    assert abs(drawn.mean()) < 0.02
    assert drawn.std() == pytest.approx(0.5, rel=0.03)
    np.testing.assert_array_equal(drawn, noise((100, 100), 0.5, 1, dtype))
    assert not np.array_equal(drawn, noise((100, 100), 0.5, 2, dtype))
    assert np.unique(drawn).size > 9900


def test_no_noise_in_predictions() -> None:
    x = np.ones((3, 4))
    np.testing.assert_array_equal(
        ops.Network([ops.GaussianNoise(1.0)], 4, np.float64).predict(x), x
    )
