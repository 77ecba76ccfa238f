"""The truth about learning curves comes from real trainings; the targets are met on them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.diagnosis import __main__ as report
from benchmarks.diagnosis import grid
from benchmarks.diagnosis.rules import RULES, Curve
from benchmarks.diagnosis.scores import scores_of
from benchmarks.diagnosis.tables import met, rows_of
from benchmarks.diagnosis.truth import truth_of


@pytest.fixture(scope="module")
def curves() -> dict[grid.Setting, grid.Curves]:
    return grid.load()


def made(val_loss: np.ndarray, width: int = 64) -> dict[grid.Setting, grid.Curves]:
    """A grid of one line: every width and dropout train alike, ten replicates with some noise."""
    rng = np.random.default_rng(0)
    runs = val_loss + 0.002 * rng.standard_normal((10, len(val_loss)))
    same = grid.Curves(runs - 0.1, runs, 0 * runs)
    kinds = [(w, k) for w in grid.WIDTHS for k in ("none", "dropout")]
    return {grid.Setting(w, 700, 0.0, k, 0.1): same for w, k in kinds}


E = np.arange(200)
TURNED = 0.6 + np.exp(-E / 4) + 0.004 * np.maximum(E - 15, 0)


@pytest.mark.parametrize(
    ("val_loss", "epochs", "verdict"),
    [
        (TURNED, 50, "overfitting"),
        (TURNED, 12, None),
        (0.6 + np.exp(-E / 4), 50, "good_fit"),
        (0.6 + np.exp(-E / 40), 50, "underfitting"),
    ],
)
def test_the_truth_is_what_would_have_helped(
    val_loss: np.ndarray, epochs: int, verdict: str | None
) -> None:
    found = made(val_loss)
    truth = truth_of(found, next(iter(found)), epochs)
    assert truth.verdict == verdict
    assert truth.tied[truth.best_epoch - 1]
    assert abs(truth.best_epoch - (int(val_loss[:epochs].argmin()) + 1)) <= 8


def test_replicates_that_disagree_make_the_truth_ambiguous() -> None:
    found = made(TURNED)
    setting = next(iter(found))
    runs = found[setting].val_loss.copy()
    runs[:4] = 0.6 + np.exp(-E / 4)
    found[setting] = grid.Curves(runs - 0.1, runs, 0 * runs)
    assert truth_of(found, setting, 50).verdict is None


def test_the_cache_holds_what_training_gives(curves: dict[grid.Setting, grid.Curves]) -> None:
    """Bit for bit the same trainings, on any machine."""
    setting = grid.Setting(2, 70, 0.3, "l2", 0.1)
    _, stored = grid._replicates(setting)
    assert np.array_equal(stored[1] * grid.UNIT, curves[setting].val_loss)


def test_the_halves_are_disjoint_and_both_large(curves: dict[grid.Setting, grid.Curves]) -> None:
    share = np.mean([report.held_out(s) for s in curves])
    assert 0.4 < share < 0.6


@pytest.mark.parametrize("name", RULES)
def test_every_rule_reads_a_clear_rise_as_overfitting(name: str) -> None:
    v = TURNED[:100]
    reading = RULES[name](Curve(v / (1 + E[:100]), v, baseline=0.7))
    assert reading.verdict == "overfitting"
    assert 1 <= reading.best_epoch <= 100


@pytest.mark.slow
def test_the_targets_are_met(curves: dict[grid.Setting, grid.Curves]) -> None:
    rules = {n: s.as_dict() for n, s in scores_of(curves, report.held_out).items()}
    assert met(rules) == {"verdict": True, "best_epoch": True, "naive": True}
    assert all(0 <= figure <= 1 for figure in rows_of(rules["diagnose"]).values())
