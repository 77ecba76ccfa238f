"""Whether a remedy suits a verdict, and whether its configuration makes sense.

Judged by its kind and its numbers. A replay of the training with the remedy can take the place
of :func:`objection` without a change anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.diagnosis.answers import Remedy, Text
from grader.diagnosis.reading import Reading

SUITABLE: dict[str, tuple[str, ...]] = {
    "underfitting": ("more_units", "more_epochs", "learning_rate"),
    "good_fit": ("none", "early_stopping"),
    "overfitting": (
        "early_stopping",
        "dropout",
        "l1",
        "l2",
        "fewer_units",
        "more_data",
        "augmentation",
    ),
}
TRANSFORMS = ("shift", "rotate", "flip", "noise")
Setting = Mapping[str, Any]
Judge = Callable[[Any, Reading, Setting], Text | None]


def say(en: str, ja: str) -> Text:
    """One sentence in both languages."""
    return {"en": en, "ja": ja}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number_between(low: float, high: float, en: str, ja: str) -> Judge:
    def judge(value: Any, reading: Reading, setting: Setting) -> Text | None:
        if _is_number(value) and low <= value <= high:
            return None
        return say(
            f"{en} should lie between {low:g} and {high:g}.",
            f"{ja}は {low:g} から {high:g} の範囲が適切です。",
        )

    return judge


def _stopping_epoch(value: Any, reading: Reading, setting: Setting) -> Text | None:
    if isinstance(value, int) and (reading.is_best(value) or reading.is_best(value + 1)):
        return None
    return say(
        "Stop at an epoch that is among the best of this curve.",
        "この曲線で最もよいエポックの一つで打ち切りましょう。",
    )


def _whole_above(key: str, default: int | None, en: str, ja: str) -> Judge:
    def judge(value: Any, reading: Reading, setting: Setting) -> Text | None:
        before = reading.epochs if key == "epochs" else setting.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            return say(f"{en} must be a whole number.", f"{ja}は整数で書いてください。")
        if isinstance(before, int) and value <= before:
            return say(
                f"{en} must be more than the {before} of this experiment.",
                f"{ja}は、この実験の {before} より大きくなければなりません。",
            )
        return None

    return judge


def _widths(value: Any) -> list[int] | None:
    widths = [value] if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(widths, list) or not all(isinstance(u, int) and u > 0 for u in widths):
        return None
    return widths


def _units(larger: bool) -> Judge:
    def judge(value: Any, reading: Reading, setting: Setting) -> Text | None:
        widths, before = _widths(value), _widths(setting.get("units"))
        if widths is None or (larger and not widths):
            return say(
                "units must be a list of widths such as [64, 32].",
                "units は [64, 32] のような、各層のユニット数のリストで書いてください。",
            )
        en, ja = ("more", "多く") if larger else ("fewer", "少なく")
        growth = 0 if before is None else sum(widths) - sum(before)
        if before is None or (growth > 0 if larger else growth < 0):
            return None
        return say(
            f"units = {widths} is not {en} than this network's {before}.",
            f"units = {widths} は、このネットワークの {before} より{ja}なっていません。",
        )

    return judge


def _learning_rate(value: Any, reading: Reading, setting: Setting) -> Text | None:
    said = setting.get("learning_rate")
    before = said if _is_number(said) else 0.0
    if _is_number(value) and before < value <= 10:
        return None
    return say(
        "Underfitting asks for a larger learning rate than this experiment's.",
        "学習不足の場合は、この実験より大きな学習率が必要です。",
    )


def _transforms(value: Any, reading: Reading, setting: Setting) -> Text | None:
    if isinstance(value, list) and value and all(t in TRANSFORMS for t in value):
        return None
    known = ", ".join(TRANSFORMS)
    return say(
        f"transforms must be a list of some of: {known}.",
        f"transforms は {known} の中から選んだリストで書いてください。",
    )


JUDGES: dict[str, dict[str, Judge]] = {
    "none": {},
    "early_stopping": {
        "epoch": _stopping_epoch,
        "patience": _number_between(1, 50, "patience", "patience "),
    },
    "dropout": {"rate": _number_between(0.1, 0.7, "The dropout rate", "ドロップアウト率")},
    "l1": {"strength": _number_between(1e-6, 0.1, "The strength of L1", "L1 正則化の強さ")},
    "l2": {"strength": _number_between(1e-6, 0.1, "The strength of L2", "L2 正則化の強さ")},
    "fewer_units": {"units": _units(larger=False)},
    "more_units": {"units": _units(larger=True)},
    "more_epochs": {"epochs": _whole_above("epochs", None, "epochs", "epochs ")},
    "learning_rate": {"learning_rate": _learning_rate},
    "more_data": {"samples": _whole_above("samples", 700, "samples", "samples ")},
    "augmentation": {"transforms": _transforms},
}


def objection(remedy: Remedy, reading: Reading, setting: Setting) -> Text | None:
    """What speaks against the remedy for this curve, or None."""
    if not any(remedy.kind in SUITABLE[verdict] for verdict in reading.verdicts):
        return say(
            f"The remedy {remedy.kind!r} does not help against what this curve shows.",
            f"対策「{remedy.kind}」は、この曲線が示す状態には効果がありません。",
        )
    judges = JUDGES[remedy.kind]
    given = {key: judge for key, judge in judges.items() if key in remedy.setting}
    if judges and not given:
        keys = " / ".join(judges)
        return say(
            f"The remedy {remedy.kind!r} needs its configuration: {keys}.",
            f"対策「{remedy.kind}」には設定が必要です: {keys}。",
        )
    for key, judge in given.items():
        found = judge(remedy.setting[key], reading, setting)
        if found:
            return found
    return None
