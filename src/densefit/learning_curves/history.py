"""A history as it comes, from Keras, densefit or a log file, into checked arrays.

Everything that is recognised and put right (percent, epochs counted from 0, Keras's older names)
is said; everything that cannot be is refused with its key, its epoch and its value.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Figures", "HistoryError", "Text", "read_history", "say"]

Text = Mapping[str, str]
"""A sentence by language: ``{"en": …, "ja": …}``."""

#: Keras logs the metric by the name it was compiled with; these are all the accuracy.
ACCURACIES = (
    "accuracy",
    "acc",
    "sparse_categorical_accuracy",
    "categorical_accuracy",
    "binary_accuracy",
)
EPOCH_KEYS = ("epoch", "epochs")


def say(en: str, ja: str) -> dict[str, str]:
    """One sentence in both languages."""
    return {"en": en, "ja": ja}


class HistoryError(ValueError):
    """The history cannot be read; ``texts`` says why in English and Japanese."""

    def __init__(self, en: str, ja: str) -> None:
        super().__init__(en)
        self.texts = say(en, ja)


@dataclass(frozen=True)
class Figures:
    """What is read of a history: the epochs before anything stopped being a number.

    Every array has shape (epochs,).
    """

    metric: str
    """``"loss"`` or ``"accuracy"``, whichever is judged."""
    training: NDArray[np.float64] | None
    validation: NDArray[np.float64]
    """Both of shape (epochs,), smaller is better: of accuracies the error rate is kept."""
    epochs: int
    """How many epochs there are in all."""
    diverged: int | None = None
    """The first epoch without a finite number."""
    accuracy: NDArray[np.float64] | None = None
    """Validation accuracy beside a validation loss."""
    notes: tuple[Text, ...] = field(default=())


def read_history(history: Any) -> Figures:
    """``history`` checked; raises :class:`HistoryError`."""
    table = getattr(history, "history", history)
    if isinstance(table, Mapping) and isinstance(table.get("history"), Mapping):
        table = table["history"]
    if not isinstance(table, Mapping):
        raise HistoryError(
            "history must be what fit() returns or its dict of lists, such as "
            f'{{"loss": […], "val_loss": […]}}; got {type(history).__name__}',
            "history には fit() の戻り値、または "
            '{"loss": […], "val_loss": […]} のような辞書を渡してください'
            f" (渡されたもの: {type(history).__name__})。",
        )
    columns = {str(key): values for key, values in table.items()}
    metric, val_key, key = _judged(columns)
    accuracy_key = _first(columns, [f"val_{name}" for name in ACCURACIES])
    wanted = [k for k in (key, val_key, accuracy_key) if k is not None]
    checked = {k: _column(k, columns[k]) for k in dict.fromkeys(wanted)}
    _same_length(checked)
    notes = _epoch_note(columns, len(checked[val_key]))
    for name in checked:
        if name.removeprefix("val_") in ACCURACIES:
            checked[name], note = _fractions(name, checked[name])
            notes += note
    return _figures(metric, checked, key, val_key, accuracy_key, notes)


def _first(columns: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in columns), None)


def _judged(columns: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """What is judged, its validation key, and its training key where there is one."""
    if "val_loss" in columns:
        return "loss", "val_loss", _first(columns, ["loss"])
    val_key = _first(columns, [f"val_{name}" for name in ACCURACIES])
    if val_key is not None and "loss" not in columns:
        return "accuracy", val_key, _first(columns, [val_key.removeprefix("val_"), *ACCURACIES])
    there = ", ".join(map(repr, list(columns)[:8])) or "-"
    raise HistoryError(
        f"history has no 'val_loss'; there are: {there}. Train with validation_data=(x_val, y_val):"
        " without validation nothing can be said about overfitting",
        f"history に 'val_loss' がありません (あるもの: {there})。validation_data=(x_val, y_val) "
        "を付けて学習してください。検証データなしでは過学習かどうか判断できません。",
    )


def _column(key: str, values: Any) -> NDArray[np.float64]:
    """One list as an array of shape (epochs,), every entry a real number or NaN."""
    if isinstance(values, np.ndarray) and values.ndim == 1:
        values = values.tolist()
    if not isinstance(values, list | tuple) or not values:
        raise HistoryError(
            f"history[{key!r}] must be a list with one number per epoch, got {values!r:.60}",
            f"history[{key!r}] は、1 エポックに 1 個の数を並べたリストでなければなりません"
            f" (現在は {values!r:.60})。",
        )
    for epoch, value in enumerate(values, start=1):
        if type(value) is float:  # nearly all are
            continue
        if isinstance(value, bool) or not isinstance(value, numbers.Real | np.floating):
            raise HistoryError(
                f"history[{key!r}] at epoch {epoch} is {value!r:.40}, not a number",
                f"history[{key!r}] のエポック {epoch} の値 {value!r:.40} は数ではありません。",
            )
    return np.array([float(value) for value in values])


def _same_length(columns: Mapping[str, NDArray[np.float64]]) -> None:
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{key!r} {length}" for key, length in lengths.items())
        raise HistoryError(
            f"the lists of history must have one value per epoch each, but their lengths are: "
            f"{listed}",
            f"history のリストの長さがそろっていません: {listed}。",
        )


def _epoch_note(columns: Mapping[str, Any], length: int) -> tuple[Text, ...]:
    """What an ``epoch`` column says: logs count from 0 or from 1; here it is always from 1."""
    key = _first(columns, EPOCH_KEYS)
    if key is None:
        return ()
    counted = _column(key, columns[key])
    first = counted[0]
    if len(counted) != length or not np.array_equal(counted, first + np.arange(length)):
        wrong = next(
            (i for i, e in enumerate(counted) if e != first + i), min(length, len(counted) - 1)
        )
        raise HistoryError(
            f"history[{key!r}] must count the {length} epochs one by one; entry {wrong + 1} is "
            f"{counted[wrong]:g}",
            f"history[{key!r}] はエポック ({length} 個) を 1 ずつ数えていなければなりません。"
            f"{wrong + 1} 番目の値は {counted[wrong]:g} です。",
        )
    if first == 1:
        return ()
    return (
        say(
            f"The log counts epochs from {first:g}; here the first one is epoch 1.",
            f"ログのエポックは {first:g} から始まりますが、ここでは最初をエポック 1 とします。",
        ),
    )


def _fractions(
    key: str, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[Text, ...]]:
    """Accuracies from 0 to 1; percent are recognised by a value above 1."""
    possible = np.isnan(values) | ((values >= 0) & (values <= 100))
    if not possible.all():
        epoch = int(np.argmin(possible))
        raise HistoryError(
            f"history[{key!r}] at epoch {epoch + 1} is {values[epoch]:g}; an accuracy lies between "
            "0 and 1 (or 0 and 100 per cent)",
            f"history[{key!r}] のエポック {epoch + 1} の値が {values[epoch]:g} です。正解率は "
            "0 から 1 (または 0 から 100 %) の値です。",
        )
    if not (values > 1).any():
        return values, ()
    note = say(
        f"{key!r} is given in per cent, and was divided by 100.",
        f"{key!r} はパーセントで書かれているため、100 で割って読みました。",
    )
    return values / 100, (note,)


def _figures(
    metric: str,
    checked: Mapping[str, NDArray[np.float64]],
    key: str | None,
    val_key: str,
    accuracy_key: str | None,
    notes: tuple[Text, ...],
) -> Figures:
    """Cut at the first number that is none, and turn accuracies into error rates."""
    judged = [k for k in (val_key, key) if k is not None]
    finite = np.all([np.isfinite(checked[k]) for k in judged], axis=0)
    epochs = len(finite)
    end = epochs if finite.all() else int(np.argmin(finite))
    if end == 0:
        bad = next(k for k in judged if not np.isfinite(checked[k][0]))
        raise HistoryError(
            f"history[{bad!r}] at epoch 1 is {checked[bad][0]}: training diverged at once. Try a "
            "smaller learning rate",
            f"history[{bad!r}] のエポック 1 の値が {checked[bad][0]} です。"
            "学習がすぐに発散しました。学習率を小さくしてみましょう。",
        )
    cut = {k: values[:end] for k, values in checked.items()}
    if metric == "accuracy":
        cut |= {k: 1 - cut[k] for k in judged}
    return Figures(
        metric=metric,
        training=None if key is None else cut[key],
        validation=cut[val_key],
        epochs=epochs,
        diverged=None if end == epochs else end + 1,
        accuracy=cut[accuracy_key] if metric == "loss" and accuracy_key else None,
        notes=notes,
    )
