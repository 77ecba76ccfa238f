"""Fixtures of the kernel tests: every instruction set that runs here, and both precisions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from densefit import ops

# Largest error of a chain of n products relative to Σ|x·w|, per unit of n, and of a few roundings.
ULP = {np.float32: 2.0**-23, np.float64: 2.0**-52}


@pytest.fixture(params=ops.available_isas())
def isa(request: pytest.FixtureRequest) -> Iterator[str]:
    with ops.use_isa(request.param):
        yield request.param


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> type:
    return request.param


@pytest.fixture
def several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let even the smallest call use every thread it is allowed, all the time."""
    monkeypatch.setattr(ops, "ADAPTIVE_THREADS", False)
    monkeypatch.setattr(ops, "MIN_WORK_PER_THREAD", 1)
