"""Fifty students hand in a personal experiment, each in a way that students do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import relu_assignment
from grader.experiment import preparation
from grader.experiment.family import Family, assigned
from personal import family_of, history_of, make_assignment

SECRET = b"the secret of a simulated class"
PARTS = ("history", "verdict", "best_epoch", "onset", "remedy")
PASSED = dict.fromkeys(PARTS, "passed")
NOT_JUDGED = {"history": "failed"} | dict.fromkeys(PARTS[1:], "skipped")
UNREAD = NOT_JUDGED | {"history": "error"}
Answers = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """What some students do, and how each of the five parts of theirs is to be graded.

    ``change`` alters the right answers (keys of ``[own]``, lines as TOML writes them) and the
    history; it is told of the student whose it is. ``reason`` is in the message of ``part``.
    """

    title: str
    count: int
    change: Callable[[Student, Answers, dict[str, list[float]]], str | None]
    expected: dict[str, str]
    part: str = "history"
    reason: str = ""
    points: float = 9.0


@dataclass(frozen=True)
class Student:
    """One student of the class: id, variant, kind, and the folder handed in."""

    id: str
    variant: int
    kind: Kind
    folder: Path
    place: Path = field(repr=False)

    @property
    def overfits(self) -> bool:
        """The kinds of the small family take turns."""
        return self.variant % 2 == 1

    def known(self) -> preparation.Prepared:
        return preparation.own(self.place, family_of(self.place).fingerprint, self.variant)


def _set(**lines: str) -> Callable[..., None]:
    def change(student: Student, answers: Answers, history: Any) -> None:
        answers.update(lines)

    return change


def _right(student: Student, answers: Answers, history: Any) -> None:
    pass


def _japanese(student: Student, answers: Answers, history: Any) -> None:
    answers["verdict"] = '"過学習"' if student.overfits else '"学習不足"'
    if not student.overfits:
        answers["onset"] = '"なし"'


def _half(student: Student, answers: Answers, history: Any) -> None:
    answers["verdict"] = '"underfitting"' if student.overfits else '"overfitting"'
    answers["remedy"] = '{ kind = "none" }'


def _copied(student: Student, answers: Answers, history: Any) -> None:
    other = student.variant % 6 + 1
    history.update(history_of(student.place, other))


def _invented(student: Student, answers: Answers, history: Any) -> None:
    for key, values in history.items():
        history[key] = [2.0 / (1 + i) if "loss" in key else 0.5 for i in range(len(values))]


def _edited(student: Student, answers: Answers, history: Any) -> None:
    history["val_loss"][6] *= 0.5


def _rounded(student: Student, answers: Answers, history: Any) -> None:
    for key, values in history.items():
        history[key] = [round(v, 4) for v in values]


def _percent(student: Student, answers: Answers, history: Any) -> None:
    for key in ("accuracy", "val_accuracy"):
        history[key] = [100 * v for v in history[key]]


def _from_zero(student: Student, answers: Answers, history: Any) -> str:
    answers["best_epoch"] = str(int(answers["best_epoch"]) - 1)
    if answers["onset"].isdecimal():
        answers["onset"] = str(int(answers["onset"]) - 1)
    return "first_epoch = 0\n"


def _shifted(student: Student, answers: Answers, history: Any) -> None:
    first = student.known().statistics.tied[0]
    answers["best_epoch"] = str(max(1, first - 1))


def _wide_of_it(student: Student, answers: Answers, history: Any) -> None:
    answers["best_epoch"] = "70" if student.overfits else "1"


def _other_number(student: Student, answers: Answers, history: Any) -> None:
    answers["variant"] = str(student.variant % 6 + 1)


def _useless(student: Student, answers: Answers, history: Any) -> None:
    weak = (
        '{ kind = "l2", strength = 0.000001 }',
        '{ kind = "learning_rate", learning_rate = 0.00500001 }',
    )
    answers["remedy"] = weak[0] if student.overfits else weak[1]


def _unsuitable(student: Student, answers: Answers, history: Any) -> None:
    against = ('{ kind = "more_epochs", epochs = 200 }', '{ kind = "dropout", rate = 0.5 }')
    answers["remedy"] = against[0] if student.overfits else against[1]


def _bare(student: Student, answers: Answers, history: Any) -> None:
    answers["remedy"] = '"more_data"' if student.overfits else '"more_units"'


def _free_text(student: Student, answers: Answers, history: Any) -> None:
    for key in ("verdict", "best_epoch", "onset", "remedy"):
        del answers[key]
    answers["reason"] = '"訓練データの損失だけが下がり続けるから"'


def _nothing(student: Student, answers: Answers, history: Any) -> None:
    answers.clear()


def _hostile(student: Student, answers: Answers, history: Any) -> str:
    return "x = " + "[" * 5000 + "]" * 5000 + "\n" if student.overfits else "[own\nverdict = \n"


def _no_val_loss(student: Student, answers: Answers, history: Any) -> None:
    del history["val_loss"]


def _but(**parts: str) -> dict[str, str]:
    return PASSED | parts


KINDS = (
    Kind("right", 6, _right, PASSED, "history", "bit for bit"),
    Kind("right, in Japanese words", 4, _japanese, PASSED, "verdict", "can be read as"),
    Kind(
        "half right",
        3,
        _half,
        _but(verdict="failed", remedy="failed"),
        "verdict",
        "does not show",
        5,
    ),
    Kind(
        "another student's history",
        4,
        _copied,
        NOT_JUDGED,
        "history",
        "This is the history of variant",
        0,
    ),
    Kind(
        "invented numbers",
        3,
        _invented,
        NOT_JUDGED,
        "history",
        "first differs in loss at epoch 1",
        0,
    ),
    Kind(
        "one number improved",
        2,
        _edited,
        NOT_JUDGED,
        "history",
        "first differs in val_loss at epoch 7",
        0,
    ),
    Kind("rounded numbers", 2, _rounded, _but(history="failed"), "history", "rounded", 8),
    Kind("accuracy in per cent", 1, _percent, _but(history="failed"), "history", "rounded", 8),
    Kind("counts from 0, and says so", 2, _from_zero, PASSED, "best_epoch", "among the best"),
    Kind("best epoch off by one", 3, _shifted, PASSED, "best_epoch", "among the best"),
    Kind(
        "best epoch far off",
        2,
        _wide_of_it,
        _but(best_epoch="failed"),
        "best_epoch",
        "clearly smaller",
        7,
    ),
    Kind("another number written down", 2, _other_number, PASSED, "history", "bit for bit"),
    Kind(
        "remedy without effect",
        3,
        _useless,
        _but(remedy="failed"),
        "remedy",
        "does not help significantly",
        7,
    ),
    Kind(
        "remedy against something else",
        2,
        _unsuitable,
        _but(remedy="failed"),
        "remedy",
        "does not help against",
        7,
    ),
    Kind(
        "remedy not configured",
        1,
        _bare,
        _but(remedy="failed"),
        "remedy",
        "needs its configuration",
        7,
    ),
    Kind(
        "free text only",
        2,
        _free_text,
        {"history": "passed"} | dict.fromkeys(PARTS[1:], "skipped"),
        "verdict",
        "not answered",
        1,
    ),
    Kind(
        "nothing handed in",
        2,
        _nothing,
        dict.fromkeys(PARTS, "skipped"),
        "history",
        "No diagnosis.toml",
        0,
    ),
    Kind("hostile or broken TOML", 2, _hostile, {}, "diagnosis.toml", "cannot be read", 0),
    Kind(
        "number in quotes",
        1,
        _set(best_epoch='"12"'),
        _but(best_epoch="error"),
        "best_epoch",
        "without quotes",
        7,
    ),
    Kind(
        "misspelt verdict",
        1,
        _set(verdict='"overfiting"'),
        _but(verdict="error"),
        "verdict",
        "Did you mean",
        7,
    ),
    Kind(
        "onset beyond the end",
        1,
        _set(onset="400"),
        _but(onset="failed"),
        "onset",
        "does not exist",
        7,
    ),
    Kind("history without val_loss", 1, _no_val_loss, UNREAD, "history", "lacks 'val_loss'", 0),
)


def make_class(folder: Path) -> tuple[Path, Path, list[Student]]:
    """The assignment, the file of the secret, and the students, all written below ``folder``."""
    place = relu_assignment.make(make_assignment(folder))
    settings = place / "assignment.toml"
    settings.write_text(relu_assignment.SETTINGS.replace("relu", "small", 1) + DIAGNOSIS)
    secret = folder / "secret"
    secret.write_bytes(SECRET)
    return place, secret, list(_students(folder / "class", place, family_of(place)))


DIAGNOSIS = "\n[diagnosis]\npoints = 25\n"


def _students(folder: Path, place: Path, family: Family) -> Iterator[Student]:
    kinds = [kind for kind in KINDS for _ in range(kind.count)]
    for i, kind in enumerate(kinds):
        name = f"s{i + 1:07d}"
        student = Student(name, assigned(family, SECRET, name), kind, folder / name, place)
        _hand_in(student)
        yield student


def _hand_in(student: Student) -> None:
    """``submission.py``, and as the kind has it ``diagnosis.toml`` and ``history.json``."""
    student.folder.mkdir(parents=True)
    source = relu_assignment.SOURCES["good"]
    (student.folder / "submission.py").write_text(f"# {student.id}\n{source}")
    history = history_of(student.place, student.variant)
    answers = _answers(student)
    head = student.kind.change(student, answers, history) or ""
    if not answers:
        return
    lines = "\n".join(f"{key} = {value}" for key, value in answers.items())
    toml = f'{head}[own]\nhistory = "history.json"\n{lines}\n'
    (student.folder / "diagnosis.toml").write_text(toml, encoding="utf-8")
    (student.folder / "history.json").write_text(json.dumps(history))


def _answers(student: Student) -> Answers:
    """What a student writes who reads the curves of the replicates."""
    known = student.known().statistics
    remedy = (
        '{ kind = "more_data", samples = 600 }'
        if student.overfits
        else '{ kind = "more_epochs", epochs = 40 }'
    )
    onset = str(known.onset[0] + 2) if student.overfits and known.onset else '"none"'
    return {
        "variant": str(student.variant),
        "verdict": '"overfitting"' if student.overfits else '"underfitting"',
        "best_epoch": str(known.best),
        "onset": onset,
        "remedy": remedy,
    }
