"""A remedy tried out: the student's network trained with and without it on replicate seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.answers import Remedy, Text
from grader.diagnosis.remedies import say
from grader.experiment.family import Family, Setting
from grader.experiment.replay import ALTERATIONS, SAMPLES, History, replicate, train
from grader.experiment.statistics import significantly_less

__all__ = ["Refused", "Trial", "run_trial"]

Array = NDArray[np.float64]
SEEDS = 8
#: What a trial may take: keeps the whole check within seconds.
MOST_UNITS, MOST_LAYERS, MOST_EPOCHS, MOST_RATE = 256, 4, 300, 1.0
#: Shares by which loss and gap must improve, significantly.
BETTER_LOSS, BETTER_GAP = 0.01, 0.2


class Refused(Exception):
    """The remedy cannot be trained as configured; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text["en"])
        self.text = text


@dataclass(frozen=True)
class Trial:
    """Validation and training losses without and with the remedy, (seeds, epochs) each."""

    before: tuple[Array, Array]
    after: tuple[Array, Array]
    stops: tuple[int, ...] | None = None
    """Where early stopping ends each run, counted from 1; the curves themselves do not change."""

    @property
    def best(self) -> tuple[Array, Array]:
        """The least validation loss of every run, before and after."""
        if self.stops is None:
            return self.before[0].min(axis=1), self.after[0].min(axis=1)
        return self.end

    @property
    def end(self) -> tuple[Array, Array]:
        """The validation loss that every run ends with."""
        return self._ending(0)

    @property
    def gap(self) -> tuple[Array, Array]:
        """The generalisation gap that every run ends with."""
        v, t = self._ending(0), self._ending(1)
        return v[0] - t[0], v[1] - t[1]

    def _ending(self, which: int) -> tuple[Array, Array]:
        before, after = self.before[which], self.after[which]
        window = max(1, before.shape[1] // 10)
        if self.stops is not None:
            stopped = np.array([run[stop - 1] for run, stop in zip(after, self.stops, strict=True)])
            return before[:, -window:].mean(axis=1), stopped
        return before[:, -window:].mean(axis=1), after[:, -window:].mean(axis=1)

    def helps(self, overfits: bool) -> bool:
        """Less validation loss; or, where it overfits, less gap and no more loss at the end."""
        best, end, gap = self.best, self.end, self.gap
        if significantly_less(best[1], best[0], BETTER_LOSS):
            return True
        smaller_gap = significantly_less(gap[1], gap[0], BETTER_GAP)
        return overfits and smaller_gap and bool(end[1].mean() <= 1.01 * end[0].mean())

    def words(self) -> Text:
        """Before and after in figures."""
        best = [f"{x.mean():.3f}" for x in self.best]
        end = [f"{x.mean():.3f}" for x in self.end]
        gap = [f"{x.mean():.3f}" for x in self.gap]
        n = len(self.before[0])
        return say(
            f"Trained on {n} seeds without and with it: validation loss at its best "
            f"{best[0]} → {best[1]}, at the end {end[0]} → {end[1]}; generalisation gap at the end "
            f"{gap[0]} → {gap[1]}.",
            f"{n} 個の乱数シードで対策なし・ありを学習させた結果: 検証データの損失は最良で "
            f"{best[0]} → {best[1]}、最後で {end[0]} → {end[1]}、最後の汎化ギャップは "
            f"{gap[0]} → {gap[1]} でした。",
        )


def run_trial(family: Family, number: int, remedy: Remedy) -> Trial:
    """Train a variant with and without a remedy; raises :class:`Refused`."""
    setting = family.setting(number)
    changed = _changed(setting, remedy)
    seeds = [family.seed(number, replicate) for replicate in range(1, SEEDS + 1)]
    before = _losses([replicate(setting, seed) for seed in seeds])
    if remedy.kind == "early_stopping":
        return Trial(before, before, _stops(before[0], remedy.setting, setting.epochs))
    return Trial(before, _losses([train(changed, seed) for seed in seeds]))


def _losses(runs: list[History]) -> tuple[Array, Array]:
    return np.array([run["val_loss"] for run in runs]), np.array([run["loss"] for run in runs])


def _stops(v: Array, setting: Mapping[str, Any], epochs: int) -> tuple[int, ...]:
    """The epoch whose weights early stopping keeps, of every run."""
    if "epoch" in setting:
        epoch = setting["epoch"]
        if not _whole(epoch) or not 1 <= epoch <= epochs:
            raise Refused(
                say(
                    f"epoch must be one of this experiment's, 1 to {epochs}.",
                    f"epoch はこの実験のエポック (1 から {epochs}) で書いてください。",
                )
            )
        return (epoch,) * len(v)
    patience: Any = setting.get("patience")
    if not _whole(patience) or patience < 1:
        raise Refused(say("patience must be a whole number.", "patience は整数で書いてください。"))
    return tuple(_kept(run, patience) for run in v)


def _kept(run: Array, patience: int) -> int:
    """Keras's EarlyStopping(patience, restore_best_weights=True)."""
    best = 0
    for epoch in range(1, len(run)):
        if run[epoch] < run[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best + 1


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(remedy: Remedy, key: str, most: float) -> float:
    value = remedy.setting.get(key)
    real = isinstance(value, int | float) and not isinstance(value, bool)
    if not real or not 0 < float(value) <= most:  # type: ignore[arg-type]
        raise Refused(
            say(
                f"{key} must be a number above 0 and at most {most:g} to be tried out.",
                f"{key} は 0 より大きく {most:g} 以下の数で書いてください。",
            )
        )
    return float(value)  # type: ignore[arg-type]


def _count(remedy: Remedy, key: str, most: int) -> int:
    if not _whole(remedy.setting.get(key)):
        raise Refused(say(f"{key} must be a whole number.", f"{key} は整数で書いてください。"))
    return int(_number(remedy, key, most))


def _units(remedy: Remedy) -> tuple[int, ...]:
    units = remedy.setting.get("units")
    units = [units] if _whole(units) else units
    if not isinstance(units, list) or not all(_whole(u) and u > 0 for u in units):
        raise Refused(
            say(
                "units must be a list of widths such as [64, 32].",
                "units は [64, 32] のような、各層のユニット数のリストで書いてください。",
            )
        )
    if sum(units) > MOST_UNITS or len(units) > MOST_LAYERS:
        raise Refused(
            say(
                f"At most {MOST_UNITS} units in {MOST_LAYERS} layers can be tried out here.",
                f"ここで試せるのは、{MOST_LAYERS} 層、合計 {MOST_UNITS} ユニットまでです。",
            )
        )
    return tuple(units)


def _transforms(remedy: Remedy) -> tuple[str, ...]:
    named = remedy.setting.get("transforms")
    if not isinstance(named, list) or not named or not set(named) <= set(ALTERATIONS):
        known = ", ".join(ALTERATIONS)
        raise Refused(
            say(
                f"transforms must be a list of some of: {known}.",
                f"transforms は {known} の中から選んだリストで書いてください。",
            )
        )
    return tuple(named)


def _changed(setting: Setting, remedy: Remedy) -> Setting:
    """The student's network with the remedy."""
    kind = remedy.kind
    if kind == "dropout":
        return replace(setting, dropout=_number(remedy, "rate", 0.9))
    if kind in ("l1", "l2"):
        strength = _number(remedy, "strength", 1.0)
        return replace(setting, l1=strength) if kind == "l1" else replace(setting, l2=strength)
    if kind in ("fewer_units", "more_units"):
        return replace(setting, units=_units(remedy))
    if kind == "more_epochs":
        return replace(setting, epochs=_count(remedy, "epochs", MOST_EPOCHS))
    if kind == "learning_rate":
        return replace(setting, learning_rate=_number(remedy, "learning_rate", MOST_RATE))
    if kind == "more_data":
        return replace(setting, samples=_count(remedy, "samples", SAMPLES))
    if kind == "augmentation":
        return replace(setting, transforms=_transforms(remedy))
    return setting
