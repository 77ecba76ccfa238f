"""The picture shows the numbers it was given, and says in words what it cannot draw."""

import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from densefit import _fonts, plots
from densefit.plots import curves

HISTORY = {
    "loss": [1.0, 0.6, 0.4, 0.3],
    "val_loss": [1.1, 0.8, 0.7, 0.9],
    "accuracy": [0.5, 0.7, 0.8, 0.9],
    "val_accuracy": [0.4, 0.6, 0.65, 0.7],
}


def panels(count: int) -> np.ndarray:
    return np.atleast_1d(Figure().subplots(1, count))


def lines(ax: Axes, style: str) -> list[np.ndarray]:
    return [line.get_xydata() for line in ax.get_lines() if line.get_linestyle() == style]


def star(ax: Axes) -> list[tuple[float, float]]:
    return [tuple(line.get_xydata()[0]) for line in ax.get_lines() if line.get_marker() == "*"]


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


@settings(max_examples=25, phases=[Phase.generate])  # each draws a figure: few, not shrunk
@given(st.lists(st.floats(0, 10), min_size=1, max_size=30), st.data())
def test_solid_is_training_dashed_is_validation_from_epoch_one(
    loss: list[float], data: st.DataObject
) -> None:
    val_loss = data.draw(st.lists(st.floats(0, 10), min_size=len(loss), max_size=len(loss)))
    ax = plots.learning_curve({"loss": loss, "val_loss": val_loss}, panels(1)[0])
    epochs = np.arange(1, len(loss) + 1)
    np.testing.assert_array_equal(lines(ax, "-"), [np.c_[epochs, loss]])
    np.testing.assert_array_equal(lines(ax, "--"), [np.c_[epochs, val_loss]])
    best = int(np.argmin(val_loss)) + 1
    assert star(ax) == [(best, val_loss[best - 1])]
    assert f"best epoch: {best}" in legend(ax)


def test_two_panels_are_the_axes_given() -> None:
    given_axes = panels(2)
    drawn = plots.learning_curves(HISTORY, given_axes)
    assert list(drawn) == list(given_axes)
    assert [ax.get_ylabel() for ax in drawn] == ["Loss", "Accuracy"]
    assert star(drawn[0]) == [(3, 0.7)]
    assert star(drawn[1]) == [(3, 0.65)], "the best epoch is that of the validation loss"


def test_a_history_object_and_old_keras_names_are_accepted() -> None:
    renamed = {key.replace("accuracy", "acc"): values for key, values in HISTORY.items()}
    drawn = plots.learning_curves(SimpleNamespace(history=renamed), panels(2))
    np.testing.assert_array_equal(lines(drawn[1], "--")[0][:, 1], HISTORY["val_accuracy"])


@pytest.mark.parametrize(
    ("history", "labels", "stars"),
    [
        ({"loss": [2.0, 1.0]}, ["Loss"], 0),
        ({"accuracy": [0.1, 0.3], "val_accuracy": [0.2, 0.1]}, ["Accuracy"], 1),
        ({"mse": [2.0, 1.0], "val_mse": [2.0, 1.0]}, ["mse"], 0),
    ],
)
def test_panels_are_what_the_history_has(history, labels, stars) -> None:
    drawn = plots.learning_curves(history, panels(1))
    assert [ax.get_ylabel() for ax in drawn] == labels
    assert len(star(drawn[0])) == stars


def test_best_epoch_by_accuracy_where_there_is_no_validation_loss() -> None:
    (ax,) = plots.learning_curves(
        {"accuracy": [0, 0, 0], "val_accuracy": [0.1, 0.5, 0.3]}, panels(1)
    )
    assert star(ax) == [(2, 0.5)]


def test_the_best_epoch_is_finite_even_when_training_diverged() -> None:
    nan = float("nan")
    history = {"loss": [1, nan, nan], "val_loss": [nan, 3.0, float("inf")]}
    assert star(plots.learning_curve(history, panels(1)[0])) == [(2, 3.0)]
    history["val_loss"] = [nan, nan, nan]
    assert star(plots.learning_curve(history, panels(1)[0])) == []


def test_runs_are_compared_by_name_colour_and_marker() -> None:
    longer = {key: [*values, values[-1]] for key, values in HISTORY.items()}
    drawn = plots.learning_curves({"4-4": HISTORY, "512-512": longer}, panels(2))
    assert legend(drawn[0]) == [
        "4-4 (best epoch: 3)",
        "512-512 (best epoch: 3)",
        "training",
        "validation",
    ]
    solid = [line for line in drawn[0].get_lines() if line.get_linestyle() == "-"]
    assert len({line.get_color() for line in solid}) == 2
    assert len({line.get_marker() for line in solid}) == 2
    assert [len(line.get_xdata()) for line in solid] == [4, 5]


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        ([1.0, 0.5], TypeError, "history must be what fit"),
        ({}, ValueError, "is empty"),
        ({"loss": []}, ValueError, "is empty"),
        ({"loss": [1.0], "val_loss": [1.0, 2.0]}, ValueError, r"'loss': 1, 'val_loss': 2"),
        ({"loss": ["a", "b"]}, TypeError, r"loss must be a list of numbers.*\['a', 'b'\]"),
        ({"loss": 0.5}, TypeError, "loss must be a list of numbers"),
        ({"A": {"loss": [1.0]}, "B": {"loss": []}}, ValueError, "of run 'B' is empty"),
        ({"A": {"loss": [1.0]}, "B": [2.0]}, TypeError, "A must be a list of numbers"),
    ],
)
def test_what_is_no_history_is_named(history, error, message) -> None:
    with pytest.raises(error, match=message):
        plots.learning_curves(history, panels(1))


def test_unknown_metric_language_and_number_of_axes_are_named() -> None:
    with pytest.raises(ValueError, match="no run has the metric 'f1'; there are: accuracy, loss"):
        plots.learning_curves(HISTORY, panels(1), metrics=["f1"])
    with pytest.raises(ValueError, match="lang must be one of 'en', 'ja', got 'fr'"):
        plots.learning_curve(HISTORY, panels(1)[0], lang="fr")
    with pytest.raises(ValueError, match="2 Axes are needed, one per panel; got 1"):
        plots.learning_curves(HISTORY, panels(1))


def test_a_figure_of_its_own_when_no_axes_are_given() -> None:
    mpl.use("agg", force=True)
    import matplotlib.pyplot as plt

    drawn = plots.learning_curves(HISTORY, title="Both panels")
    assert len(drawn) == 2
    assert drawn[0].figure.get_suptitle() == "Both panels"
    plt.close(drawn[0].figure)


@pytest.fixture
def fonts_forgotten() -> Iterator[None]:
    _fonts.japanese_font.cache_clear()
    yield
    _fonts.japanese_font.cache_clear()


@pytest.mark.usefixtures("fonts_forgotten")
def test_without_a_japanese_font_labels_are_english_and_it_is_said_once(monkeypatch) -> None:
    monkeypatch.setattr(_fonts, "_candidates", lambda: iter(()))
    with pytest.warns(UserWarning, match="no installed font has Japanese glyphs"):
        ax = plots.learning_curve(HISTORY, panels(1)[0], lang="ja")
    assert ax.get_xlabel() == "Epoch"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.learning_curve(HISTORY, panels(1)[0], lang="ja")


@pytest.mark.usefixtures("fonts_forgotten")
def test_japanese_is_drawn_without_a_missing_glyph(tmp_path) -> None:
    if not any(_fonts._candidates()):
        pytest.skip("no font with Japanese glyphs is installed here")
    drawn = plots.learning_curves(
        {"小さい": HISTORY, "大きい": HISTORY}, panels(2), lang="ja", title="学習曲線"
    )
    assert drawn[0].get_xlabel() == "エポック"
    # Matplotlib warns of each glyph it has to draw as a box, and warnings are errors here.
    drawn[0].figure.savefig(tmp_path / "curves.png")


@pytest.mark.usefixtures("fonts_forgotten")
def test_a_font_is_believed_only_when_it_has_the_glyphs() -> None:
    import matplotlib

    dejavu = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf"
    assert not _fonts._has_sample(dejavu)
    assert not _fonts._has_sample("no such file.ttf")


def test_every_language_has_every_text() -> None:
    assert curves.TEXTS["en"].keys() == curves.TEXTS["ja"].keys()
