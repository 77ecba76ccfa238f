"""What the lectures claim is what the experiments show, with the data and defaults they have."""

import numpy as np
import pytest

from densefit import experiments
from densefit.experiments import Comparison, Run


def gap(run: Run) -> float:
    last = run.at(-1)
    return last["val_loss"] - last["loss"]


def turned_up(run: Run) -> float:
    """How far above its least value the validation loss ends."""
    return run.at(-1)["val_loss"] - min(run.history["val_loss"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_small_networks_underfit_and_large_ones_overfit(seed) -> None:
    result = experiments.network_sizes(seed=seed, verbose=0)
    small, middle, large = result.values()
    assert small.at(-1)["loss"] > 0.5, "4-4 does not even learn its training data"
    assert turned_up(small) < 0.05
    assert large.at(-1)["loss"] < 0.01 < middle.at(-1)["loss"] < small.at(-1)["loss"]
    assert gap(large) > gap(middle)
    assert turned_up(large) > 0.2
    assert large.best_epoch < 15 < middle.best_epoch
    assert result.best != "4-4"


@pytest.mark.slow
def test_more_units_bring_no_promise() -> None:
    result = experiments.units((400, 4_000), epochs=15, verbose=0)
    accuracies = [run.at(-1)["val_accuracy"] for run in result.values()]
    assert max(accuracies) - min(accuracies) < 0.05
    assert [run.model.count_params() for run in result.values()] == [318_010, 3_180_010]


@pytest.mark.slow
def test_neither_longer_nor_wider_helps_once_it_overfits() -> None:
    short, long, wide = experiments.epochs_and_units(verbose=0).values()
    assert long.history["val_loss"][:20] == short.history["val_loss"], "the same run, gone on"
    for run in (long, wide):
        assert run.at(-1)["loss"] < short.at(-1)["loss"]
        assert run.at(-1)["val_loss"] > short.at(-1)["val_loss"] + 0.05
    assert short.model.count_params() == 50_890


@pytest.mark.slow
def test_dropout_keeps_the_validation_loss_down() -> None:
    result = experiments.depth_and_dropout(verbose=0)
    parameters = [run.model.count_params() for run in result.values()]
    assert parameters == [25_450, 101_770, 111_146, 111_146, 236_394], "the lecture's numbers"
    without, dropped = result["128-64-32"], result["128-dropout-64-32"]
    assert turned_up(without) > 0.2
    assert turned_up(dropped) < 0.1
    assert dropped.at(-1)["loss"] > without.at(-1)["loss"]
    assert result["128"].best_epoch < result["32"].best_epoch


@pytest.mark.slow
def test_l2_weakens_overfitting_and_dropout_prevents_it() -> None:
    names = ["Tiny", "Large", "Large, L2", "Large, dropout"]
    result = experiments.regularization(names, epochs=40, patience=None, verbose=0)
    tiny, large, l2, dropout = result.values()
    assert turned_up(tiny) < 0.01
    assert turned_up(large) > 0.2
    assert turned_up(l2) < 0.1
    assert turned_up(dropout) < 0.05
    assert large.at(-1)["loss"] < 0.1 < l2.at(-1)["loss"] < dropout.at(-1)["loss"]


@pytest.mark.parametrize("seed", range(4))
def test_a_stiff_polynomial_underfits_and_a_supple_one_follows_the_noise(seed) -> None:
    result = experiments.polynomials(seed=seed)
    train, validation = result.train_errors, result.validation_errors
    errors = list(train.values())
    assert errors == sorted(errors, reverse=True), "the training error never rises"
    assert result.best in (3, 5, 10)
    assert validation[1] > 2 * validation[result.best]
    assert validation[20] > validation[result.best]
    assert validation[50] > 100
    assert train[50] < 0.25**2 < train[1]


@pytest.mark.slow
def test_cross_validation_chooses_without_the_test_data() -> None:
    result = experiments.cross_validation(verbose=0)
    means = {name: losses.mean() for name, losses in result.losses.items()}
    assert means[result.chosen] == min(means.values())
    assert means["2"] > means["8"] > means["32"]
    loss, accuracy = result.test_score()
    assert accuracy > 0.7
    assert loss < means["2"]


def test_the_learning_rate_decides_whether_descent_arrives() -> None:
    slow, quick, jumping, diverging = experiments.gradient_descent(steps=40).paths.values()
    assert 0 < slow[-1] < slow[0]
    assert np.all(np.diff(slow) < 0)
    assert abs(quick[-1]) < 1e-9 < abs(slow[-1])
    assert np.all(jumping[1:] * jumping[:-1] < 0), "from side to side"
    assert abs(jumping[-1]) < 0.01
    assert np.all(np.abs(diverging[1:]) > np.abs(diverging[:-1]))


def test_the_start_decides_which_valley_is_found() -> None:
    def ends(start: float) -> float:
        paths = experiments.gradient_descent(
            experiments.TWO_VALLEYS, [0.1], start=start, steps=100
        ).paths
        return float(paths[0.1][-1])

    left, right = ends(-0.5), ends(2.0)
    assert left < 0 < right
    slope = experiments.TWO_VALLEYS
    assert slope.error(np.float64(left)) < slope.error(np.float64(right))
    for end in (left, right):
        assert abs(slope.gradient(end)) < 1e-6


def tiny_comparison(**arguments) -> Comparison:
    rng = np.random.default_rng(0)
    data = [(rng.random((30, 5)), np.arange(30) % 3) for _ in range(3)]
    return experiments.network_sizes([(2,), (3, 2)], data, epochs=4, verbose=0, **arguments)


def test_the_seed_decides_every_number() -> None:
    assert tiny_comparison(seed=3).histories == tiny_comparison(seed=3).histories
    assert tiny_comparison(seed=3).histories != tiny_comparison(seed=4).histories
