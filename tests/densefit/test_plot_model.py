"""The network as a picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from densefit import Sequential, layers, utils

from .classifiers import classifier


def test_every_layer_has_its_box(tmp_path: Path) -> None:
    model = classifier()
    figure = utils.plot_model(model, tmp_path / "model.png")
    texts = [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    assert texts == [
        "Input", "(None, 6)", "dense (Dense), relu", "(None, 8)",
        "dense_1 (Dense), softmax", "(None, 3)",
    ]  # fmt: skip
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")
    plain = utils.plot_model(model, None, show_shapes=False, show_layer_names=False)
    assert [t.get_text() for t in plain.axes[0].texts if t.get_text()][1] == "Dense, relu"


def test_shapes_must_be_known() -> None:
    with pytest.raises(ValueError, match="does not know the shape"):
        utils.plot_model(Sequential([layers.Dense(1)]), None)


def test_import_does_not_load_matplotlib() -> None:
    code = "import sys, densefit; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
