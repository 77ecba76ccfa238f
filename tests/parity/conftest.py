"""What the comparisons with Keras need: Keras in float64 on the CPU, and a record of what agreed.

``DENSEFIT_PARITY=FILE pytest tests/parity`` writes the record, from which ``tools/keras_table.py``
makes the table of ``docs/keras.md``.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import needs

needs.need("keras", "jax")

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

from densefit import backend

from .twins import Parity

RECORD: list[dict[str, str]] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Keras warns of is no matter of ours."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    """Both compute in float64, so that a wrong formula cannot hide in a loose tolerance."""
    keras.backend.set_floatx("float64")
    keras.utils.set_random_seed(1)
    backend.clear_session()
    backend.set_floatx("float64")
    yield
    backend.clear_session()
    backend.set_floatx("float32")


@pytest.fixture
def parity() -> Parity:
    return Parity(RECORD)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    path = os.environ.get("DENSEFIT_PARITY")
    if path and exitstatus == 0:
        record = {"keras": keras.__version__, "numpy": np.__version__, "rows": RECORD}
        Path(path).write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
