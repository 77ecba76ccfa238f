"""Each picture shows the numbers it was given, says by a sign what it says by colour, and errs
in words."""

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from densefit import Sequential, _fonts, layers, plots
from densefit.plots._style import BLUE, ORANGE

few = settings(max_examples=15, phases=[Phase.generate])  # each draws a figure


def axes(*shape: int) -> Any:
    return Figure(layout="constrained").subplots(*shape or (1,))


class Linear:
    """Probability of class 1: 1 right of x₁ = edge, 0 left of it."""

    def __init__(self, edge: float, outputs: int = 1) -> None:
        self.edge, self.outputs = edge, outputs

    def predict(self, x: np.ndarray, /) -> np.ndarray:
        p = 1 / (1 + np.exp(-20 * (x[:, :1] - self.edge)))
        return p if self.outputs == 1 else np.hstack([1 - p, p])


POINTS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
CLASSES = np.array([0, 0, 1, 1])


@few
@given(st.floats(-0.8, 0.8), st.sampled_from([1, 2]))
def test_the_line_between_the_classes_is_where_the_probability_is_one_half(edge, outputs) -> None:
    ax = plots.decision_boundary(Linear(edge, outputs), POINTS, CLASSES, axes())
    (line,) = [c for c in ax.collections if hasattr(c, "levels")]
    np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], edge, atol=0.02)
    image = ax.get_images()[0]
    left, right = image.get_array()[80, [2, -3]]
    assert left < 0.01
    assert right > 0.99, "blue, the end of the colours, is class 1"
    assert image.cmap(1.0)[:3] == pytest.approx(to_rgb(BLUE))


def test_points_of_a_class_have_a_colour_and_a_marker_of_their_own() -> None:
    ax = plots.decision_boundary(
        Linear(0), POINTS, CLASSES, axes(), class_names=["left", "right"], title="T"
    )
    zero, one = (c for c in ax.collections if c.get_label().startswith("class"))
    np.testing.assert_array_equal(zero.get_offsets(), POINTS[:2])
    np.testing.assert_array_equal(one.get_offsets(), POINTS[2:])
    assert tuple(one.get_facecolor()[0][:3]) == pytest.approx(to_rgb(BLUE))
    assert len(zero.get_paths()[0].vertices) != len(one.get_paths()[0].vertices)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["class left", "class right"]
    assert ax.get_title() == "T"


def test_several_classes_have_an_area_each() -> None:
    class Corners:
        def predict(self, x: np.ndarray, /) -> np.ndarray:
            return np.stack([x[:, 0], x[:, 1], -x.sum(axis=1)], axis=1)

    x = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    ax = plots.decision_boundary(Corners(), x, [0, 1, 2], axes())
    areas = ax.get_images()[0].get_array()
    assert len(np.unique(areas.reshape(-1, 3), axis=0)) == 3
    assert len([c for c in ax.collections if hasattr(c, "levels")]) == 2


def test_regression_colours_values_and_points_on_one_scale() -> None:
    class Plane:
        def predict(self, x: np.ndarray, /) -> np.ndarray:
            assert x.shape[1] == 1
            return x

    y = np.array([-2.0, -1.0, 0.5, 1.0])
    ax = plots.decision_boundary(Plane(), POINTS, y, axes(), features=lambda p: p[:, :1])
    image, points = ax.get_images()[0], ax.collections[0]
    assert image.get_clim() == points.get_clim() == (-2.0, 2.0)
    np.testing.assert_array_equal(points.get_array(), y)
    np.testing.assert_allclose(image.get_array()[0, [0, -1]], [-1.16, 1.16])


@few
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1), st.booleans())
def test_every_sample_is_counted_in_its_cell(pairs, as_rows) -> None:
    true, predicted = np.array(pairs).T
    given_predictions = np.eye(5)[predicted] if as_rows else predicted
    ax = plots.confusion_matrix(true, given_predictions, axes(), class_names=list("abcde"))
    cells = {t.get_position(): t.get_text() for t in ax.texts}
    for row, column in np.ndindex(5, 5):
        assert cells[column, row] == str(((true == row) & (predicted == column)).sum())
    assert len(ax.patches) == 5, "the diagonal is framed"
    assert [t.get_text() for t in ax.get_xticklabels()] == list("abcde")


def test_shares_are_of_the_true_class() -> None:
    ax = plots.confusion_matrix([0, 0, 0, 0, 1], [0, 0, 0, 1, 1], axes(), normalize=True)
    cells = {t.get_position(): t.get_text() for t in ax.texts}
    assert cells == {(0, 0): "0.75", (1, 0): "0.25", (0, 1): "·", (1, 1): "1.00"}


def test_a_prediction_is_blue_and_ticked_or_red_hatched_and_crossed() -> None:
    p = [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1]]
    drawn = plots.prediction_grid(
        np.zeros((2, 3, 3)), p, [0, 1], axes(2, 2), class_names=["bag", "shirt", "coat"]
    )
    assert drawn.shape == (2, 2)
    assert drawn[0, 0].get_xlabel() == "✓ bag 70%"
    assert drawn[1, 0].get_xlabel() == "✗ bag 60%\n(shirt)"
    for (_, bars), shares, colours in zip(drawn, p, ["bgg", "rbg"], strict=True):
        assert [bar.get_height() for bar in bars.patches] == shares
        for bar, colour in zip(bars.patches, colours, strict=True):
            red, green, blue, _ = bar.get_facecolor()
            assert {"b": blue > red, "r": red > blue, "g": red == green == blue}[colour]
            assert bool(bar.get_hatch()) == (colour == "r")


def dense(*units: int, n_in: int = 4) -> Sequential:
    return Sequential([layers.Input((n_in,)), *(layers.Dense(n, "tanh") for n in units)], seed=1)


def lines_of(ax: Any) -> list[Any]:
    return [line for line in ax.get_lines() if len(line.get_xdata())]


def test_a_weight_is_a_line_as_wide_as_it_is_great() -> None:
    model = dense(2, n_in=2)
    model.set_weights([np.array([[1.0, -0.5], [0.0, 0.25]]), np.zeros(2)])
    ax = plots.network(model, axes(), input_names=["x", "y"])
    drawn = lines_of(ax)
    assert len(drawn) == 3, "a weight of 0 is no line"
    widths = {line.get_linewidth(): line for line in drawn}
    assert sorted(widths) == pytest.approx([0.2 + 3.3 * w for w in (0.25, 0.5, 1.0)])
    negative = widths[0.2 + 3.3 * 0.5]
    assert (negative.get_linestyle(), negative.get_color()) == ("--", ORANGE)
    assert {line.get_linestyle() for line in drawn if line is not negative} == {"-"}
    assert {"x", "y"} <= {text.get_text() for text in ax.texts}


def test_large_layers_show_their_first_and_last_units() -> None:
    ax = plots.network(dense(30, 3, n_in=50), axes(), max_units=6)
    circles = [len(c.get_offsets()) for c in ax.collections]
    assert circles == [6, 6, 3]
    assert len(lines_of(ax)) == 6 * 6 + 6 * 3
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("⋮") == 2
    assert "50 inputs\n" in texts
    assert "30 units\ntanh" in texts


def test_weights_of_a_unit_are_its_image() -> None:
    kernel = np.arange(4 * 9, dtype=float).reshape(4, 9) - 10
    ax = plots.first_layer_weights(kernel, axes(), units=9)
    mosaic = ax.get_images()[0].get_array()
    assert mosaic.shape == (2 * 3 - 1, 8 * 3 - 1)
    np.testing.assert_array_equal(mosaic[:2, :2], kernel[:, 0].reshape(2, 2))
    np.testing.assert_array_equal(mosaic[:2, 3:5], kernel[:, 1].reshape(2, 2))
    np.testing.assert_array_equal(mosaic[3:, :2], kernel[:, 8].reshape(2, 2))
    assert mosaic.mask[2].all(), "a line between the images"
    assert ax.get_images()[0].get_clim() == (-25, 25)


def test_the_shape_of_the_image_is_the_models() -> None:
    model = Sequential([layers.Flatten(input_shape=(2, 6)), layers.Dense(1)])
    assert plots.first_layer_weights(model, axes()).get_images()[0].get_array().shape == (2, 6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.decision_boundary(Linear(0), POINTS[:, :1], CLASSES), r"got \(4, 1\)"),
        (lambda: plots.decision_boundary(Linear(0), POINTS, [0]), r"got \(4, 2\) and \(1,\)"),
        (
            lambda: plots.decision_boundary(Linear(0), POINTS, CLASSES, axes(), class_names=["a"]),
            "class_names must name all 2 classes, got 1",
        ),
        (lambda: plots.confusion_matrix([0, 1], [0]), "got 2 and 1"),
        (lambda: plots.confusion_matrix([0.5], [0]), "y_true must be integer labels"),
        (lambda: plots.confusion_matrix([0], [-1]), "y_pred must be integer labels"),
        (lambda: plots.confusion_matrix([0], [0], lang="fr"), "lang must be one of 'en', 'ja'"),
        (lambda: plots.prediction_grid(np.zeros((2, 3, 3)), [[1.0]], [0]), "2 images and 1 rows"),
        (lambda: plots.prediction_grid(np.zeros((1, 9)), [[1.0]], [0]), r"got \(1, 9\)"),
        (
            lambda: plots.prediction_grid(np.zeros((1, 3, 3)), [[1.0]], [0], axes(1, 3)),
            "2 Axes are needed, two per image; got 3",
        ),
        (lambda: plots.network(dense(2), max_units=1), "max_units must be at least 2, got 1"),
        (
            lambda: plots.network(Sequential([layers.Flatten(input_shape=(2, 2))])),
            "no layer with weights",
        ),
        (
            lambda: plots.first_layer_weights(dense(2, n_in=5)),
            r"5 inputs, which are no image of shape \(2, 2\)",
        ),
    ],
)
def test_what_cannot_be_drawn_is_named(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_japanese_is_drawn_without_a_missing_glyph(tmp_path) -> None:
    if _fonts.japanese_font() is None:
        pytest.skip("no font with Japanese glyphs is installed here")
    drawn = [
        plots.decision_boundary(Linear(0), POINTS, CLASSES, axes(), title="境界", lang="ja"),
        plots.decision_boundary(Linear(0), POINTS, CLASSES / 2, axes(), title="値", lang="ja"),
        plots.confusion_matrix([0], [1], axes(), class_names=["鞄", "靴"], lang="ja"),
        plots.network(dense(2), axes(), title="結合", lang="ja"),
        plots.first_layer_weights(dense(2), axes(), title="重み", lang="ja"),
        plots.prediction_grid(
            np.zeros((1, 2, 2)), [[0, 1]], [0], axes(1, 2), class_names=["鞄", "靴"], lang="ja"
        )[0, 0],
    ]
    for ax in drawn:  # Matplotlib warns of a glyph drawn as a box, and warnings are errors here
        ax.figure.savefig(tmp_path / "picture.png")


@pytest.mark.parametrize("name", ["boundary", "confusion", "network", "predictions", "weights"])
def test_every_language_has_every_text(name) -> None:
    texts = importlib.import_module(f"densefit.plots.{name}").TEXTS
    assert texts["en"].keys() == texts["ja"].keys()
