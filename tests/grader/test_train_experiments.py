"""``train``: experiments name each mistake and no other; laws hold for every right start."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignment4 import module
from grader.checks import descent, epochs, training
from grader.checks.local import LocalStudent
from grader.checks.matching import _shown_again
from grader.checks.model import Answers, Law
from grader.misconception import Experiment
from grader.sandbox.process import CallResult
from grader.strategies import BulkSource, Example

EPOCHS = module("epoch_misconceptions")
OF_TRAIN = [
    m
    for m in (*EPOCHS.MISCONCEPTIONS, *module("training_misconceptions").MISCONCEPTIONS)
    if m.function == "train"
]
LAWS = {
    "figures-of-one-batch": epochs.averaged_over_batches,
    "figures-summed-over-batches": epochs.averaged_over_batches,
    "measured-before-the-epoch": epochs.measured_after_epoch,
    "order-kept-in-training": epochs.order_drawn_anew,
    "order-not-from-rng": epochs.order_drawn_anew,
}

# Laws that hold for every network, also one that learns in leaps or not at all.
FOR_EVERY_START = (
    *sorted(set(LAWS.values()), key=str),
    epochs.steps_as_told,
    descent.measured_alike,
    descent.learns_shares,
    training.training_figures_right,
    training.validation_measured,
    training.validation_not_learned,
    training.validation_is_a_mean,
)


def example(seed: int, hidden: tuple[int, ...] = (16,), count: int = 12) -> Example:
    inputs = training.GroupsOfPoints(hidden=hidden, epochs=count)
    return inputs.build(BulkSource(np.random.default_rng(seed)))


def values(train: Any, calls: list[tuple[Any, ...]]) -> list[Any]:
    outcomes = LocalStudent({"train": train}).call_many([("train", args) for args in calls])
    assert all(isinstance(outcome, CallResult) for outcome in outcomes)
    return [outcome.value for outcome in outcomes if isinstance(outcome, CallResult)]


def broken(law: Law, train: Any, drawn: Example) -> bool:
    plain, *extra = values(train, [drawn.args, *law.calls(drawn)])  # type: ignore[list-item]
    normal: list[Any] = [training.normalise(drawn.called(drawn.args), plain)]
    for args, value in zip(law.calls(drawn), extra, strict=True):
        assert isinstance(args, tuple)
        normal.append(training.normalise(drawn.called(args), value))
    answers = Answers(normal[0], CallResult(plain, (), (), 0.0), tuple(normal[1:]))
    return law.judges[0](drawn, answers) is not None


def shows(mistake: Any, m: Any, drawn: Example) -> bool:
    """Whether the experiment of ``m`` finds what it looks for in the code of ``mistake``."""
    made = values(mistake.wrong, [drawn.args, *m.experiment.calls(drawn)])
    with np.errstate(all="ignore"):
        return bool(m.experiment.shows(drawn, made))


@pytest.mark.parametrize("mistake", OF_TRAIN, ids=lambda m: m.id)
def test_each_mistake_is_named(mistake: Any) -> None:
    for hidden in ((12, 2), (16,)):
        assert shows(mistake, mistake, example(3, hidden, 3))


@pytest.mark.slow
@pytest.mark.parametrize("mistake", OF_TRAIN, ids=lambda m: m.id)
def test_no_mistake_is_taken_for_another(mistake: Any) -> None:
    drawn = example(4, (12, 2), 3)
    assert [m.id for m in OF_TRAIN if shows(mistake, m, drawn)] == [mistake.id]


@pytest.mark.parametrize("m", OF_TRAIN, ids=lambda m: m.id)
def test_a_right_training_shows_no_mistake(m: Any) -> None:
    right = SimpleNamespace(wrong=EPOCHS._train)
    assert not shows(right, m, example(5, (12, 2), 3))


def test_the_laws_of_every_start_can_fail() -> None:
    (blind,) = [m for m in OF_TRAIN if m.id == "validation-on-training-data"]
    assert broken(training.validation_measured(), blind.wrong, example(1))

    def halved(*args: Any) -> Any:
        history = EPOCHS._train(*args)
        return history | {"loss": [loss / 2 for loss in history["loss"]]}

    def unmoved(x: Any, *args: Any) -> Any:
        """Without hidden layers and inputs, only the biases could learn."""
        return EPOCHS._train(x, *args[:6], 0.0, args[7])

    assert broken(training.training_figures_right(), halved, example(1))
    assert broken(descent.learns_shares(), unmoved, example(1))


@pytest.mark.parametrize(
    ("shown", "named"), [([True], True), ([True, False, False], False), ([True, False, True], True)]
)
def test_an_experiment_must_show_on_a_second_example(shown: list[bool], named: bool) -> None:
    drawn = [example(seed, count=1) for seed in range(len(shown))]
    found = {id(each): shows_it for each, shows_it in zip(drawn, shown, strict=True)}
    experiment = Experiment(lambda e: [], lambda e, values: found[id(e)])
    run = SimpleNamespace(student=LocalStudent({"train": lambda *args: {}}))
    trials = [SimpleNamespace(example=each) for each in drawn]
    assert _shown_again(run, "train", experiment, trials) == named  # type: ignore[arg-type]


@pytest.mark.parametrize("bias", [-1.0, 16.0])
def test_a_dead_network_is_not_taken_for_a_mistake(bias: float) -> None:
    """It gives every input the same answer: on one example that looks like several mistakes."""
    start = EPOCHS._start

    def begun(widths: list[int], rng: Any) -> Any:
        return [(w, np.full_like(b, bias)) for w, b in start(widths, rng)]

    drawn = [example(seed, hidden, 3) for seed in range(4) for hidden in ((12, 2), (16,))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EPOCHS, "_start", begun)
        right = SimpleNamespace(wrong=EPOCHS._train)
        for m in OF_TRAIN:
            assert not all(shows(right, m, each) for each in drawn[:2]), m.id
            assert not all(shows(right, m, each) for each in drawn[2:4]), m.id


@pytest.mark.parametrize("name", LAWS)
def test_the_law_is_broken_by_the_mistake(name: str) -> None:
    (mistake,) = [m for m in OF_TRAIN if m.id == name]
    assert broken(LAWS[name](), mistake.wrong, example(1))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    scale=st.floats(-2.5, 1.5).map(lambda power: 10**power),
    bias=st.sampled_from([0.0, 0.1, 16.0]),
    hidden=st.sampled_from([(16,), (12, 2), (1,)]),
)
def test_a_right_training_from_any_start_keeps_the_laws(
    seed: int, scale: float, bias: float, hidden: tuple[int, ...]
) -> None:
    start = EPOCHS._start

    def scaled(widths: list[int], rng: Any) -> Any:
        return [(scale * w, b + bias) for w, b in start(widths, rng)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EPOCHS, "_start", scaled)
        drawn = example(seed, hidden, 3)
        for law in FOR_EVERY_START:
            assert not broken(law(), partial(EPOCHS._train), drawn), law


def stepping(factor: float, spread: float = 0.0, standardise: bool = False) -> Any:
    """A right training but for its step, its biases starting ``spread`` apart."""
    start = EPOCHS._start

    def train(x: Any, y: Any, x_val: Any, y_val: Any, *rest: Any) -> Any:
        *sizes, rate, rng = rest

        def begun(widths: list[int], rng: Any) -> Any:
            return [(w, b + spread * rng.normal(size=b.shape)) for w, b in start(widths, rng)]

        if standardise:
            mean, deviation = x.mean(0), x.std(0) + 1e-12
            x, x_val = (x - mean) / deviation, (x_val - mean) / deviation
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(EPOCHS, "_start", begun)
            return EPOCHS._train(x, y, x_val, y_val, *sizes, factor * rate, rng)

    return train


@pytest.mark.parametrize("factor", [0.1, 0.25, 0.9, 1.1, 2.5, 4.0, 10.0])
@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_steps_of_another_length_are_found(factor: float, spread: float) -> None:
    assert broken(epochs.steps_as_told(), stepping(factor, spread), example(7))


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("standardise", [False, True])
def test_steps_of_the_right_length_pass(spread: float, standardise: bool) -> None:
    for seed in range(10):
        right = stepping(1.0, spread, standardise)
        assert not broken(epochs.steps_as_told(), right, example(seed))
