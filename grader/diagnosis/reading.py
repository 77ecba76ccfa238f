"""What can be defended about one learning curve: the other side of every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from densefit.learning_curves import Diagnosis, diagnose

__all__ = ["Reading", "read"]


@dataclass(frozen=True)
class Reading:
    """Epochs count from 1."""

    epochs: int
    verdicts: tuple[str, ...]
    """The defensible verdicts, the best supported first."""
    best: int
    tied: tuple[int, int]
    """First and last of the epochs that cannot be told from the best."""
    lowest: int
    """The epoch of the least validation loss as it is: what EarlyStopping keeps."""
    onset: tuple[int, int] | None
    """First and last epoch at which overfitting may be said to set in."""

    def is_best(self, epoch: int) -> bool:
        """Whether ``epoch`` is tied with the best."""
        return self.tied[0] <= epoch <= self.tied[1] or epoch == self.lowest


def read(history: Mapping[str, Sequence[float]], baseline: float) -> Reading:
    """The reading of a history beside the baseline's least validation loss."""
    return of_diagnosis(diagnose(history, baseline=baseline))


def of_diagnosis(diagnosis: Diagnosis) -> Reading:
    """The library's reading as the grader's."""
    return Reading(
        epochs=diagnosis.epochs,
        verdicts=diagnosis.defensible,
        best=diagnosis.best_epoch,
        tied=diagnosis.tied,
        lowest=diagnosis.lowest_epoch,
        onset=diagnosis.onset_interval,
    )
