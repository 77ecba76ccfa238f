"""Our exp, log, tanh and sigmoid against 60 digits, and the same bits on every instruction set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from densefit import ops

mpmath.mp.dps = 60
EXACT = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log1p": mpmath.log1p,
    "expm1": mpmath.expm1,
    "normal_cdf": mpmath.ncdf,
}
MAX_ULP = {
    "exp": 1.0,
    "log": 1.0,
    "tanh": 2.0,
    "sigmoid": 2.0,
    "log1p": 2.0,
    "expm1": 4.0,
    "normal_cdf": 4.0,
}
SMALLEST = {np.float32: 2.0**-126, np.float64: 2.0**-1022}


def arguments(name: str, dtype: type) -> np.ndarray:
    """Arguments over the whole range in which the function is neither 0 nor infinite."""
    rng = np.random.default_rng(5)
    bits = 23 if dtype is np.float32 else 52
    if name == "log":
        exponents = rng.integers(-126 if bits == 23 else -1022, 127 if bits == 23 else 1023, 1500)
        near_one = 1 + rng.normal(size=1000) * 0.05
        x = np.concatenate([np.ldexp(1 + rng.random(1500), exponents), near_one])
    elif name == "normal_cdf":
        far = 13.0 if bits == 23 else 37.0
        x = np.concatenate([rng.uniform(-far, far, 2000), rng.normal(size=1000)])
    elif name == "log1p":
        x = np.ldexp(1 + rng.random(3000), rng.integers(-60, 60, 3000))
    else:
        low, high = (-87.0, 88.0) if bits == 23 else (-708.0, 709.0)
        x = np.concatenate(
            [
                rng.uniform(low, high, 1000),
                rng.normal(size=1500),
                rng.normal(size=500) * 1e-4,
                np.linspace(-1, 1, 201),
            ]
        )
    return x.astype(dtype)


def ulps(computed: np.ndarray, name: str, x: np.ndarray) -> np.ndarray:
    exact = [EXACT[name](mpmath.mpf(float(v))) for v in x]
    unit = np.spacing(np.abs(np.array([float(e) for e in exact], dtype=x.dtype)))
    unit = np.maximum(unit, SMALLEST[x.dtype.type] * np.finfo(x.dtype).eps)
    return np.array(
        [
            float(abs(mpmath.mpf(float(c)) - e) / float(u))
            for c, e, u in zip(computed, exact, unit, strict=True)
        ]
    )


@pytest.mark.parametrize("name", EXACT)
def test_error_is_below_the_documented_ulps(name: str, dtype: type, isa: str) -> None:
    x = arguments(name, dtype)
    assert ulps(ops.elementary(name, x), name, x).max() < MAX_ULP[name]


@pytest.mark.parametrize("name", EXACT)
def test_special_values(name: str, dtype: type, isa: str) -> None:
    inf, nan = np.inf, np.nan
    x = np.array([0.0, inf, -inf, nan, -1.0, 1e5, -1e5, 1e-42], dtype)
    got = ops.elementary(name, x)
    sure = {
        "exp": [1, inf, 0, nan, np.exp(-1), inf, 0, 1],
        "log": [-inf, inf, nan, nan, nan, np.log(1e5), nan, np.log(float(x[-1]))],
        "tanh": [0, 1, -1, nan, np.tanh(-1), 1, -1, float(x[-1])],
        "sigmoid": [0.5, 1, 0, nan, 1 / (1 + np.e), 1, 0, 0.5],
        "expm1": [0, inf, -1, nan, np.expm1(-1), inf, -1, float(x[-1])],
        "normal_cdf": [0.5, 1, 0, nan, 0.15865525393145707, 1, 0, 0.5],
        "log1p": [0, inf, None, nan, None, np.log(1e5), None, float(x[-1])],
    }[name]
    if name == "log1p":  # of x ≥ 0 only
        sure, got = [v for v in sure if v is not None], got[[0, 1, 3, 5, 7]]
    np.testing.assert_allclose(got, np.array(sure, dtype), rtol=1e-6)


def test_exp_flushes_below_the_smallest_normal(dtype: type, isa: str) -> None:
    x = np.array([np.log(SMALLEST[dtype]) - 0.01, np.log(SMALLEST[dtype]) + 0.01], dtype)
    got = ops.elementary("exp", x)
    assert got[0] == 0.0
    assert got[1] >= SMALLEST[dtype]


@given(data=st.data(), name=st.sampled_from(list(EXACT)))
def test_every_instruction_set_gives_the_same_bits(data: st.DataObject, name: str) -> None:
    kind = data.draw(st.sampled_from([np.float32, np.float64]))
    x = data.draw(hnp.arrays(kind, st.integers(1, 40)))
    results = set()
    for isa in ops.available_isas():
        with ops.use_isa(isa):
            y = ops.elementary(name, x)
            results.add(np.where(np.isnan(y), kind(0), y).tobytes() + np.isnan(y).tobytes())
    assert len(results) == 1


def test_coefficients_are_those_their_script_derives() -> None:
    csrc = Path(__file__).parents[2] / "csrc"
    made = subprocess.run(
        [sys.executable, csrc / "coefficients.py"], capture_output=True, text=True, check=True
    ).stdout
    assert made.strip() in (csrc / "math_impl.h").read_text(encoding="utf-8")
