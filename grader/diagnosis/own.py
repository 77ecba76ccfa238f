"""The student's own experiment: replayed bit for bit, its reading judged by replicate seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from densefit.learning_curves import HistoryError, diagnose
from grader.diagnosis import figures
from grader.diagnosis.answers import OWN, OWN_PARTS, Answer, Answers, Problem, Remedy, Text
from grader.diagnosis.judging import PARTS, DiagnosisItem, judge, skipped, unreadable
from grader.diagnosis.reading import Reading, of_experiment
from grader.diagnosis.remedies import objection, say
from grader.diagnosis.trial import Refused, run_trial
from grader.experiment.family import Family
from grader.experiment.preparation import Prepared, replayed
from grader.experiment.preparation import own as prepared_or_trained
from grader.experiment.replay import History, train

__all__ = ["judge_own"]

#: Values that agree to this share have been rounded, not invented.
ROUNDED = 2e-3
NO_VARIANT = say(
    "Say which personal experiment is yours: variant = … under [own], the number you were given.",
    "[own] に自分の実験の番号を variant = … と書いてください (教員から伝えられた番号です)。",
)
NO_HISTORY = say(
    "The history of your own experiment is missing: name its JSON file under [own].",
    "自分の実験の履歴がありません。[own] の history に JSON ファイル名を書いてください。",
)
NOT_YOURS = say(
    "Not judged, because the history is not the one of your own experiment.",
    "履歴が自分の実験のものではないため、判定していません。",
)


@dataclass(frozen=True)
class Compared:
    """The submitted history beside the replay."""

    same: bool
    theirs: bool
    """Whether the student did run the experiment: its readings are worth judging."""
    message: Text


def judge_own(
    answers: Answers, folder: Path, family: Family, assigned: int | None
) -> list[DiagnosisItem]:
    """The five parts about the own experiment; ``assigned`` is the variant that is the student's.

    Without it (a student checking at home) the number written under ``[own]`` is believed.
    """
    number = assigned or answers.variant
    if isinstance(number, Problem):
        return _unread(number)
    if number is None:
        return [_worth(skipped(f"{OWN}.{part}", NO_VARIANT)) for part in OWN_PARTS]
    if not 1 <= number <= family.variants:
        return _unread(_no_such(number, family))
    if isinstance(answers.history, Problem):
        return _unread(answers.history)
    if answers.history is None:
        return [_worth(skipped(f"{OWN}.{part}", NO_HISTORY)) for part in OWN_PARTS]
    replay = replayed(folder, family.fingerprint, number)
    compared = _compare(answers.history, replay, number, family)
    history = _worth(
        DiagnosisItem(
            f"{OWN}.history",
            "passed" if compared.same else "failed",
            float(compared.same),
            1.0,
            compared.message,
        )
    )
    if not compared.theirs:
        return [history, *(_worth(skipped(f"{OWN}.{part}", NOT_YOURS)) for part in PARTS)]
    known = prepared_or_trained(folder, family.fingerprint, number)
    return [history, *_judge_reading(answers, family, known)]


def _unread(problem: Problem) -> list[DiagnosisItem]:
    first, *others = (f"{OWN}.{part}" for part in OWN_PARTS)
    return [_worth(unreadable(first, problem)), *(_worth(skipped(o, NOT_YOURS)) for o in others)]


def _no_such(number: int, family: Family) -> Problem:
    return Problem(
        say(
            f"There is no variant {number}; they are numbered 1 to {family.variants}.",
            f"variant {number} はありません。番号は 1 から {family.variants} までです。",
        )
    )


def _worth(item: DiagnosisItem) -> DiagnosisItem:
    """The item at the points of its part."""
    worth = OWN_PARTS[item.name.removeprefix(f"{OWN}.")]
    return replace(item, points=item.points * worth, max_points=worth)


def _compare(
    history: Mapping[str, list[float]], replay: History, number: int, family: Family
) -> Compared:
    if _equal(history, replay):
        message = say(
            f"The history is variant {number}'s, bit for bit.",
            f"履歴は variant {number} の再現と完全に (1 ビットも違わず) 一致します。",
        )
        return Compared(True, True, message)
    other = _other_variant(history, number, family)
    if other is not None:
        return Compared(
            False,
            False,
            say(
                f"This is the history of variant {other}; yours is variant {number}. Run "
                f"your own: run({number}).",
                f"これは variant {other} の履歴です。あなたの番号は {number} です。"
                f"run({number}) で自分の実験を実行してください。",
            ),
        )
    key, epoch = _first_difference(history, replay)
    if _rounded(history, replay):
        return Compared(
            False,
            True,
            say(
                f"The numbers were rounded (from {key} at epoch {epoch} on): save the history "
                "as run() writes it.",
                f"数値が丸められています ({key} のエポック {epoch} から)。"
                "run() が書き出したファイルをそのまま提出してください。",
            ),
        )
    return Compared(
        False,
        False,
        say(
            f"The history is not what variant {number} gives: it first differs in {key} at "
            f"epoch {epoch}. Run run({number}) and hand in its file unchanged.",
            f"履歴が variant {number} の再現と一致しません。最初に違うのは "
            f"エポック {epoch} の {key} です。run({number}) を実行し、"
            "できたファイルをそのまま提出してください。",
        ),
    )


def _equal(history: Mapping[str, list[float]], replay: Mapping[str, list[float]]) -> bool:
    return all(history.get(key) == replay[key] for key in replay)


def _rounded(history: Mapping[str, list[float]], replay: Mapping[str, list[float]]) -> bool:
    return all(
        len(values) == len(replay.get(key, ()))
        and all(
            math.isclose(a, b, rel_tol=ROUNDED, abs_tol=ROUNDED / 2)
            for a, b in zip(values, replay[key], strict=True)
        )
        for key, values in history.items()
    )


def _first_difference(
    history: Mapping[str, list[float]], replay: Mapping[str, list[float]]
) -> tuple[str, int]:
    """The key and the epoch, from 1, where they first differ."""
    epochs = max(len(values) for values in (*history.values(), *replay.values()))
    for epoch in range(epochs):
        for key in replay:
            mine = history.get(key, [])
            if mine[epoch : epoch + 1] != replay[key][epoch : epoch + 1]:
                return key, epoch + 1
    return "loss", 1


def _other_variant(history: Mapping[str, list[float]], number: int, family: Family) -> int | None:
    """The variant whose history it is: the first epoch of each is trained, then all of a match."""
    for other in range(1, family.variants + 1):
        if other == number:
            continue
        setting = family.setting(other)
        start: History = train(replace(setting, epochs=1), family.seed(other))
        if all(history.get(key, [])[:1] == start[key] for key in start):
            whole = train(setting, family.seed(other))
            if _equal(history, whole) or _rounded(history, whole):
                return other
    return None


def _judge_reading(answers: Answers, family: Family, known: Prepared) -> list[DiagnosisItem]:
    try:
        diagnosis = diagnose(known.history)
    except HistoryError as error:  # a variant that diverges at once: the family is the teacher's
        return [_worth(skipped(f"{OWN}.{part}", dict(error.texts))) for part in PARTS]
    reading = of_experiment(known.statistics, diagnosis)
    setting = family.setting(known.number)
    described: dict[str, Any] = {
        "units": list(setting.units),
        "samples": setting.samples,
        "learning_rate": setting.learning_rate,
    }
    answer = answers.curves[OWN]
    items = judge(OWN, answer, reading, described, answers.from_zero)
    judged = [_worth(_partly(item, answer, reading)) for item in items]
    judged[0] = replace(judged[0], figures=(figures.own_curve(known.history, diagnosis),))
    if isinstance(answer.remedy, Remedy):
        judged[-1] = _tried(answer.remedy, reading, described, family, known.number)
    return judged


def _partly(item: DiagnosisItem, answer: Answer, reading: Reading) -> DiagnosisItem:
    """Half the points for an epoch that misses the tied ones by a hair."""
    epoch = answer.best_epoch
    if item.name != f"{OWN}.best_epoch" or item.status != "failed" or not isinstance(epoch, int):
        return item
    if not 1 <= epoch <= reading.epochs or reading.distance(epoch) > max(1, reading.epochs // 20):
        return item
    note = say(
        " It misses them by little: half the points.", "わずかな差なので、半分の得点とします。"
    )
    message = {lang: item.message[lang] + note[lang] for lang in note}
    return replace(item, points=item.max_points / 2, message=message)


def _tried(
    remedy: Remedy, reading: Reading, described: dict[str, Any], family: Family, number: int
) -> DiagnosisItem:
    """The remedy's item: it must suit the verdict, and then the experiment decides."""
    name, worth = f"{OWN}.remedy", OWN_PARTS["remedy"]
    found = objection(remedy, reading, described)
    if found is not None:
        return DiagnosisItem(name, "failed", 0.0, worth, found)
    overfits = "overfitting" in reading.verdicts
    if remedy.kind == "none" or (remedy.kind == "early_stopping" and not overfits):
        good = say("Nothing needs to be done here.", "この実験には対策は必要ありません。")
        return DiagnosisItem(name, "passed", worth, worth, good)
    try:
        trial = run_trial(family, number, remedy)
    except Refused as refusal:
        return DiagnosisItem(name, "failed", 0.0, worth, refusal.text)
    helps = trial.helps(overfits)
    outcome = (
        say("The remedy helps. ", "対策には効果があります。")
        if helps
        else say("The remedy does not help significantly. ", "対策に有意な効果はありません。")
    )
    words = trial.words()
    return DiagnosisItem(
        name,
        "passed" if helps else "failed",
        worth if helps else 0.0,
        worth,
        {lang: outcome[lang] + words[lang] for lang in outcome},
        (figures.before_and_after(trial),),
    )
