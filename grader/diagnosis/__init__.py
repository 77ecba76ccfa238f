"""Grades the reading of learning curves that students hand in as ``diagnosis.toml``.

``answers`` reads what the student wrote, ``reading`` the curves, ``judging`` puts the two side by
side. No key of answers exists: the curves are read anew every time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.diagnosis.answers import OWN, OWN_PARTS, Answers, Problem, ReadFile, parse
from grader.diagnosis.free import judge_free
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
from grader.experiment.family import load_family

__all__ = ["DiagnosisItem", "check_diagnosis"]

MISSING = say(
    "No diagnosis.toml was handed in. Copy the template from the assignment, fill it in and put "
    "it beside your submission.",
    "diagnosis.toml が提出されていません。課題のテンプレートをコピーして記入し、"
    "提出ファイルと同じ場所に置いてください。",
)


def _curves(assignment_dir: Path) -> tuple[dict[str, Any], float]:
    """The given curves by name, and the baseline's smallest validation loss."""
    files = sorted((assignment_dir / "curves").glob("*.json"))
    curves = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
    baseline = curves.pop("baseline")
    return curves, min(baseline["history"]["val_loss"])


def _worth(curves: Mapping[str, Any], folder: Path) -> dict[str, float]:
    """The points of every part by name."""
    own = dict.fromkeys(PARTS, POINTS) if load_family(folder) is None else OWN_PARTS
    parts = {f"{name}.{part}": POINTS for name in curves for part in PARTS}
    return parts | {f"{OWN}.{part}": points for part, points in own.items()}


def _own(
    answers: Answers, folder: Path, baseline: float, assigned: int | None
) -> list[DiagnosisItem]:
    """The own experiment: a personal one where the assignment has them, else a free one."""
    family = load_family(folder)
    if family is not None:
        from grader.diagnosis.own import judge_own

        return judge_own(answers, folder, family, assigned)
    return judge_free(answers, baseline)


def check_diagnosis(
    text: str | None,
    assignment_dir: Path,
    read_file: ReadFile | None = None,
    variant: int | None = None,
) -> list[DiagnosisItem]:
    """Grade a ``diagnosis.toml``: one point per part of each given curve, then the own experiment.

    ``text`` is the file's content, None if none was handed in. ``read_file`` gives the text of a
    file handed in beside it (the own experiment's history), or None; how files are reached, and
    how large they may be, is the caller's business.
    """
    curves, baseline = _curves(assignment_dir)
    worth = _worth(curves, assignment_dir)
    if text is None:
        return [replace(skipped(name, MISSING), max_points=p) for name, p in worth.items()]
    answers = parse(text, curves, read_file)
    if isinstance(answers, Problem):
        whole = unreadable("diagnosis.toml", answers, sum(worth.values()))
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
    return items + _own(answers, assignment_dir, baseline, variant) + remarks(answers)
