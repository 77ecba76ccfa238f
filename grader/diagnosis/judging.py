"""Answers beside the judge's own reading: one item per part, with a reason in two languages.

The texts never name the right answer: a student may hand in again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.diagnosis.answers import Answer, Answers, Problem, Remedy, Text
from grader.diagnosis.reading import Reading
from grader.diagnosis.remedies import objection, say
from grader.result import Figure

PARTS = ("verdict", "best_epoch", "onset", "remedy")
POINTS = 1.0
NAMES = {
    "underfitting": say("underfitting", "学習不足"),
    "good_fit": say("a good fit", "適切"),
    "overfitting": say("overfitting", "過学習"),
}


@dataclass(frozen=True)
class DiagnosisItem:
    """The result of one part of ``diagnosis.toml``."""

    name: str
    """``curve_1.verdict``."""
    status: str
    """``passed``, ``failed``, ``skipped`` (nothing was handed in) or ``error`` (unreadable)."""
    points: float
    max_points: float
    message: Text
    figures: tuple[Figure, ...] = ()


def skipped(name: str, why: Text) -> DiagnosisItem:
    """A part that was not handed in."""
    return DiagnosisItem(name, "skipped", 0.0, POINTS, why)


def unreadable(name: str, found: Problem, max_points: float = POINTS) -> DiagnosisItem:
    """A part that was handed in and could not be understood."""
    return DiagnosisItem(name, "error", 0.0, max_points, found.message)


def _judged(name: str, right: bool, good: Text, bad: Text) -> DiagnosisItem:
    if right:
        return DiagnosisItem(name, "passed", POINTS, POINTS, good)
    return DiagnosisItem(name, "failed", 0.0, POINTS, bad)


def _verdict(name: str, verdict: str, reading: Reading) -> DiagnosisItem:
    said = NAMES[verdict]
    return _judged(
        name,
        verdict in reading.verdicts,
        say(f"The curve can be read as {said['en']}.", f"「{said['ja']}」と読み取れます。"),
        say(
            f"The curve does not show {said['en']}. Compare the end of the validation loss with "
            "its minimum, and with the baseline curve.",
            f"この曲線は「{said['ja']}」ではありません。検証データの損失の最後の値を、"
            "最小値や baseline の曲線と比べてみましょう。",
        ),
    )


def _beyond(name: str, epoch: int, reading: Reading) -> DiagnosisItem | None:
    if 1 <= epoch <= reading.epochs:
        return None
    return _judged(
        name,
        False,
        {},
        say(
            f"Epoch {epoch} does not exist: this curve has the epochs 1 to {reading.epochs}.",
            f"エポック {epoch} は存在しません。"
            f"この曲線のエポックは 1 から {reading.epochs} までです。",
        ),
    )


def _best_epoch(name: str, epoch: int, reading: Reading, from_zero: bool | None) -> DiagnosisItem:
    if beyond := _beyond(name, epoch, reading):
        return beyond
    shifted = from_zero is None and not reading.is_best(epoch) and reading.is_best(epoch + 1)
    note_en = " It seems you count epochs from 0; they are counted from 1 here." if shifted else ""
    note_ja = "エポックを 0 から数えているようです。ここでは 1 から数えます。" if shifted else ""
    return _judged(
        name,
        reading.is_best(epoch) or shifted,
        say(
            f"Epoch {epoch} is among the best, as far as the noise of the curve allows to tell."
            + note_en,
            f"エポック {epoch} は、曲線のばらつきの範囲で最もよいエポックの一つです。" + note_ja,
        ),
        say(
            f"The validation loss has a clearly smaller value than at epoch {epoch}.",
            f"検証データの損失は、エポック {epoch} より明らかに小さくなるところがあります。",
        ),
    )


def _onset(name: str, onset: int | str, reading: Reading) -> DiagnosisItem:
    if onset == "none":
        return _judged(
            name,
            reading.verdicts != ("overfitting",),
            say(
                "Overfitting need not set in here.",
                "この曲線では過学習が始まっていないと言えます。",
            ),
            say(
                "Within these epochs the validation loss does turn. From which epoch on?",
                "この範囲で検証データの損失は増加に転じています。どのエポックからでしょうか。",
            ),
        )
    if beyond := _beyond(name, int(onset), reading):
        return beyond
    allowed = reading.onset
    return _judged(
        name,
        allowed is not None and allowed[0] <= int(onset) <= allowed[1],
        say(
            f"The rise of the validation loss begins about epoch {onset}.",
            f"検証データの損失は、エポック {onset} 付近から増え始めています。",
        ),
        say(
            f"Overfitting does not set in at epoch {onset}: look for the epoch after which the "
            'validation loss rises and stays up, or write "none".',
            f"過学習が始まるのはエポック {onset} ではありません。検証データの損失が増え始め、"
            'その後も戻らないエポックを探しましょう。始まっていなければ "none" と書きます。',
        ),
    )


def _remedy(
    name: str, remedy: Remedy, reading: Reading, setting: Mapping[str, Any]
) -> DiagnosisItem:
    found = objection(remedy, reading, setting)
    return _judged(
        name,
        found is None,
        say("A sensible remedy for this curve.", "この曲線に対して妥当な対策です。"),
        found or {},
    )


def judge(
    name: str,
    answer: Answer,
    reading: Reading,
    setting: Mapping[str, Any],
    from_zero: bool | None,
) -> list[DiagnosisItem]:
    """The four parts of the answer about one curve."""
    items = []
    for part in PARTS:
        value = getattr(answer, part)
        item = f"{name}.{part}"
        if value is None:
            items.append(skipped(item, say(f"{item} is not answered.", f"{item} が未回答です。")))
        elif isinstance(value, Problem):
            items.append(unreadable(item, value))
        elif part == "verdict":
            items.append(_verdict(item, value, reading))
        elif part == "best_epoch":
            items.append(_best_epoch(item, value, reading, from_zero))
        elif part == "onset":
            items.append(_onset(item, value, reading))
        else:
            items.append(_remedy(item, value, reading, setting))
    return items


def remarks(answers: Answers) -> list[DiagnosisItem]:
    """What is to be said about the file as a whole; worth no points."""
    items = [unreadable("diagnosis.toml", found, 0.0) for found in answers.problems]
    if answers.from_zero:
        text = say(
            "Your epochs are counted from 0; 1 was added to each, for they count from 1 here.",
            "エポックが 0 から数えられているため、それぞれ 1 を足して読みました。"
            "ここでは 1 から数えます。",
        )
        items.append(DiagnosisItem("diagnosis.toml", "passed", 0.0, 0.0, text))
    return items
