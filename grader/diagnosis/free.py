"""An own experiment of the student's choice, for assignments without personal experiments."""

from __future__ import annotations

from collections.abc import Mapping

from grader.diagnosis.answers import OWN, Answers, Problem
from grader.diagnosis.judging import PARTS, DiagnosisItem, judge, skipped, unreadable
from grader.diagnosis.reading import read
from grader.diagnosis.remedies import say

__all__ = ["judge_free"]

NO_HISTORY = say(
    "The history of your own experiment is missing: name its JSON file under [own].",
    "自分の実験の履歴がありません。[own] の history に JSON ファイル名を書いてください。",
)
UNREADABLE = say(
    "Not judged, because the history of your own experiment could not be read.",
    "自分の実験の履歴を読み込めなかったため、判定していません。",
)


def judge_free(answers: Answers, baseline: float) -> list[DiagnosisItem]:
    """The four parts, judged by the curve that was handed in."""
    history = answers.history
    if isinstance(history, Mapping):
        reading = read(history, baseline)
        return judge(OWN, answers.curves[OWN], reading, answers.setting, answers.from_zero)
    if isinstance(history, Problem):
        first, *others = (f"{OWN}.{part}" for part in PARTS)
        return [unreadable(first, history), *(skipped(o, UNREADABLE) for o in others)]
    return [skipped(f"{OWN}.{part}", NO_HISTORY) for part in PARTS]
