"""Every rule's score against the experiment's truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.diagnosis.grid import LENGTHS, Curves, Setting
from benchmarks.diagnosis.rules import RULES, Curve
from benchmarks.diagnosis.truth import Truth, truth_of
from densefit.learning_curves import VERDICTS

__all__ = ["Score", "scores_of"]

#: A network whose validation loss never falls this far below guessing has died: no best epoch.
GUESSING, DEAD = float(np.log(10)), 0.96


@dataclass
class Score:
    """What one rule got right."""

    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(truth, said) where the truth is unambiguous."""
    by_length: Counter[tuple[int, bool]] = field(default_factory=Counter)
    tied: Counter[tuple[int, bool]] = field(default_factory=Counter)
    """(epochs, whether the best epoch was a tied one), of all curves that learned anything."""
    errors: list[float] = field(default_factory=list)
    """|best epoch - the experiment's| as a share of the epochs."""

    def agreement(self) -> float:
        """The share of right verdicts."""
        return sum(self.confusion[v, v] for v in VERDICTS) / sum(self.confusion.values())

    def agreement_at(self, epochs: int) -> float:
        """The share of right verdicts among curves of one length."""
        right, wrong = self.by_length[epochs, True], self.by_length[epochs, False]
        return right / (right + wrong)

    def f1(self, verdict: str) -> float:
        """2 · right / (said + true): neither silence nor crying wolf scores."""
        said = sum(n for (_, s), n in self.confusion.items() if s == verdict)
        true = sum(n for (t, _), n in self.confusion.items() if t == verdict)
        return 2 * self.confusion[verdict, verdict] / max(1, said + true)

    def tied_share(self, epochs: int | None = None) -> float:
        """The share of best epochs within the tied ones, of all curves or of one length."""
        of = [epochs] if epochs else LENGTHS
        right = sum(self.tied[e, True] for e in of)
        return right / (right + sum(self.tied[e, False] for e in of))

    def error(self) -> float:
        """The mean error of the best epoch."""
        return float(np.mean(self.errors))

    def add(self, truth: Truth, verdict: str, best_epoch: int, alive: bool) -> None:
        """Count one curve."""
        epochs = len(truth.tied)
        if truth.verdict is not None:
            self.confusion[truth.verdict, verdict] += 1
            self.by_length[epochs, truth.verdict == verdict] += 1
        if alive:
            self.tied[epochs, bool(truth.tied[best_epoch - 1])] += 1
            self.errors.append(abs(best_epoch - truth.best_epoch) / epochs)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "agreement": self.agreement(),
            "agreement_by_epochs": {str(e): self.agreement_at(e) for e in LENGTHS},
            "f1": {v: self.f1(v) for v in VERDICTS},
            "tied": self.tied_share(),
            "tied_by_epochs": {str(e): self.tied_share(e) for e in LENGTHS},
            "best_epoch_error": self.error(),
            "confusion": {t: {s: self.confusion[t, s] for s in VERDICTS} for t in VERDICTS},
            "curves": {"verdict": sum(self.confusion.values()), "best_epoch": len(self.errors)},
        }


def scores_of(
    curves: Mapping[Setting, Curves], wanted: Callable[[Setting], bool]
) -> dict[str, Score]:
    """The score of every rule on the curves of the wanted settings."""
    scores = {name: Score() for name in RULES}
    for setting, runs in curves.items():
        if not setting.width or not wanted(setting):
            continue
        baseline = float(curves[setting.baseline].val_loss.mean(axis=0).min())
        for epochs in LENGTHS:
            truth = truth_of(curves, setting, epochs)
            for loss, val_loss in zip(runs.loss, runs.val_loss, strict=True):
                curve = Curve(loss[:epochs], val_loss[:epochs], baseline)
                alive = bool(curve.val_loss.min() < DEAD * GUESSING)
                for name, rule in RULES.items():
                    reading = rule(curve)
                    scores[name].add(truth, reading.verdict, reading.best_epoch, alive)
    return scores
