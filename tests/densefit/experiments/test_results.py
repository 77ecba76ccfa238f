"""Results print, draw and refuse as they say, on data of the user's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from densefit import _fonts, experiments
from densefit.experiments import Network, Table

RNG = np.random.default_rng(0)
DATA = [(RNG.random((24, 5)), np.arange(24) % 3) for _ in range(3)]


def axes(count: int):
    return np.atleast_1d(Figure(layout="constrained").subplots(1, count))


def sizes(data=DATA, **arguments):
    return experiments.network_sizes(
        [(2,), (3, 2)], data, **{"epochs": 3, "verbose": 0} | arguments
    )


def test_a_comparison_is_a_mapping_of_runs() -> None:
    result = sizes()
    assert list(result) == ["2", "3-2"]
    run = result["3-2"]
    assert run.name == "3-2"
    assert list(run.history) == ["loss", "val_loss", "accuracy", "val_accuracy"]
    assert {len(values) for values in run.history.values()} == {3}
    assert run.history["val_loss"][run.best_epoch - 1] == min(run.history["val_loss"])
    assert run.at(2)["loss"] == run.history["loss"][1]
    assert run.at(-1)["loss"] == run.history["loss"][2]
    assert run.model.layers[1].units == 2


def test_a_comparison_prints_and_draws() -> None:
    result = sizes()
    lines = str(result).splitlines()
    assert len(lines) == 3
    assert lines[2].split()[:2] == ["3-2", "35"]
    assert result._repr_markdown_().splitlines()[1].startswith("| --- | ---:")
    drawn = result.plot(axes(2), names=["2"], title="Mine")
    assert drawn[0].get_ylabel() == "Loss"
    np.testing.assert_array_equal(drawn[0].get_lines()[0].get_ydata(), result["2"].history["loss"])
    assert drawn[0].figure.get_suptitle() == "Mine"


def test_test_data_are_looked_at_when_asked() -> None:
    result = sizes()
    x, y = DATA[2]
    for name, (loss, accuracy) in result.test_scores().items():
        assert [loss, accuracy] == result[name].model.evaluate(x, y, verbose=0)
    with pytest.raises(ValueError, match="no test data"):
        sizes(DATA[:2]).test_scores()


def test_the_l2_penalty_is_left_out_of_the_curves() -> None:
    data = [(x, y > 0) for x, y in DATA]
    result = experiments.regularization(["Large, L2"], data, epochs=1, verbose=0)
    run = result["Large, L2"]
    x, y = data[1]
    p = 1 / (1 + np.exp(-run.model.predict(x)[:, 0].astype(float)))
    np.testing.assert_allclose(
        run.history["val_loss"][-1], -np.mean(np.where(y, np.log(p), np.log(1 - p))), rtol=1e-4
    )


def cross_validation(test, **arguments):
    networks = {"a": Network((2,)), "b": Network((4,))}
    data = [*DATA[:2], test]
    arguments = {"k": 3, "epochs": 2, "verbose": 0} | arguments
    return experiments.cross_validation(networks, data, **arguments)


@pytest.mark.filterwarnings("error")
def test_other_test_data_change_nothing_but_the_test_score() -> None:
    x, y = DATA[2]
    first, other = cross_validation((x, y)), cross_validation((100 * x, y[::-1]))
    assert first.chosen == other.chosen
    for name, losses in first.losses.items():
        assert losses.shape == (3,)
        np.testing.assert_array_equal(losses, other.losses[name])
    for mine, theirs in zip(first.final.model.weights, other.final.model.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert first.test_score() != other.test_score()


def test_the_final_model_has_learned_from_all_folds() -> None:
    result = cross_validation(DATA[2])
    x, y = (np.concatenate(parts) for parts in zip(*DATA[:2], strict=True))
    model = Network((2,) if result.chosen == "a" else (4,)).build((5,), 3, "softmax", 1)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=2, seed=1, verbose=0)
    np.testing.assert_array_equal(model.predict(x), result.final.model.predict(x))
    assert list(result.final.history) == ["loss", "accuracy"]
    assert result.final.best_epoch == int(np.argmin(result.final.history["loss"])) + 1


def test_every_result_draws_in_japanese(tmp_path) -> None:
    if _fonts.japanese_font() is None:
        pytest.skip("no font with Japanese glyphs is installed here")
    drawn = [
        sizes().plot(axes(2), lang="ja")[0],
        cross_validation(DATA[2]).plot(lang="ja", ax=axes(1)[0]),
        experiments.polynomials((1, 3)).plot(axes(2), title="多項式", lang="ja")[0],
        experiments.polynomials((1, 3)).plot_errors(axes(1)[0], title="誤差", lang="ja"),
        experiments.gradient_descent().plot(axes(4), title="最急降下法", lang="ja")[0],
    ]
    for ax in drawn:  # a glyph drawn as a box is a warning, and warnings are errors
        ax.figure.savefig(tmp_path / "picture.png")
    assert "学習率" in str(experiments.gradient_descent().table("ja"))
    assert "次数" in str(experiments.polynomials((1, 3)).table("ja"))
    assert "検証損失" in str(sizes().table("ja"))
    assert "標準偏差" in str(cross_validation(DATA[2]).table("ja"))


def test_polynomials_draw_their_fit_and_their_errors() -> None:
    result = experiments.polynomials((1, 5), n_train=30)
    drawn = result.plot(axes(2))
    assert [ax.get_title() for ax in drawn] == ["Degree 1", "Degree 5"]
    points, truth, fit = drawn[1].get_lines()
    np.testing.assert_array_equal(points.get_ydata(), result.train[1][:, 0])
    np.testing.assert_allclose(truth.get_ydata(), np.sin(truth.get_xdata()))
    np.testing.assert_allclose(fit.get_ydata(), result.fits[5](fit.get_xdata()))
    training, validation, _ = result.plot_errors(axes(1)[0]).get_lines()
    assert list(training.get_ydata()) == list(result.train_errors.values())
    assert list(validation.get_ydata()) == list(result.validation_errors.values())
    assert (training.get_linestyle(), validation.get_linestyle()) == ("-", "--")


def test_a_path_that_leaves_the_picture_says_so() -> None:
    drawn = experiments.gradient_descent(learning_rates=[0.5, 3.0]).plot(axes(2))
    stays, leaves = ([text.get_text() for text in ax.texts] for ax in drawn)
    assert stays == []
    assert leaves == ["left the picture after 1 steps"]
    lost = experiments.gradient_descent(experiments.TWO_VALLEYS, [9.0], steps=20)
    assert str(lost).splitlines()[1].split() in (["9", "inf", "-"], ["9", "-inf", "-"])


@given(st.lists(st.tuples(st.text("ab学ー", max_size=5), st.text("12%数", max_size=5))))
def test_columns_of_a_table_line_up(rows) -> None:
    def width(line: str) -> int:
        return sum(2 if c in "学ー数名値" else 1 for c in line)

    lines = str(Table(("名", "値"), rows)).splitlines()
    assert len({width(line) for line in lines}) == 1


def test_progress_names_each_network_and_can_be_silenced(capsys) -> None:
    sizes(verbose=2)
    out = capsys.readouterr().out
    assert "1/2 2 (21 parameters)" in out
    assert "2/2 3-2 (35 parameters)" in out
    assert "val_accuracy" in out
    sizes(verbose=0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sizes("mnits"), r"unknown data set 'mnits'. Did you mean 'mnist'\?"),
        (lambda: sizes(DATA[:1]), r"data must be a name or .* got 1 part"),
        (lambda: sizes(n_train=99), "n_train must be from 1 to the 24 training samples, got 99"),
        (lambda: experiments.regularization(["Huge"]), "unknown network 'Huge'; there are: Tiny"),
        (lambda: experiments.polynomials((3, 100)), "a degree must be from 0 to .* 99, got 100"),
        (lambda: experiments.gradient_descent(steps=0), "at least one learning rate and one step"),
        (lambda: experiments.cross_validation({}), "at least one candidate"),
        (lambda: cross_validation(DATA[2], k=1), "k must be from 2 to .* 48; got 1"),
        (
            lambda: Network((4, 4), dropout=(0.5,)).build((2,), 2, "softmax", 1),
            r"one per layer \(2\), got 1",
        ),
    ],
)
def test_what_cannot_be_run_is_named(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_dropout_is_after_the_layers_that_have_a_rate() -> None:
    model = Network((4, 3, 2), dropout=(0.5, 0, 0.25)).build((2, 2), 3, "softmax", 1)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Flatten", "Dense", "Dropout", "Dense", "Dense", "Dropout", "Dense"]
