"""The stored curves are what the committed script makes."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from assignment4 import FOLDER, module


@pytest.fixture
def make_curves() -> ModuleType:
    return module("make_curves")


def test_the_baseline_is_reproduced(make_curves: ModuleType) -> None:
    """To the printed digits: BLAS libraries round differently, and softmax regression forgives."""
    stored = json.loads((FOLDER / "curves" / "baseline.json").read_text(encoding="utf-8"))
    assert stored["setting"] == make_curves.BASELINE
    history = make_curves.run(make_curves.BASELINE)
    for name, values in stored["history"].items():
        np.testing.assert_allclose(history[name], values, atol=2e-3)


def test_the_settings_are_those_of_the_script(make_curves: ModuleType) -> None:
    for name, setting in make_curves.EXPERIMENTS.items():
        stored = json.loads((FOLDER / "curves" / f"{name}.json").read_text(encoding="utf-8"))
        assert stored["setting"] == setting


def test_dropout_keeps_the_mean_and_zeroes_its_share(make_curves: ModuleType) -> None:
    a, mask = make_curves.dropout(np.ones((200, 200)), 0.5, np.random.default_rng(3))
    assert set(np.unique(mask)) == {0.0, 2.0}
    assert abs(a.mean() - 1) < 0.02


def test_the_picture_is_drawn(make_curves: ModuleType, tmp_path: Path) -> None:
    history = {k: [1.0, 0.5, 0.25] for k in make_curves.FIGURES}
    make_curves.draw(history, "title", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 3000
