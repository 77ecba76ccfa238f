"""``diagnose``: a history in, a diagnosis out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from densefit.learning_curves.diagnosis import DEFENSIBLE, VERDICTS, Diagnosis, Verdict
from densefit.learning_curves.history import Figures, HistoryError, Text, read_history, say
from densefit.learning_curves.reasons import reasons_for
from densefit.learning_curves.shapes import DIVERGING, shapes_of
from densefit.learning_curves.verdict import (
    Evidence,
    evidence_of,
    gain_probability,
    probabilities_of,
)

__all__ = ["diagnose"]

#: Fewer epochs than these show too little to be sure of anything.
FEW = 8


def diagnose(history: Any, *, baseline: Any = None) -> Diagnosis:
    """Underfitting, good fit or overfitting; best epoch; onset; how sure; why.

    ``history``: what ``fit`` returned (Keras's or densefit's), or its dict of lists, with
    ``val_loss`` or, without losses, ``val_accuracy``; the training figures are used where present.
    Epochs count from 1, everywhere. ``baseline``: the least validation loss (or the greatest
    validation accuracy) of a simple network on the same data, such as softmax regression, or its
    history. Without it a network that has stopped learning at a poor level cannot be told from one
    that has learned all there is.

    Criteria: Prechelt's generalisation loss, progress quotient and successive rises (1998), the
    Mann-Kendall trend test (1945), and the gain that the last doubling of the epochs foretells.

    Raises :class:`HistoryError` (a ``ValueError``) naming the key, the epoch and the value.
    """
    figures = read_history(history)
    level = _baseline_level(baseline, figures.metric)
    evidence = evidence_of(figures.validation, figures.training, level)
    shapes = shapes_of(figures, improving=gain_probability(evidence) >= 0.5)
    probabilities = _probabilities(figures, evidence, shapes)
    verdict: Verdict = max(VERDICTS, key=lambda name: probabilities[name])
    arguable = probabilities["overfitting"] >= DEFENSIBLE or verdict == "overfitting"
    onset = _onset(evidence, len(figures.validation)) if arguable else None
    reasons = reasons_for(figures, evidence, shapes, verdict, probabilities[verdict])
    return Diagnosis(
        verdict=verdict,
        probabilities=probabilities,
        best_epoch=evidence.best + 1,
        tied=(evidence.tied[0] + 1, evidence.tied[1] + 1),
        onset=onset[1] if onset is not None and verdict == "overfitting" else None,
        onset_interval=None if onset is None else (onset[0], onset[2]),
        gap_at_best=_gap(figures, evidence.best),
        gap_at_end=_gap(figures, len(figures.validation) - 1),
        shapes=shapes,
        criteria=_criteria(evidence),
        reasons=reasons,
        notes=figures.notes + _few(len(figures.validation)),
        metric=figures.metric,
        epochs=figures.epochs,
        lowest_epoch=int(figures.validation.argmin()) + 1,
    )


def _baseline_level(baseline: Any, metric: str) -> float | None:
    """The baseline's least loss or error rate."""
    if baseline is None:
        return None
    if isinstance(baseline, Mapping) or hasattr(baseline, "history"):
        figures = read_history(baseline)
        if figures.metric != metric:
            raise HistoryError(
                f"the baseline is judged by its {figures.metric}, the history by its {metric}",
                f"baseline は {figures.metric}、history は {metric} しかなく、比べられません。",
            )
        return float(figures.validation.min())
    level = float(baseline)
    if not math.isfinite(level) or level <= 0:
        raise HistoryError(
            f"baseline must be a loss or accuracy above 0, got {baseline!r}",
            f"baseline は 0 より大きい損失か正解率でなければなりません (現在は {baseline!r})。",
        )
    return max(1 - level, 1e-3) if metric == "accuracy" else level


def _probabilities(
    figures: Figures, evidence: Evidence, shapes: tuple[str, ...]
) -> dict[Verdict, float]:
    """Those of the curve; a network that diverged before it learned anything has underfitted."""
    found = probabilities_of(evidence)
    v = figures.validation
    if DIVERGING in shapes and evidence.best <= max(1, len(v) // 10):
        return {"underfitting": 0.9, "good_fit": 0.0, "overfitting": 0.1}
    share = min(1.0, len(v) / FEW)
    return {name: share * p + (1.0 - share) / len(VERDICTS) for name, p in found.items()}


def _few(epochs: int) -> tuple[Text, ...]:
    if epochs >= FEW:
        return ()
    return (
        say(
            f"With {epochs} epochs little is certain: train for at least {FEW}.",
            f"{epochs} エポックでは確かなことはあまり言えません。"
            f"少なくとも {FEW} エポック学習させましょう。",
        ),
    )


def _onset(evidence: Evidence, epochs: int) -> tuple[int, int, int]:
    """First, most likely and last epoch, from 1, at which overfitting may be said to set in.

    It sets in after the last epoch that is tied with the best one; where it is seen to depends on
    the eye, so the beginning of the tied epochs and a tenth of the curve after are allowed too.
    """
    first, last = evidence.tied
    most_likely = min(epochs, last + 2)
    return first + 1, most_likely, min(epochs, most_likely + max(2, epochs // 10))


def _gap(figures: Figures, index: int) -> float | None:
    if figures.training is None:
        return None
    return float(figures.validation[index] - figures.training[index])


def _criteria(evidence: Evidence) -> dict[str, float]:
    found = {**evidence.criteria, "gain": evidence.gain}
    if evidence.gap is not None:
        found["gap"] = evidence.gap
    if evidence.against_baseline is not None:
        found["against_baseline"] = evidence.against_baseline
    return found
