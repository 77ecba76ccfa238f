"""``densefit curves``: words, picture and JSON; sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import pytest
from matplotlib.figure import Figure

from densefit import plots
from densefit.learning_curves import diagnose
from source_tree import ROOT

CURVES = ROOT / "assignments" / "assignment4" / "curves"


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "densefit.cli", *map(str, arguments)]
    env = os.environ | {"MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"} | environment
    return subprocess.run(
        call, capture_output=True, text=True, encoding="utf-8", env=env, check=False
    )


def test_words_and_picture(tmp_path: Path) -> None:
    picture = tmp_path / "c.png"
    done = run("curves", CURVES / "curve_1.json", "-o", picture, "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert "overfitting" in done.stdout
    assert matplotlib.image.imread(picture).std() > 0.05


def test_json_in_any_language(tmp_path: Path) -> None:
    done = run("curves", CURVES / "curve_2.json", "--json", "--no-picture", LC_ALL="ja_JP.UTF-8")
    found = json.loads(done.stdout)
    assert found["verdict"] == "underfitting"
    assert found["reasons"][0]["ja"]


def test_a_baseline_as_number_or_file() -> None:
    one = run("curves", CURVES / "curve_3.json", "--baseline", "0.3", "--json", "--no-picture")
    assert json.loads(one.stdout)["verdict"] == "underfitting"
    baseline = CURVES / "baseline.json"
    other = run("curves", CURVES / "curve_3.json", "--baseline", baseline, "--json", "--no-picture")
    assert json.loads(other.stdout)["verdict"] == "good_fit"


@pytest.mark.parametrize(("lang", "said"), [("en", "'val_loss'"), ("ja", "ありません")])
def test_a_wrong_file_gets_a_sentence(tmp_path: Path, lang: str, said: str) -> None:
    (tmp_path / "h.json").write_text('{"loss": [1, 2, 3]}', encoding="utf-8")
    done = run("curves", tmp_path / "h.json", "--lang", lang)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["curves", "missing.json"],
        ["curves", CURVES / "curve_1.json", "--baseline", "nothing"],
        ["curves", CURVES / "curve_1.json", "-o", "picture.docx"],
        ["curves", CURVES / "curve_1.json", "-o", "no/such/folder/p.png"],
    ],
)
def test_a_wrong_call_gets_a_sentence(arguments: list[object], tmp_path: Path) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_the_overlay_shows_the_diagnosis() -> None:
    history = json.loads((CURVES / "curve_1.json").read_text())["history"]
    diagnosis = diagnose(history)
    axes = Figure().subplots(1, 2)
    plots.learning_curves(history, axes, diagnosis=diagnosis)
    for ax in axes:
        labels = ax.get_legend_handles_labels()[1]
        assert f"best epoch: {diagnosis.best_epoch}" in labels
        assert f"overfitting from epoch {diagnosis.onset}" in labels
        assert "tied for best: {} to {}".format(*diagnosis.tied) in labels
        spans = [p for p in ax.patches if p.get_hatch()]
        assert len(spans) == 1
    assert "overfitting (99 % sure)" in axes[0].figure.get_suptitle()


def test_a_diagnosis_of_several_runs_is_refused() -> None:
    history = json.loads((CURVES / "curve_1.json").read_text())["history"]
    with pytest.raises(ValueError, match="one run"):
        plots.learning_curves({"a": history, "b": history}, diagnosis=diagnose(history))
