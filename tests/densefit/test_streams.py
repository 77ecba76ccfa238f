"""Mini-batches from generators, iterables and indexed sets: the training of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from densefit import Sequential, layers
from densefit.callbacks import LambdaCallback

from .classifiers import classifier

Data = tuple[np.ndarray, np.ndarray]
SIZE = 16


def slices(data: Data) -> Iterator[Data]:
    for start in range(0, len(data[0]), SIZE):
        yield data[0][start : start + SIZE], data[1][start : start + SIZE]


class Dataset:
    """As a course would write it after Keras's PyDataset."""

    def __init__(self, data: Data) -> None:
        self.batches, self.epochs, self.asked = list(slices(data)), 0, []

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Data:
        if not 0 <= index < len(self):
            raise IndexError(index)
        self.asked.append(index)
        return self.batches[index]

    def on_epoch_end(self) -> None:
        self.epochs += 1


class Iterable:
    def __init__(self, data: Data) -> None:
        self.data = data

    def __iter__(self) -> Iterator[Data]:
        return slices(self.data)


def endless(data: Data) -> Iterator[Data]:
    while True:
        yield from slices(data)


def steps(data: Data) -> int:
    return -(-len(data[0]) // SIZE)


SOURCES: dict[str, Callable[[Data], tuple[Any, dict[str, int]]]] = {
    "indexed": lambda data: (Dataset(data), {}),
    "iterable": lambda data: (Iterable(data), {}),
    "generator": lambda data: (endless(data), {"steps_per_epoch": steps(data)}),
}


def model() -> Sequential:
    return classifier(seed=1)


@pytest.mark.parametrize("source", SOURCES)
def test_training_gives_the_bits_of_arrays(source: str, blobs: Data) -> None:
    batches, arguments = SOURCES[source](blobs)
    weight = {0: 1.0, 1: 2.0, 2: 0.5}
    streamed, arrays = model(), model()
    history = streamed.fit(
        batches, epochs=3, verbose=0, seed=2, shuffle=False, class_weight=weight, **arguments
    )
    expected = arrays.fit(*blobs, SIZE, 3, verbose=0, seed=2, shuffle=False, class_weight=weight)
    assert history.history == expected.history
    for mine, theirs in zip(streamed.get_weights(), arrays.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("source", SOURCES)
def test_a_model_gets_its_shape_from_the_first_batch_and_loses_none(
    source: str, blobs: Data
) -> None:
    batches, arguments = SOURCES[source](blobs)
    shapeless = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], seed=1)
    shapeless.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    told = Sequential(
        [layers.Dense(8, "relu", input_shape=(6,)), layers.Dense(3, "softmax")], seed=1
    )
    told.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    history = shapeless.fit(batches, verbose=0, seed=2, shuffle=False, **arguments)
    assert history.history == told.fit(*blobs, SIZE, verbose=0, seed=2, shuffle=False).history


@pytest.mark.parametrize("source", SOURCES)
def test_validation_and_evaluation_of_batches(source: str, blobs: Data) -> None:
    batches, arguments = SOURCES[source](blobs)
    validation = {"validation_steps": arguments.get("steps_per_epoch")}
    streamed, arrays = model(), model()
    history = streamed.fit(*blobs, validation_data=batches, verbose=0, seed=2, **validation)
    expected = arrays.fit(*blobs, validation_data=blobs, verbose=0, seed=2)
    assert history.history["val_loss"] == pytest.approx(expected.history["val_loss"])
    assert history.history["val_accuracy"] == expected.history["val_accuracy"]
    batches, arguments = SOURCES[source](blobs)
    evaluation = {"steps": arguments.get("steps_per_epoch")}
    got = streamed.evaluate(batches, verbose=0, **evaluation)
    assert got == pytest.approx(arrays.evaluate(*blobs, verbose=0))


def test_an_indexed_set_is_shuffled_by_the_seed_and_told_of_epochs(blobs: Data) -> None:
    one, two = Dataset(blobs), Dataset(blobs)
    model().fit(one, epochs=2, verbose=0, seed=5)
    model().fit(two, epochs=2, verbose=0, seed=5)
    n = len(one)
    assert one.asked == two.asked
    assert one.epochs == 2
    seen = one.asked[-2 * n :]
    assert sorted(seen[:n]) == sorted(seen[n:]) == list(range(n))
    assert seen[:n] != seen[n:] != list(range(n))


def test_sample_weights_come_with_the_batch(blobs: Data) -> None:
    weight = np.linspace(0, 2, len(blobs[0]))
    batches = [(*b, weight[i * SIZE : (i + 1) * SIZE]) for i, b in enumerate(slices(blobs))]
    streamed, arrays = model(), model()
    history = streamed.fit(iter(batches), verbose=0, seed=2)
    expected = arrays.fit(*blobs, SIZE, verbose=0, seed=2, shuffle=False, sample_weight=weight)
    assert history.history == expected.history


def test_callbacks_hear_of_every_batch(blobs: Data) -> None:
    heard: list[int] = []
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: heard.append(batch))
    model().fit(Iterable(blobs), verbose=0, callbacks=[watch])
    assert heard == list(range(steps(blobs)))


def test_unknown_number_of_steps_is_shown_at_the_end(
    blobs: Data, capsys: pytest.CaptureFixture[str]
) -> None:
    model().fit(Iterable(blobs))
    assert f"{steps(blobs)}/{steps(blobs)} [====" in capsys.readouterr().out


WRONG: dict[str, tuple[Callable[[Data], Any], type[Exception], str]] = {
    "runs out": (
        lambda d: model().fit(slices(d), epochs=2, verbose=0),
        ValueError, r"x ran out of mini-batches after 0 of epoch 2: give a generator that never",
    ),
    "too few": (
        lambda d: model().fit(slices(d), steps_per_epoch=99, verbose=0),
        ValueError, r"x ran out of mini-batches after 13 of epoch 1",
    ),
    "too few indexed": (
        lambda d: model().fit(Dataset(d), steps_per_epoch=99, verbose=0),
        ValueError, "x has 13 mini-batches, but 99 are needed",
    ),
    "empty": (lambda d: model().fit(iter([]), verbose=0), ValueError, "x gives no mini-batches"),
    "not pairs": (
        lambda d: model().fit(iter(d[0]), verbose=0),
        TypeError, r"every mini-batch of x must be \(x, y\)",
    ),
    "with y": (
        lambda d: model().fit(Dataset(d), d[1], verbose=0), ValueError, "must be left out",
    ),
    "with a split": (
        lambda d: model().fit(Dataset(d), validation_split=0.1, verbose=0),
        ValueError, "must be left out",
    ),
    "steps of arrays": (
        lambda d: model().fit(*d, steps_per_epoch=3, verbose=0),
        ValueError, "for arrays use batch_size",
    ),
    "bad batch": (
        lambda d: model().fit(iter([(d[0][:4, :5], d[1][:4])]), verbose=0),
        ValueError, r"x in a mini-batch of x must have shape \(n_samples, 6\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case: str, blobs: Data) -> None:
    call, error, message = WRONG[case]
    with pytest.raises(error, match=message):
        call(blobs)
