"""The reading of curves: laws that hold for any, and the truth of those whose shape is known."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import densefit
from densefit.learning_curves import SHAPES, VERDICTS, Diagnosis, diagnose
from source_tree import ROOT

CURVES = ROOT / "assignments" / "assignment4" / "curves"


def falling(epochs: int, rate: float = 0.25, floor: float = 0.5) -> np.ndarray:
    return floor + 1.5 * np.exp(-rate * np.arange(epochs))


def turning(epochs: int, best: int, slope: float = 0.02) -> np.ndarray:
    return falling(epochs, 6 / best) + slope * np.maximum(np.arange(epochs) - best, 0)


def given_history(name: str) -> dict[str, list[float]]:
    history: dict[str, list[float]] = json.loads((CURVES / f"{name}.json").read_text())["history"]
    return history


levels = st.floats(0.01, 10)
pairs = st.integers(3, 80).flatmap(
    lambda n: st.fixed_dictionaries(
        {key: st.lists(levels, min_size=n, max_size=n) for key in ("loss", "val_loss")}
    )
)

# --- laws ---------------------------------------------------------------------------------------


@given(pairs, st.none() | levels)
def test_a_diagnosis_is_consistent(history: dict[str, list[float]], baseline: float | None) -> None:
    d = diagnose(history, baseline=baseline)
    assert 1 <= d.tied[0] <= d.best_epoch <= d.tied[1] <= d.epochs == len(history["loss"])
    assert d.is_best(int(np.argmin(history["val_loss"])) + 1)
    assert sum(d.probabilities.values()) == pytest.approx(1)
    assert all(-1e-12 <= p <= 1 for p in d.probabilities.values())
    assert d.verdict == d.defensible[0] == max(VERDICTS, key=lambda v: d.probabilities[v])
    assert set(d.shapes) <= set(SHAPES)
    assert (d.onset is not None) == (d.verdict == "overfitting")
    if d.onset is not None and d.onset_interval is not None:
        assert d.onset_interval[0] <= d.onset <= d.onset_interval[1] <= d.epochs
        assert d.onset > d.tied[1] or d.onset == d.epochs
    assert json.loads(json.dumps(d.as_dict(), allow_nan=False))["verdict"] == d.verdict
    assert all(set(sentence) == {"en", "ja"} and all(sentence.values()) for sentence in d.reasons)


def same(one: Diagnosis, other: Diagnosis) -> None:
    assert one.verdict == other.verdict or abs(one.confidence - other.confidence) < 1e-6
    for verdict in VERDICTS:
        assert one.probabilities[verdict] == pytest.approx(other.probabilities[verdict], abs=1e-6)


@given(pairs, levels, st.integers(-6, 6))
def test_the_unit_of_the_loss_does_not_matter(
    history: dict[str, list[float]], baseline: float, power: int
) -> None:
    """Powers of two, so that the two curves are the same numbers but for their exponent."""
    unit = 2.0**power
    scaled = {key: [unit * v for v in values] for key, values in history.items()}
    one, other = diagnose(history, baseline=baseline), diagnose(scaled, baseline=unit * baseline)
    same(one, other)
    assert (one.best_epoch, one.tied, one.shapes) == (other.best_epoch, other.tied, other.shapes)


@given(pairs, st.randoms())
def test_the_order_of_the_keys_does_not_matter(history: dict[str, list[float]], rng: Any) -> None:
    keys = [*history, "lr"]
    rng.shuffle(keys)
    mixed = {key: history.get(key, [0.1]) for key in keys}
    assert diagnose(mixed).as_dict() == diagnose(history).as_dict()


@given(
    st.integers(10, 100).flatmap(lambda n: st.lists(st.integers(0, 200), min_size=n, max_size=n))
)
def test_per_cent_and_fractions_are_read_alike(right: list[int]) -> None:
    fractions = [r / 200 for r in right]
    assume(max(fractions) > 0.01)
    percent = [100 * f for f in fractions]
    one, other = diagnose({"val_accuracy": fractions}), diagnose({"val_acc": percent})
    same(one, other)
    assert "per cent" in other.explain()
    assert "パーセント" in other.explain("ja")


@given(pairs)
def test_a_prefix_that_ends_at_its_minimum_does_not_overfit(
    history: dict[str, list[float]],
) -> None:
    """What has not risen yet has not turned, whatever comes after."""
    end = int(np.argmin(history["val_loss"])) + 1
    assume(end >= 3)
    cut = {key: values[:end] for key, values in history.items()}
    d = diagnose(cut)
    assert d.criteria["generalization_loss"] == 0
    assert d.lowest_epoch == end


@given(st.integers(20, 60), st.integers(8, 15), st.floats(0.01, 0.05))
def test_a_longer_rise_is_never_less_overfitting(epochs: int, best: int, slope: float) -> None:
    """Prefixes of a curve that only rises after its best epoch."""
    v = turning(epochs, best, slope)
    found = [
        diagnose({"val_loss": v[:e]}).probabilities["overfitting"] for e in range(best + 5, epochs)
    ]
    assert (np.diff(found) >= -0.02).all()


@given(st.integers(3, 100), levels)
def test_a_constant_curve_is_a_tie_of_all_epochs(epochs: int, level: float) -> None:
    d = diagnose({"loss": [level] * epochs, "val_loss": [level] * epochs})
    assert d.tied == (1, epochs)
    assert d.verdict != "overfitting"
    assert d.shapes == ()


def test_the_same_history_as_keras_gives_it() -> None:
    class History:
        history = given_history("curve_1")

    assert diagnose(History()) == diagnose(History.history)
    arrays = {key: np.array(values) for key, values in History.history.items()}
    assert diagnose(arrays) == diagnose(History.history)


# --- known shapes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("curve_1", "overfitting"),
        ("curve_2", "underfitting"),
        ("curve_3", "good_fit"),
        ("curve_4", "good_fit"),
    ],
)
@pytest.mark.parametrize("with_baseline", [True, False])
def test_real_curves(name: str, verdict: str, with_baseline: bool) -> None:
    baseline = given_history("baseline") if with_baseline else None
    d = diagnose(given_history(name), baseline=baseline)
    assert d.verdict == verdict
    assert d.confidence > 0.8


@pytest.mark.parametrize("epochs", [3, 4, 6, 12, 60, 1000])
def test_short_and_long_curves(epochs: int) -> None:
    still = np.linspace(2.0, 1.0, epochs)
    d = diagnose({"loss": still - 0.05, "val_loss": still})
    assert (d.verdict, d.best_epoch) == ("underfitting", epochs)
    assert "still_improving" in d.shapes


@pytest.mark.parametrize("epochs", [12, 60, 1000])
def test_a_clean_turn(epochs: int) -> None:
    best = epochs // 3
    v = turning(epochs, best, slope=0.4 / (epochs - best))
    d = diagnose({"loss": falling(epochs, 6 / best, 0.05), "val_loss": v})
    assert d.verdict == "overfitting"
    assert d.is_best(int(np.argmin(v)) + 1)
    assert not d.is_best(epochs)
    assert d.onset is not None
    assert best <= d.onset <= best + max(3, epochs // 8)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.04])
def test_noise_does_not_change_a_clear_verdict(noise: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    best, epochs = 25, 80
    v = turning(epochs, best) + noise * rng.standard_normal(epochs)
    d = diagnose({"loss": falling(epochs, 6 / best, 0.05), "val_loss": v})
    assert d.verdict == "overfitting"
    assert best - 15 <= d.best_epoch <= best + 10


@pytest.mark.parametrize("seed", range(20))
def test_a_level_noisy_curve_is_no_confident_overfitting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    v = falling(60, 0.5) + 0.01 * rng.standard_normal(60)
    t = falling(60, 0.5, 0.4) + 0.01 * rng.standard_normal(60)
    assert diagnose({"loss": t, "val_loss": v}).verdict == "good_fit"


def test_a_poor_plateau_is_told_from_a_good_one_by_the_baseline() -> None:
    t, v = falling(60, 0.5, 0.9), falling(60, 0.5, 1.0)
    history = {"loss": t, "val_loss": v}
    assert diagnose(history, baseline=1.1).verdict == "good_fit"
    assert diagnose(history, baseline=0.6).verdict == "underfitting"
    assert diagnose(history, baseline=0.6).criteria["against_baseline"] == pytest.approx(1 / 0.6)


def test_nan_after_divergence_is_said() -> None:
    history = {"loss": [2.3, 2.0, 1.8, 9.0, float("nan")], "val_loss": [2.4, 2.1, 1.9, 8.0, np.inf]}
    d = diagnose(history)
    assert (d.epochs, d.best_epoch) == (5, 3)
    assert "diverging" in d.shapes
    assert "from epoch 5 on" in d.explain()
    assert "エポック 5 から" in d.explain("ja")


def test_a_training_loss_that_rises_has_diverged() -> None:
    rising = 2.3 * np.exp(0.2 * np.arange(20))
    d = diagnose({"loss": rising, "val_loss": rising * 1.1})
    assert d.verdict == "underfitting"
    assert d.shapes == ("diverging",)


def test_validation_better_than_training_throughout_is_named() -> None:
    v = falling(40)
    assert "unrepresentative_validation" in diagnose({"loss": v + 0.2, "val_loss": v}).shapes
    assert "unrepresentative_validation" not in diagnose({"loss": v, "val_loss": v + 0.2}).shapes


def test_training_figures_that_lag_half_an_epoch_are_no_reason_for_alarm() -> None:
    """Keras's training loss is the mean while training, so it trails a falling validation loss."""
    v = falling(30, 0.2, 0.3)
    lagging = (np.concatenate([[2.2], v[:-1]]) + v) / 2
    assert "unrepresentative_validation" not in diagnose({"loss": lagging, "val_loss": v}).shapes


def test_validation_that_jumps_wildly_is_named() -> None:
    rng = np.random.default_rng(3)
    v = falling(60) * np.exp(0.4 * rng.standard_normal(60))
    shapes = diagnose({"loss": falling(60), "val_loss": v}).shapes
    assert "unrepresentative_validation" in shapes
    assert "double_descent" not in shapes


def test_double_descent_is_suspected() -> None:
    e = np.arange(200)
    bump = 0.5 * np.exp(-(((e - 60) / 20.0) ** 2))
    v = 0.8 + np.exp(-e / 8) - 0.001 * e + bump
    d = diagnose({"loss": falling(200, 0.05, 0.01), "val_loss": v})
    assert "double_descent" in d.shapes
    assert "二重降下" in d.explain("ja")
    assert "double_descent" not in diagnose({"val_loss": v[:70]}).shapes


def test_by_accuracy_alone() -> None:
    fine = 1 - falling(40, 0.6, 0.1) / 3
    d = diagnose({"accuracy": fine + 0.01, "val_accuracy": fine})
    assert d.metric == "accuracy"
    assert d.verdict == "good_fit"
    turned = 1 - turning(40, 12) / 3
    assert diagnose({"accuracy": fine + 0.02, "val_accuracy": turned}).verdict == "overfitting"


def test_by_validation_loss_alone() -> None:
    d = diagnose({"val_loss": turning(40, 12)})
    assert (d.verdict, d.gap_at_end) == ("overfitting", None)


def test_an_accuracy_that_stays_while_the_loss_rises_is_explained() -> None:
    steady = np.full(40, 0.85)
    history = {"loss": falling(40, 0.5, 0.02), "val_loss": turning(40, 12), "val_accuracy": steady}
    assert "surer of its mistakes" in diagnose(history).explain()


def test_it_is_part_of_the_library() -> None:
    assert densefit.learning_curves.diagnose is diagnose


@pytest.mark.parametrize("epochs", [2, 3, 5, 7])
def test_a_few_epochs_leave_it_unsure_and_say_so(epochs: int) -> None:
    falling = {"loss": [2.0, 1.0, 0.7, 0.5, 0.4, 0.3, 0.25], "val_loss": [1.1] * 7}
    short = diagnose({key: values[:epochs] for key, values in falling.items()})
    assert short.confidence <= 1 / 3 + epochs / 12
    assert f"{epochs} epochs" in short.explain()
    assert f"{epochs} エポック" in short.explain("ja")
    long = diagnose({key: values + values[-1:] for key, values in falling.items()})
    assert "little is certain" not in long.explain()
