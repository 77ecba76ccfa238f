"""Grades the reading of learning curves that students hand in as ``diagnosis.toml``.

``answers`` reads what the student wrote, ``reading`` the curves, ``judging`` puts the two side by
side. No key of answers exists: the curves are read anew every time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.diagnosis.answers import OWN, Answers, Problem, ReadFile, parse
from grader.diagnosis.judging import (
    PARTS,
    POINTS,
    DiagnosisItem,
    judge,
    remarks,
    skipped,
    unreadable,
)
from grader.diagnosis.reading import read
from grader.diagnosis.remedies import say

__all__ = ["DiagnosisItem", "check_diagnosis"]

MISSING = say(
    "No diagnosis.toml was handed in. Copy the template from the assignment, fill it in and put "
    "it beside your submission.",
    "diagnosis.toml が提出されていません。課題のテンプレートをコピーして記入し、"
    "提出ファイルと同じ場所に置いてください。",
)
NO_HISTORY = say(
    "The history of your own experiment is missing: name its JSON file under [own].",
    "自分の実験の履歴がありません。[own] の history に JSON ファイル名を書いてください。",
)
UNREADABLE = say(
    "Not judged, because the history of your own experiment could not be read.",
    "自分の実験の履歴を読み込めなかったため、判定していません。",
)


def _curves(assignment_dir: Path) -> tuple[dict[str, Any], float]:
    """The given curves by name, and the baseline's smallest validation loss."""
    files = sorted((assignment_dir / "curves").glob("*.json"))
    curves = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
    baseline = curves.pop("baseline")
    return curves, min(baseline["history"]["val_loss"])


def _own(answers: Answers, baseline: float) -> list[DiagnosisItem]:
    if isinstance(answers.history, dict):
        reading = read(answers.history, baseline)
        return judge(OWN, answers.curves[OWN], reading, answers.setting, answers.from_zero)
    if isinstance(answers.history, Problem):
        first, *others = (f"{OWN}.{part}" for part in PARTS)
        return [unreadable(first, answers.history), *(skipped(o, UNREADABLE) for o in others)]
    return [skipped(f"{OWN}.{part}", NO_HISTORY) for part in PARTS]


def check_diagnosis(
    text: str | None, assignment_dir: Path, read_file: ReadFile | None = None
) -> list[DiagnosisItem]:
    """Grade a ``diagnosis.toml``, one point per part: four for each curve, given and own.

    ``text`` is the file's content, None if none was handed in. ``read_file`` gives the text of a
    file handed in beside it (the own experiment's history), or None; how files are reached, and
    how large they may be, is the caller's business.
    """
    curves, baseline = _curves(assignment_dir)
    names = [f"{name}.{part}" for name in (*curves, OWN) for part in PARTS]
    if text is None:
        return [skipped(name, MISSING) for name in names]
    answers = parse(text, curves, read_file)
    if isinstance(answers, Problem):
        whole = unreadable("diagnosis.toml", answers, POINTS * len(names))
        return [whole]
    items = [
        item
        for name, curve in curves.items()
        for item in judge(
            name,
            answers.curves[name],
            read(curve["history"], baseline),
            curve["setting"],
            answers.from_zero,
        )
    ]
    return items + _own(answers, baseline) + remarks(answers)
