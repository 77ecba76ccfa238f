"""``diagnosis.toml`` read into answers: what was meant, or a sentence saying why it is unclear.

Nothing here knows what is right. Every value is either what the student said, ``None`` where
nothing was said, or a :class:`Problem` to be shown in its place.
"""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Text = dict[str, str]
Onset = int | Literal["none"]
ReadFile = Callable[[str], str | None]
"""Gives the text of a file that was handed in beside ``diagnosis.toml``, or None."""

OWN = "own"
SECTION_KEYS = ("verdict", "best_epoch", "onset", "remedy", "reason")
OWN_KEYS = (*SECTION_KEYS, "history", "setting", "variant")
#: What each part of a personal experiment is worth.
OWN_PARTS = {"history": 1.0, "verdict": 2.0, "best_epoch": 2.0, "onset": 2.0, "remedy": 2.0}
WORDS = {
    "underfitting": "underfitting",
    "good_fit": "good_fit",
    "overfitting": "overfitting",
    "underfit": "underfitting",
    "overfit": "overfitting",
    "good": "good_fit",
    "good fit": "good_fit",
    "学習不足": "underfitting",
    "適切": "good_fit",
    "過学習": "overfitting",
}
NO_ONSET = {"none", "no", "never", "なし", "無し"}
REMEDIES: dict[str, tuple[str, ...]] = {
    "none": (),
    "early_stopping": ("epoch", "patience"),
    "dropout": ("rate",),
    "l1": ("strength",),
    "l2": ("strength",),
    "fewer_units": ("units",),
    "more_units": ("units",),
    "more_epochs": ("epochs",),
    "learning_rate": ("learning_rate",),
    "more_data": ("samples",),
    "augmentation": ("transforms",),
}
FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")
MAX_EPOCHS = 100_000


@dataclass(frozen=True)
class Problem:
    """Why an answer could not be understood, in English and Japanese."""

    message: Text


@dataclass(frozen=True)
class Remedy:
    """A known kind of remedy and its configuration."""

    kind: str
    setting: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the student said about one learning curve; epochs count from 1."""

    verdict: str | Problem | None = None
    best_epoch: int | Problem | None = None
    onset: Onset | Problem | None = None
    remedy: Remedy | Problem | None = None
    reason: str = ""


@dataclass(frozen=True)
class Answers:
    """Everything in one ``diagnosis.toml``."""

    curves: Mapping[str, Answer]
    history: Mapping[str, list[float]] | Problem | None
    """The history of the student's own experiment."""
    setting: Mapping[str, Any]
    """The own experiment's network: ``units``, ``samples`` and so on, as far as given."""
    variant: int | Problem | None = None
    """The number of the student's personal experiment."""
    problems: tuple[Problem, ...] = ()
    """What concerns the file as a whole: unknown keys and tables."""
    from_zero: bool | None = None
    """Whether epochs were counted from 0; None if the student did not say."""


def problem(en: str, ja: str) -> Problem:
    """A :class:`Problem` from its two wordings."""
    return Problem({"en": en, "ja": ja})


def _nearest(word: str, known: Iterable[str]) -> tuple[str, str]:
    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    if not close:
        return "", ""
    return f" Did you mean {close[0]!r}?", f"「{close[0]}」のことですか。"


def _unknown_keys(table: Mapping[str, Any], known: Iterable[str], where: str) -> list[Problem]:
    known = tuple(known)
    return [
        problem(
            f"Unknown key {key!r} in {where}; it was not read." + _nearest(key, known)[0],
            f"{where} のキー「{key}」は使えないため、読み込みませんでした。"
            + _nearest(key, known)[1],
        )
        for key in table
        if key not in known
    ]


def _verdict(value: Any) -> str | Problem | None:
    if value is None or value == "":
        return None
    allowed = "underfitting, good_fit, overfitting"
    if not isinstance(value, str):
        return problem(
            f"verdict must be a word in quotes, one of {allowed}; it is {value!r}.",
            f"verdict は {allowed} のいずれかを引用符で囲んで書いてください (現在は {value!r})。",
        )
    word = value.strip().lower().replace("-", "_")
    found = WORDS.get(word) or WORDS.get(word.replace("_", " "))
    if found:
        return found
    en, ja = _nearest(word, WORDS)
    return problem(
        f"verdict {value!r} is not known; write one of {allowed}.{en}",
        f"verdict の「{value}」は使えません。学習不足 (underfitting)、適切 (good_fit)、"
        f"過学習 (overfitting) のいずれかを書いてください。{ja}",
    )


def _whole_number(value: Any, key: str) -> int | Problem:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 <= value <= MAX_EPOCHS:
            return value
        return problem(
            f"{key} = {value} is not an epoch: epochs count from 1.",
            f"{key} = {value} はエポックとして使えません。エポックは 1 から数えます。",
        )
    if isinstance(value, str) and value.strip().isdecimal():
        return problem(
            f"{key} must be a number without quotes: {key} = {int(value)}",
            f"{key} は引用符のない数で書いてください: {key} = {int(value)}",
        )
    return problem(
        f"{key} must be a whole number, an epoch; it is {value!r}.",
        f"{key} は整数 (エポック) で書いてください (現在は {value!r})。",
    )


def _variant(value: Any) -> int | Problem | None:
    if value is None or value == "" or (isinstance(value, int) and not isinstance(value, bool)):
        return value or None
    return problem(
        f"variant must be your number, without quotes, such as variant = 12; it is {value!r}.",
        f"variant には自分の番号を引用符なしで variant = 12 のように書いてください "
        f"(現在は {value!r})。",
    )


def _epoch(value: Any, key: str, from_zero: bool) -> int | Problem | None:
    if value is None or value == "":
        return None
    number = _whole_number(value, key)
    return number + 1 if from_zero and isinstance(number, int) else number


def _onset(value: Any, from_zero: bool) -> Onset | Problem | None:
    if isinstance(value, str) and value.strip().lower() in NO_ONSET:
        return "none"
    return _epoch(value, "onset", from_zero)


def _remedy(value: Any) -> Remedy | Problem | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = {"kind": value}
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        return problem(
            'remedy must be a table such as { kind = "dropout", rate = 0.5 }.',
            'remedy は { kind = "dropout", rate = 0.5 } のような表で書いてください。',
        )
    kind = value["kind"].strip().lower().replace("-", "_").replace(" ", "_")
    setting = {key: v for key, v in value.items() if key != "kind"}
    if kind not in REMEDIES:
        en, ja = _nearest(kind, REMEDIES)
        return problem(
            f"remedy kind {value['kind']!r} is not known; write one of {', '.join(REMEDIES)}.{en}",
            f"remedy の kind「{value['kind']}」は使えません。{', '.join(REMEDIES)} のいずれかを"
            f"書いてください。{ja}",
        )
    unknown = _unknown_keys(setting, REMEDIES[kind], f"remedy {kind}")
    if unknown:
        return unknown[0]
    return Remedy(kind, setting)


def _answer(table: Any, from_zero: bool) -> Answer:
    if not isinstance(table, dict):
        return Answer()
    return Answer(
        verdict=_verdict(table.get("verdict")),
        best_epoch=_epoch(table.get("best_epoch"), "best_epoch", from_zero),
        onset=_onset(table.get("onset"), from_zero),
        remedy=_remedy(table.get("remedy")),
        reason=str(table.get("reason", "")),
    )


def _counts_from_zero(tables: Mapping[str, Any], said: Any) -> bool | None:
    if said in (0, 1) and not isinstance(said, bool):
        return bool(said == 0)
    epochs = [t.get(key) for t in tables.values() for key in ("best_epoch", "onset")]
    return True if any(e == 0 and not isinstance(e, bool | str) for e in epochs) else None


def _loaded_history(value: Any, read_file: ReadFile | None) -> Any:
    """The history table, out of the named JSON file if need be."""
    if not isinstance(value, str):
        return value
    text = read_file(value) if read_file else None
    if text is None:
        return problem(
            f"The history file {value!r} was not handed in beside diagnosis.toml.",
            f"履歴ファイル「{value}」が diagnosis.toml と一緒に提出されていません。",
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return problem(
            f"The history file {value!r} is not JSON. Write it with json.dump(history, file).",
            f"履歴ファイル「{value}」は JSON ではありません。"
            "json.dump(history, file) で書き出してください。",
        )


def _figure(name: str, values: Any) -> list[float] | Problem:
    if not isinstance(values, list) or not values:
        return problem(
            f"history[{name!r}] must be a list with one number per epoch.",
            f"history[{name!r}] は、1エポックに1個の数を並べたリストでなければなりません。",
        )
    for epoch, v in enumerate(values[:MAX_EPOCHS], start=1):
        if isinstance(v, bool) or not isinstance(v, int | float) or not math.isfinite(v) or v < 0:
            return problem(
                f"history[{name!r}] at epoch {epoch} is {str(v)[:40]!r}; "
                "a finite number, zero or greater, is needed.",
                f"history[{name!r}] のエポック {epoch} の値が {str(v)[:40]!r} です。"
                "0 以上の有限の数でなければなりません。",
            )
    numbers = [float(v) for v in values[:MAX_EPOCHS]]
    percent = "accuracy" in name and max(numbers) > 1.0
    return [v / 100 for v in numbers] if percent else numbers


def _history(value: Any, read_file: ReadFile | None) -> dict[str, list[float]] | Problem | None:
    """A Keras ``history``: lists of one length, ``val_loss`` and ``loss`` among them."""
    loaded = _loaded_history(value, read_file)
    if loaded is None or loaded == "" or isinstance(loaded, Problem):
        return loaded or None
    if isinstance(loaded, dict) and isinstance(loaded.get("history"), dict):
        loaded = loaded["history"]
    if not isinstance(loaded, dict):
        return problem(
            "history must be a table of lists: loss, accuracy, val_loss, val_accuracy.",
            "history は loss, accuracy, val_loss, val_accuracy のリストを持つ表で書いてください。",
        )
    history: dict[str, list[float]] = {}
    for name in FIGURES:
        if name not in loaded and name in ("loss", "val_loss"):
            return problem(f"history lacks {name!r}.", f"history に「{name}」がありません。")
        if name in loaded:
            figure = _figure(name, loaded[name])
            if isinstance(figure, Problem):
                return figure
            history[name] = figure
    lengths = {name: len(values) for name, values in history.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        return problem(
            f"The lists of history have different lengths: {said}.",
            f"history のリストの長さがそろっていません: {said}。",
        )
    if lengths["loss"] < 3:
        return problem(
            "The own experiment needs at least 3 epochs.", "自分の実験は3エポック以上必要です。"
        )
    return history


def parse(text: str, curves: Iterable[str], read_file: ReadFile | None = None) -> Answers | Problem:
    """Read ``diagnosis.toml``; a :class:`Problem` if it is not TOML at all."""
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return problem(
            f"diagnosis.toml cannot be read: {error}. Compare the line with the template.",
            f"diagnosis.toml を読み込めません: {error}。その行をテンプレートと比べてください。",
        )
    curves = tuple(curves)
    problems = _unknown_keys(tables, ("first_epoch", *curves, OWN), "diagnosis.toml")
    sections = {name: tables[name] for name in (*curves, OWN) if isinstance(tables.get(name), dict)}
    for name, table in sections.items():
        known = OWN_KEYS if name == OWN else SECTION_KEYS
        problems += _unknown_keys(table, known, f"[{name}]")
    from_zero = _counts_from_zero(sections, tables.get("first_epoch"))
    own = sections.get(OWN, {})
    setting = own.get("setting")
    return Answers(
        curves={name: _answer(sections.get(name), from_zero is True) for name in (*curves, OWN)},
        history=_history(own.get("history"), read_file),
        setting=setting if isinstance(setting, dict) else {},
        variant=_variant(own.get("variant")),
        problems=tuple(problems),
        from_zero=from_zero,
    )
