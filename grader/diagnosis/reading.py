"""What can be defended about one learning curve: the other side of every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from densefit.learning_curves import Diagnosis, diagnose
from grader.experiment.statistics import Statistics

__all__ = ["Reading", "of_experiment", "read"]


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
    also_tied: tuple[int, int] | None = None
    """Further epochs that can be defended as the best."""

    def is_best(self, epoch: int) -> bool:
        """Whether ``epoch`` is tied with the best."""
        intervals = [self.tied, (self.lowest, self.lowest), self.also_tied or self.tied]
        return any(first <= epoch <= last for first, last in intervals)

    def distance(self, epoch: int) -> int:
        """How many epochs ``epoch`` is away from the nearest tied one."""
        tied = [e for e in range(1, self.epochs + 1) if self.is_best(e)]
        return min(abs(epoch - e) for e in tied)


def read(history: Mapping[str, Sequence[float]], baseline: float) -> Reading:
    """The reading of a history beside the baseline's least validation loss."""
    return of_diagnosis(diagnose(history, baseline=baseline))


def of_experiment(statistics: Statistics, own: Diagnosis) -> Reading:
    """What replicate seeds say about a variant, and what the student's own curve shows.

    A student sees one curve; whoever reads that one rightly is right, whatever the average says.
    """
    verdicts = dict.fromkeys((*statistics.verdicts, *own.defensible))
    onsets = [i for i in (statistics.onset, own.onset_interval) if i is not None]
    onset = (min(i[0] for i in onsets), max(i[1] for i in onsets)) if onsets else None
    return Reading(
        epochs=own.epochs,
        verdicts=tuple(verdicts),
        best=statistics.best,
        tied=statistics.tied,
        lowest=own.lowest_epoch,
        onset=onset,
        also_tied=own.tied,
    )


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
