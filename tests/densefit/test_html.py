"""What notebooks show: escaped, complete, and readable without seeing the picture."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needs
from densefit import Sequential, layers
from densefit.callbacks import History

from .classifiers import classifier

HOSTILE = "<script>alert('x')</script>&\"名前\""


def parsed(html: str) -> ET.Element:
    """The tree, if the HTML is well-formed XML too."""
    return ET.fromstring(f"<div>{html}</div>")


def texts(root: ET.Element, tag: str) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(tag)]


def points(root: ET.Element) -> Iterator[tuple[float, float]]:
    for line in root.iter("polyline"):
        for pair in line.get("points", "").split():
            x, y = pair.split(",")
            yield float(x), float(y)


def history(**curves: list[float]) -> History:
    made = History()
    for epoch in range(len(next(iter(curves.values()), []))):
        made.on_epoch_end(epoch, {name: values[epoch] for name, values in curves.items()})
    return made


def test_a_model_is_its_table() -> None:
    model = Sequential(
        [layers.Flatten(input_shape=(2, 3), name="f"), layers.Dense(1000, "relu", name="d")],
        name="m",
    )
    root = parsed(model._repr_html_())
    assert texts(root, "caption") == ['Model "m"']
    assert texts(root, "td") == ["(None, 6)", "0", "(None, 1000)", "7,000", "7,000"]
    assert [(th.get("scope"), "".join(th.itertext())) for th in root.iter("th")] == [
        ("col", "Layer (type)"),
        ("col", "Output shape"),
        ("col", "Parameters"),
        ("row", "f (Flatten)"),
        ("row", "d (Dense, relu)"),
        ("row", "Total parameters"),
    ]


def test_a_model_without_a_shape_can_be_shown() -> None:
    model = Sequential([layers.Dense(2, name="d")])
    assert texts(parsed(model._repr_html_()), "td")[:2] == ["not known yet", "?"]
    assert parsed(Sequential()._repr_html_()) is not None


def test_names_are_escaped() -> None:
    model = Sequential([layers.Dense(2, input_shape=(1,), name=HOSTILE)], name=HOSTILE)
    for html in (model._repr_html_(), history(**{HOSTILE: [1.0, 2.0]})._repr_html_()):
        assert "<script>" not in html
        assert HOSTILE in "".join(parsed(html).itertext())


def test_a_history_tells_last_and_best() -> None:
    made = history(
        loss=[0.5, 0.25, 0.125], accuracy=[0.5, 0.75, 1.0],
        val_loss=[0.6, 0.4, 0.5], val_accuracy=[0.5, 0.8, 0.7],
    )  # fmt: skip
    root = parsed(made._repr_html_())
    assert texts(root, "caption") == ["History of 3 epochs"]
    rows = [texts(row, "td")[:3] for row in root.iter("tr")][1:]
    assert rows == [["0.125", "0.5", "2 (0.4)"], ["1", "0.7", "2 (0.8)"]]
    labels = [svg.get("aria-label") for svg in root.iter("svg")]
    assert labels[0] == (
        "loss over 3 epochs: training from 0.5 to 0.125, validation from 0.6 to 0.5;"
        " best at epoch 2"
    )
    dashes = [line.get("stroke-dasharray") for line in root.iter("polyline")]
    assert dashes == [None, "4 2", None, "4 2"]


def test_lower_losses_are_drawn_lower() -> None:
    root = parsed(history(loss=[3.0, 2.0, 1.0])._repr_html_())
    (x0, y0), (x1, y1), (x2, y2) = points(root)
    assert x0 < x1 < x2
    assert y0 < y1 < y2  # downwards in a picture


def test_a_real_training_and_what_it_is_called(blobs: tuple[np.ndarray, ...]) -> None:
    made = classifier().fit(*blobs, epochs=2, validation_split=0.25, verbose=0)
    assert "<History of 2 epochs: loss, " in repr(made)
    assert texts(parsed(made._repr_html_()), "caption") == ["History of 2 epochs"]


def test_continued_and_sparse_histories() -> None:
    made = History()
    made.on_epoch_end(5, {"loss": 1.0})
    made.on_epoch_end(6, {"loss": 0.5, "val_loss": 2.0})
    row = texts(parsed(made._repr_html_()), "td")
    assert row[:3] == ["0.5", "2", "7 (0.5)"]
    assert parsed(History()._repr_html_()) is not None
    assert texts(parsed(history(loss=[1.0])._repr_html_()), "caption") == ["History of 1 epoch"]


numbers = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e308, -1e308])


@given(loss=st.lists(numbers, min_size=1, max_size=8), data=st.data())
def test_any_numbers_can_be_drawn(loss: list[float], data: st.DataObject) -> None:
    val = data.draw(st.lists(numbers, min_size=len(loss), max_size=len(loss)))
    root = parsed(history(loss=loss, val_loss=val)._repr_html_())
    drawn = list(points(root))
    assert all(0 <= x <= 160 and 0 <= y <= 36 for x, y in drawn)
    if any(map(math.isfinite, val)):
        assert len(drawn) == sum(map(math.isfinite, [*loss, *val]))


def test_summary_in_a_terminal_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    model = Sequential([layers.Dense(2, input_shape=(1,))])
    model.summary()
    printed = capsys.readouterr().out
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert printed == "\n".join(lines) + "\n"
    assert "Total params: 4" in printed


def test_a_notebook_shows_tables_and_keeps_the_text() -> None:
    needs.need("nbformat", "nbclient", "ipykernel")
    import nbclient
    import nbformat

    cells = [
        "from densefit import Sequential, layers\n"
        "model = Sequential([layers.Dense(2, input_shape=(1,))])",
        "model.summary()",
        "model",
        "model.compile('sgd', 'mse')\nmodel.fit([[1.0]], [[1.0, 2.0]], verbose=0)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    shown = [cell.outputs[0].data for cell in book.cells[1:]]
    assert all(data["text/html"].startswith("<table") for data in shown)
    assert 'Model: "sequential"' in shown[0]["text/plain"]
    assert shown[2]["text/plain"] == "<History of 1 epoch: loss>"
