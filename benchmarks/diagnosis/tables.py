"""The scores as tables, and the targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.diagnosis.grid import LENGTHS
from benchmarks.diagnosis.rules import NAIVE, OWN
from benchmarks.tables import Table
from densefit.learning_curves import VERDICTS

__all__ = ["TARGETS", "diagnosis_tables", "met", "rows_of"]

Score = Mapping[str, Any]
TARGETS = {
    "verdict": "agreement of at least 95 % where the truth is unambiguous",
    "best_epoch": "best epoch within the tied ones for at least 95 %",
    "naive": "better than every naive rule on every row",
}


def rows_of(score: Score) -> dict[str, float]:
    """Every figure of a rule by name, each of them better when it is more."""
    return {
        "agreement with the experiment": score["agreement"],
        **{f"… at {e} epochs": score["agreement_by_epochs"][str(e)] for e in LENGTHS},
        **{f"F1 of {v}": score["f1"][v] for v in VERDICTS},
        "best epoch within the tied ones": score["tied"],
        **{f"… of {e} epochs": score["tied_by_epochs"][str(e)] for e in LENGTHS},
        "1 - error of the best epoch / epochs": 1 - score["best_epoch_error"],
    }


def met(rules: Mapping[str, Score]) -> dict[str, bool]:
    """Which targets are reached."""
    own = rows_of(rules[OWN])
    naive = [rows_of(rules[name]) for name in NAIVE]
    return {
        "verdict": rules[OWN]["agreement"] >= 0.95,
        "best_epoch": rules[OWN]["tied"] >= 0.95,
        "naive": all(own[row] > other[row] for row in own for other in naive),
    }


def diagnosis_tables(result: Mapping[str, Any]) -> list[Table]:
    """All rules on all rows, and the confusion matrix of ``diagnose``."""
    rules: Mapping[str, Score] = result["rules"]
    figures = {name: rows_of(score) for name, score in rules.items()}
    rows = [(row, *(f"{100 * f[row]:.1f}" for f in figures.values())) for row in figures[OWN]]
    counts = rules[OWN]["curves"]
    confusion = rules[OWN]["confusion"]
    return [
        Table(
            f"Held-out half, per cent ({counts['verdict']} verdicts, {counts['best_epoch']} best "
            "epochs)",
            ("", *rules),
            rows,
        ),
        Table(
            "Verdicts of `diagnose` (columns) by the experiment's truth (rows)",
            ("", *VERDICTS),
            [(t, *(str(confusion[t][s]) for s in VERDICTS)) for t in VERDICTS],
        ),
    ]
