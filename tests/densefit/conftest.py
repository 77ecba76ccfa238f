"""Every test starts a new session: names, seeds and float type as after import."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from densefit import backend


@pytest.fixture(autouse=True)
def new_session() -> Iterator[None]:
    backend.clear_session()
    yield
    backend.clear_session()
    backend.set_floatx("float32")


@pytest.fixture
def blobs() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """200 samples of 6 features in 3 well separated classes, mixed."""
    rng = np.random.default_rng(5)
    y = np.arange(200) % 3
    centres = 3 * np.eye(3, 6)
    return centres[y] + rng.standard_normal((200, 6)) / 2, y
