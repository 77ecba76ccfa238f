"""What :func:`densefit.learning_curves.diagnose` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from densefit.learning_curves.history import Text

__all__ = ["DEFENSIBLE", "VERDICTS", "Diagnosis", "Verdict"]

Verdict = Literal["underfitting", "good_fit", "overfitting"]
VERDICTS: tuple[Verdict, ...] = ("underfitting", "good_fit", "overfitting")
#: A verdict that is at least this probable can be defended.
DEFENSIBLE = 0.25


@dataclass(frozen=True)
class Diagnosis:
    """What one pair of learning curves says. Epochs count from 1."""

    verdict: Verdict
    probabilities: Mapping[Verdict, float]
    """How well each verdict is supported; they sum to 1."""
    best_epoch: int
    """The epoch of the least smoothed validation figure."""
    tied: tuple[int, int]
    """First and last of the epochs that cannot be told from the best."""
    onset: int | None
    """The epoch at which overfitting sets in; None when it does not."""
    onset_interval: tuple[int, int] | None
    """First and last epoch that may be called the onset, where overfitting can be defended."""
    gap_at_best: float | None
    gap_at_end: float | None
    """Generalisation gap, validation minus training (of accuracies: of error rates)."""
    shapes: tuple[str, ...]
    """Further shapes that it has, of ``SHAPES``."""
    criteria: Mapping[str, float]
    """The criteria measured, by name; see the guide to learning curves."""
    reasons: tuple[Text, ...]
    """Why, in sentences by language."""
    notes: tuple[Text, ...]
    """What was recognised while the history was read."""
    metric: str
    """``"loss"`` or ``"accuracy"``: what was judged."""
    epochs: int
    """Epochs in the history."""
    lowest_epoch: int
    """The epoch of the least validation figure as it is, not smoothed: EarlyStopping's choice."""

    @property
    def confidence(self) -> float:
        """The probability of the verdict, 0 … 1."""
        return self.probabilities[self.verdict]

    @property
    def defensible(self) -> tuple[Verdict, ...]:
        """Every verdict that can be defended, the best supported first."""
        ranked = sorted(VERDICTS, key=lambda v: -self.probabilities[v])
        return tuple(v for v in ranked if v == self.verdict or self.probabilities[v] >= DEFENSIBLE)

    def is_best(self, epoch: int) -> bool:
        """Whether ``epoch`` is tied with the best one."""
        return self.tied[0] <= epoch <= self.tied[1] or epoch == self.lowest_epoch

    def explain(self, lang: str = "en") -> str:
        """Notes and reasons as text, one sentence per line."""
        return "\n".join(sentence[lang] for sentence in (*self.notes, *self.reasons))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "verdict": self.verdict,
            "confidence": self.confidence,
            "probabilities": dict(self.probabilities),
            "defensible": list(self.defensible),
            "best_epoch": self.best_epoch,
            "tied": list(self.tied),
            "onset": self.onset,
            "onset_interval": None if self.onset_interval is None else list(self.onset_interval),
            "gap_at_best": self.gap_at_best,
            "gap_at_end": self.gap_at_end,
            "shapes": list(self.shapes),
            "criteria": dict(self.criteria),
            "metric": self.metric,
            "epochs": self.epochs,
            "reasons": [dict(sentence) for sentence in self.reasons],
            "notes": [dict(sentence) for sentence in self.notes],
        }
