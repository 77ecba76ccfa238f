"""What training prints: live on a terminal, plain in a log, one line per epoch, or nothing."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit import progress
from densefit.callbacks import Callback

from .classifiers import classifier

VALUES = r"loss: \d\.\d{4} - accuracy: \d\.\d{4} - val_loss: \d\.\d{4} - val_accuracy: \d\.\d{4}"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def train(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, **kwargs: Any) -> str:
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_UPDATES", 0.0)
    x, y = np.zeros((100, 6)), np.zeros(100, dtype=int)
    classifier().fit(x, y, epochs=2, validation_split=0.2, **kwargs)
    return stream.getvalue()


@pytest.mark.parametrize("verbose", ["auto", 1, True])
def test_a_log_gets_plain_lines(verbose: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    out = train(io.StringIO(), monkeypatch, verbose=verbose)
    assert "\r" not in out
    lines = out.splitlines()
    assert lines[0::2] == ["Epoch 1/2", "Epoch 2/2"]
    for line in lines[1::2]:
        assert re.fullmatch(rf"3/3 \[={{30}}\] - \d+s \d+[mu]?s/step - {VALUES}", line)


def test_a_terminal_gets_a_moving_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = train(Terminal(), monkeypatch, verbose=1)
    first = out.split("\n")[1].split("\r")
    assert re.fullmatch(r"3/3 \[={30}\] - ETA: 0s - loss: \d\.\d{4} - accuracy: .*", first[1])
    assert re.fullmatch(rf"3/3 \[={{30}}\] - \d+s \d+[mu]?s/step - {VALUES} *", first[-1])
    assert out.count("\n") == 4


def test_a_narrow_terminal_never_wraps_while_moving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = train(Terminal(), monkeypatch, verbose=1)
    moving = [line for row in out.split("\n") for line in row.split("\r")[1:-1]]
    assert moving
    assert max(map(len, moving)) < 40


def test_one_line_per_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = train(Terminal(), monkeypatch, verbose=2).splitlines()
    assert len(lines) == 2
    assert re.fullmatch(rf"Epoch 2/2 - \d+s \d+[mu]?s/step - {VALUES}", lines[1])


@pytest.mark.parametrize("verbose", [0, False])
def test_silence(verbose: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert train(Terminal(), monkeypatch, verbose=verbose) == ""


def test_evaluate_prints_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    classifier().evaluate(np.zeros((100, 6)), np.zeros(100, dtype=int))
    out = capsys.readouterr().out
    pattern = r"4/4 \[={30}\] - 0s \d+[mu]?s/step - loss: \d\.\d{4} - accuracy: [01]\.0000\n"
    assert re.fullmatch(pattern, out)


def test_an_interrupt_ends_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupt(Callback):
        def on_test_begin(self, logs: object = None) -> None:
            raise KeyboardInterrupt

    stream = Terminal()
    with pytest.raises(KeyboardInterrupt):
        train(stream, monkeypatch, verbose=1, callbacks=[Interrupt()])
    assert stream.getvalue().endswith("\n")
    assert stream.getvalue().count("\n") == 2


@given(steps=st.integers(1, 10**6), data=st.data())
def test_the_bar_has_its_width_and_grows(steps: int, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, steps))
    bar = progress.format_bar(step, steps)
    assert len(bar) == 32
    assert bar.count("=") + bar.count(">") == 30 * step // steps
    assert (bar == f"[{'=' * 30}]") == (step == steps)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0s"), (59.6, "1:00"), (65, "1:05"), (3605, "1:00:05")]
)
def test_remaining_time(seconds: float, text: str) -> None:
    assert progress.format_eta(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "steps", "text"),
    [(3.0, 1875, "3s 2ms/step"), (0.01, 100, "0s 100us/step"), (5, 2, "5s 2s/step")],
)
def test_elapsed_time(seconds: float, steps: int, text: str) -> None:
    assert progress.format_elapsed(seconds, steps) == text


def test_small_numbers_keep_their_digits() -> None:
    assert (
        progress.format_values({"loss": 0.25, "lr": 1.25e-5}) == " - loss: 0.2500 - lr: 1.2500e-05"
    )
