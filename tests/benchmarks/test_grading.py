"""The benchmark of grading: what it measures runs, and its table judges by the targets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import grading


def table(one: float, rate: float) -> str:
    result = {
        "seconds": {"one": [one] * 3, "relu": [0.2, 0.3, 0.4]},
        "rates": [rate],
        "processes": 2,
        "targets": {"one": grading.SINGLE_TARGET, "batch": grading.BATCH_TARGET},
    }
    return grading.grading_table(json.loads(json.dumps(result))).markdown()


@pytest.mark.parametrize(
    ("one", "rate", "marks"),
    [(0.8, 8.0, "✓✓"), (0.81, 8.0, "✗✓"), (0.5, 7.9, "✓✗")],
)
def test_the_table_holds_the_medians_beside_their_targets(
    one: float, rate: float, marks: str
) -> None:
    shown = table(one, rate)
    assert "".join(c for c in shown if c in "✓✗") == marks
    assert "0.30 s" in shown
    assert f"{rate:.1f} a second" in shown


@pytest.mark.slow
def test_what_is_measured_runs(tmp_path: Path) -> None:
    found = grading.commands(tmp_path)
    assert {"one", "relu"} <= set(found)
    assert grading.seconds_of(found["relu"], tmp_path) > 0
    done = subprocess.run(found["one"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "100 / 100" in done.stdout
    assert grading.batch_rate(2, 1, tmp_path) > 0
