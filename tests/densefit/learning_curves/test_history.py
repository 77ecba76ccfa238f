"""Histories as people have them: what is recognised, and what is refused with which words."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit.learning_curves import HistoryError, diagnose, read_log

V = [1.0, 0.8, 0.7, 0.65]


@pytest.mark.parametrize(
    ("history", "fragments"),
    [
        ({"loss": V}, ["'val_loss'", "validation_data", "'loss'"]),
        ({"accuracy": V}, ["'val_loss'"]),
        ({"loss": V, "val_accuracy": V}, ["'val_loss'"]),
        ({"loss": V, "val_loss": V[:3]}, ["'val_loss' 3", "'loss' 4"]),
        ({"val_loss": [1.0, "0.5", 0.4]}, ["'val_loss'", "epoch 2", "'0.5'"]),
        ({"val_loss": [1.0, 0.5, None]}, ["'val_loss'", "epoch 3", "None"]),
        ({"val_loss": [1.0, True, 0.5]}, ["'val_loss'", "epoch 2", "True"]),
        ({"val_loss": [[1.0], 0.5]}, ["'val_loss'", "epoch 1"]),
        ({"val_loss": 0.5}, ["'val_loss'", "list", "0.5"]),
        ({"val_loss": []}, ["'val_loss'", "list"]),
        ({"val_loss": "abc"}, ["'val_loss'", "'abc'"]),
        ({"val_loss": [float("nan")] * 3}, ["'val_loss'", "epoch 1", "nan"]),
        ({"val_accuracy": [0.5, 120, 0.5]}, ["'val_accuracy'", "epoch 2", "120"]),
        ({"val_accuracy": [0.5, -0.1, 0.5]}, ["'val_accuracy'", "epoch 2", "-0.1"]),
        ({"val_loss": V, "epoch": [0, 1, 3, 4]}, ["'epoch'", "entry 3", "3"]),
        ({"val_loss": V, "epoch": [0, 1, 2]}, ["'epoch'", "4 epochs"]),
        ([1.0, 0.5], ["list"]),
        (None, ["NoneType"]),
        ({}, ["'val_loss'"]),
    ],
)
def test_what_cannot_be_read_is_named(history: Any, fragments: list[str]) -> None:
    with pytest.raises(HistoryError) as raised:
        diagnose(history)
    for fragment in fragments:
        assert fragment in str(raised.value)
    assert raised.value.texts["en"] == str(raised.value)
    assert raised.value.texts["ja"] != raised.value.texts["en"]


@pytest.mark.parametrize(("first", "said"), [(0, True), (1, False)])
def test_epochs_counted_from_0_or_1_are_recognised(first: int, said: bool) -> None:
    d = diagnose({"val_loss": V, "epoch": list(range(first, first + 4))})
    assert d.best_epoch == 4
    assert ("counts epochs from 0" in d.explain()) == said
    assert ("0 から" in d.explain("ja")) == said


@pytest.mark.parametrize("name", ["acc", "sparse_categorical_accuracy", "binary_accuracy"])
def test_names_of_the_accuracy(name: str) -> None:
    d = diagnose({name: [0.5, 0.6, 0.7], f"val_{name}": [0.5, 0.6, 0.65]})
    assert (d.metric, d.epochs) == ("accuracy", 3)
    assert d.gap_at_end == pytest.approx(0.05)


def test_the_baseline_must_be_comparable() -> None:
    with pytest.raises(HistoryError, match="baseline"):
        diagnose({"val_loss": V}, baseline={"val_accuracy": [0.5, 0.6, 0.7]})
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(HistoryError, match="baseline"):
            diagnose({"val_loss": V}, baseline=wrong)


values = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=3)
columns = st.lists(values, max_size=5) | values
keys = st.sampled_from(["loss", "val_loss", "accuracy", "val_accuracy", "epoch", "odd"])


@given(st.dictionaries(keys, columns) | values | st.lists(values))
def test_whatever_comes_is_read_or_refused_in_both_languages(history: Any) -> None:
    try:
        d = diagnose(history)
    except HistoryError as error:
        said = error.texts
    else:
        said = {lang: d.explain(lang) for lang in ("en", "ja")}
    assert all(said[lang] for lang in ("en", "ja"))


# --- files --------------------------------------------------------------------------------------


def test_json_as_dumped_and_wrapped(tmp_path: Path) -> None:
    for table in ({"val_loss": V}, {"history": {"val_loss": V}}):
        (tmp_path / "h.json").write_text(json.dumps(table), encoding="utf-8")
        assert read_log(tmp_path / "h.json") == {"val_loss": V}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_log(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "log.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["epoch", "loss", "val_loss"])
        writer.writerows([e, v, v + 0.1] for e, v in enumerate(V))
    d = diagnose(read_log(path))
    assert d.epochs == 4
    assert "from 0" in d.explain()


def test_the_librarys_own_log(tmp_path: Path) -> None:
    from densefit import Sequential
    from densefit.callbacks import CSVLogger
    from densefit.layers import Dense

    model = Sequential([Dense(2, activation="softmax", input_shape=(3,))])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = np.eye(3, dtype=np.float32), np.array([0, 1, 0])
    log = CSVLogger(tmp_path / "log.csv")
    history = model.fit(
        x, y, epochs=4, validation_data=(x, y), callbacks=[log], verbose=0, seed=1
    ).history
    read = read_log(tmp_path / "log.csv")
    assert {key: read[key] for key in history} == history
    assert diagnose(read).best_epoch == diagnose(history).best_epoch


def test_a_word_in_a_csv_is_named_with_its_epoch(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,val_loss\n0,1.0\n1,oops\n", encoding="utf-8")
    with pytest.raises(HistoryError, match=r"'val_loss'.*epoch 2.*'oops'"):
        diagnose(read_log(tmp_path / "log.csv"))


def test_missing_figures_in_a_csv_end_the_curve(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,val_loss\n0,1.0\n1,0.5\n2,NA\n", encoding="utf-8")
    assert "from epoch 3 on" in diagnose(read_log(tmp_path / "log.csv")).explain()


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (b"", "empty"),
        (b"{", "line 1"),
        (b"[1, 2]", "list"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "neither"),
        (b"hello", "neither"),
        (b"epoch,val_loss\n", "no epochs"),
        (b"epoch,val_loss\n0,1,2\n", "line 2"),
        (b"[" * 100_000, "neither"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, fragment: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(HistoryError, match=fragment):
        read_log(tmp_path / "file")
