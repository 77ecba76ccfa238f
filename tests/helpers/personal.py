"""A small family of personal experiments, quick enough to replay in every test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from example_curves import FOLDER
from grader.diagnosis import DiagnosisItem, check_diagnosis
from grader.experiment.family import Family, load_family
from grader.experiment.replay import History, train

OVERFITTING, UNDERFITTING = 1, 2
EXPERIMENTS = """
schema = 1
variants = 6
replicates = 5
[[kinds]]
samples = [300, 310]
units = [[64]]
learning_rate = [0.15]
epochs = [70]
[[kinds]]
samples = [200, 210]
units = [[16]]
learning_rate = [0.005]
epochs = [12]
"""


def make_assignment(folder: Path) -> Path:
    """The given curves and the small family, as an assignment's folder."""
    place = folder / "small"
    place.mkdir()
    shutil.copytree(FOLDER / "curves", place / "curves")
    (place / "experiments.toml").write_text(EXPERIMENTS, encoding="utf-8")
    return place


def family_of(folder: Path) -> Family:
    family = load_family(folder)
    assert family is not None
    return family


def history_of(folder: Path, number: int) -> History:
    family = family_of(folder)
    return train(family.setting(number), family.seed(number))


def own_items(
    folder: Path,
    lines: str,
    history: Mapping[str, Any] | None,
    assigned: int | None = None,
) -> dict[str, DiagnosisItem]:
    """The items about ``[own]``, by part."""
    toml = f'[own]\nhistory = "history.json"\n{lines}\n'
    items = check_diagnosis(
        toml, folder, lambda name: None if history is None else json.dumps(history), assigned
    )
    return {i.name.removeprefix("own."): i for i in items if i.name.startswith("own.")}
