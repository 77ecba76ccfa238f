"""Mistakes of ``minibatches`` and ``train`` that are told by experiments.

Their results depend on numbers that the submission draws, so they cannot be compared with code
that makes the same mistake. But each leaves a trace that nothing else leaves, if one asks the
right question: what happens with other labels, other validation data, a learning rate of 0?

What the student reads is in ``training_misconceptions.toml``; ``wrong`` is a small network that
makes the mistake, for ``grader verify``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.histories import NEAR, Calls, Values, alike, by_lists
from grader.checks.training import CLASSES, OUTPUTS
from grader.misconception import Experiment, Misconception
from grader.sandbox.protocol import Iterated, Seed
from grader.strategies import Example

Array = NDArray[Any]

__all__ = ["MISCONCEPTIONS"]

# --- minibatches ----------------------------------------------------------------------------------

FRESH = 97  # samples, a number that no check draws: what a submission keeps by size is not there


def _numbered(example: Example, samples: int, seeds: Sequence[int]) -> Calls:
    x, y = np.arange(2.0 * samples).reshape(samples, 2), np.arange(samples)
    return [example.replace(x=x, y=y, batch_size=5, rng=Seed(seed)) for seed in seeds]


def _order(batches: Any) -> list[int]:
    """The numbers of the samples in the order in which they come; none if they are no batches."""
    items = batches.items if isinstance(batches, Iterated) else batches
    try:
        rows = np.concatenate([np.asarray(xb) for xb, _ in items])
        return [int(number) for number in rows[:, 0] / 2]
    except (TypeError, ValueError, IndexError):
        return []


def _complete(orders: list[list[int]], samples: int) -> bool:
    return all(sorted(order) == list(range(samples)) for order in orders)


def _other_order_each_time(example: Example, values: Values) -> bool:
    orders = [_order(value) for value in values[1:]]
    return _complete(orders, 40) and len({tuple(order) for order in orders}) == len(orders)


def _first_order_kept(example: Example, values: Values) -> bool:
    """All orders are the one that the first generator gives."""
    first, second, third = (_order(value) for value in values[1:])
    drawn = np.random.default_rng(5).permutation(FRESH).tolist()
    sorted_draws = np.argsort(np.random.default_rng(5).random(FRESH)).tolist()
    return first == second == third and first in (drawn, sorted_draws)


def _global_random(x: Array, y: Array, size: int, rng: np.random.Generator) -> Any:
    return _batches(x, y, size, np.random.default_rng())


def _order_kept() -> Callable[..., Any]:
    orders: dict[int, Array] = {}

    def minibatches(x: Array, y: Array, size: int, rng: np.random.Generator) -> Any:
        order = orders.setdefault(len(x), rng.permutation(len(x)))
        return [(x[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(x), size)]

    return minibatches


# --- a network that makes mistakes ----------------------------------------------------------------

Layers = list[list[Array]]


def _batches(x: Array, y: Array, size: int, rng: Any) -> Iterator[tuple[Array, Array]]:
    order = rng.permutation(len(x))
    for i in range(0, len(x), size):
        yield x[order[i : i + size]], y[order[i : i + size]]


def _activations(x: Array, layers: Layers) -> list[Array]:
    found = [x]
    for i, (w, b) in enumerate(layers):
        z = found[-1] @ w + b
        found.append(np.maximum(z, 0) if i + 1 < len(layers) else z)
    return found


def _loss(z: Array, y: Array) -> tuple[float, Array]:
    log_p = z - z.max(1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(1, keepdims=True))
    return -float(log_p[np.arange(len(y)), y].mean()), (np.exp(log_p) - np.eye(z.shape[1])[y])


def _figures(x: Array, y: Array, layers: Layers) -> Array:
    z = _activations(x, layers)[-1]
    return np.array([_loss(z, y)[0], (z.argmax(1) == y).mean()])


def _step(x: Array, y: Array, layers: Layers, learning_rate: float) -> Array:
    a = _activations(x, layers)
    before = _figures(x, y, layers)
    dz = _loss(a[-1], y)[1] / len(y)
    for i in reversed(range(len(layers))):
        w, b = layers[i]
        layers[i] = [w - learning_rate * a[i].T @ dz, b - learning_rate * dz.sum(0)]
        dz = (dz @ w.T) * (a[i] > 0)
    return before


def _train(
    x: Array,
    y: Array,
    x_val: Array,
    y_val: Array,
    hidden: list[int],
    epochs: int,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
    *,
    rate_factor: float = 1.0,
    start_factor: float = 1.0,
    joined: bool = False,
    validate_on_training: bool = False,
    per_batch: bool = False,
) -> dict[str, list[float]]:
    widths = [x.shape[1], *hidden, 1 + int(max(y.max(), y_val.max()))]
    layers = [
        [start_factor * rng.normal(0, np.sqrt(2 / d), (d, m)), np.zeros(m)]
        for d, m in pairwise(widths)
    ]
    if joined:
        x, y = np.concatenate([x, x_val]), np.concatenate([y, y_val])
    history: dict[str, list[float]] = {name: [] for name in OUTPUTS}
    measured = (x, y) if validate_on_training else (x_val, y_val)
    for _ in range(epochs):
        total = np.zeros(2)
        for xb, yb in _batches(x, y, batch_size, rng):
            figures = _step(xb, yb, layers, rate_factor * learning_rate)
            total += len(xb) * figures
            if per_batch:
                _note(history, figures, _figures(*measured, layers))
        if not per_batch:
            _note(history, total / len(x), _figures(*measured, layers))
    return history


def _note(history: dict[str, list[float]], training: Array, validation: Array) -> None:
    for name, value in zip(history, [*training, *validation], strict=True):
        history[name].append(float(value))


def _percent(*args: Any) -> dict[str, list[float]]:
    history = _train(*args)
    return {k: [100 * v for v in vs] if "acc" in k else vs for k, vs in history.items()}


def _swapped(*args: Any) -> dict[str, list[float]]:
    loss, accuracy, val_loss, val_accuracy = _train(*args).values()
    return dict(zip(OUTPUTS, (accuracy, loss, val_accuracy, val_loss), strict=True))


def _other_names(*args: Any) -> dict[str, list[float]]:
    return {name.replace("accuracy", "acc"): v for name, v in _train(*args).items()}


def _one_short(*args: Any) -> dict[str, list[float]]:
    return {name: values[:-1] for name, values in _train(*args).items()}


def _invented(x: Array, y: Array, x_val: Array, y_val: Array, *rest: Any) -> dict[str, list[float]]:
    t = np.arange(1, rest[1] + 1)
    loss, accuracy = 0.2 + 2.1 * np.exp(-0.3 * t), 1 - np.exp(-0.4 * t)
    figures = (loss, accuracy, loss + 0.02 * t, 0.95 * accuracy)
    return {name: values.tolist() for name, values in zip(OUTPUTS, figures, strict=True)}


# --- experiments on train -------------------------------------------------------------------------


def _other_labels(labels: Array) -> Array:
    return (labels + 1) % CLASSES


def _on_training_data(example: Example) -> tuple[Any, ...]:
    return example.replace(x_val=example["x"], y_val=example["y"])


def _at_rest(example: Example, **changes: Any) -> tuple[Any, ...]:
    """One epoch of one batch with a learning rate of 0, measured on the training data."""
    still = {
        "x_val": example["x"],
        "y_val": example["y"],
        "epochs": 1,
        "batch_size": len(example["x"]),
        "learning_rate": 0.0,
    }
    return example.replace(**still | changes)


def _whole(share: Array, samples: int) -> bool:
    """A share of so many samples: between 0 and 1, and a whole number of them."""
    count = share * samples
    return bool(
        ((share >= 0) & (share <= 1)).all() and np.allclose(count, np.rint(count), atol=NEAR)
    )


def _validates_on_training(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    plain, same, other, relabelled = runs
    unmoved = all(alike(run[i], plain[i]) for run in (same, other) for i in (2, 3))
    close = abs(plain[2][-1] - plain[0][-1]) <= 0.1 + 0.3 * plain[0][-1]
    return unmoved and bool(close) and not alike(plain[0], relabelled[0])


def _joins_validation(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    _, rest, alone = runs
    n, m = len(example["x"]), len(example["x_val"])
    both = (n * alone[0] + m * rest[2]) / (n + m)
    return alike(rest[0], both) and abs(float(alone[0][0] - rest[2][0])) > 10 * NEAR


def _climbs(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    _, plain, backwards = runs
    up = not np.isfinite(plain[0][-1]) or plain[0][-1] > plain[0][0]
    return bool(up and backwards[0][-1] < 0.5 * backwards[0][0])


def _never_moves(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    plain, still, other = runs
    return (
        alike(plain[2], still[2])
        and alike(plain[2], np.full_like(plain[2], plain[2][0]))
        and not alike(plain[2], other[2])
    )


def _starts_at_zero(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    plain, still, other = runs
    return abs(float(still[2][0]) - np.log(CLASSES)) < 1e-6 and alike(plain[2], other[2])


def _in_percent(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    plain, still = runs
    shares = [run[i] / 100 for run in runs for i in (1, 3)]
    possible = all(((share >= 0) & (share <= 1)).all() for share in shares)
    n = len(example["x"])
    return possible and plain[1].max() > 1 and all(_whole(still[i] / 100, n) for i in (1, 3))


def _swaps(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    plain, still = runs
    n = len(example["x"])
    shares = all(_whole(run[0], n) for run in runs) and _whole(still[2], n)
    return shares and not _whole(still[1], n) and not _whole(plain[1], n)


def _blind(example: Example, runs: list[tuple[Array, ...]]) -> bool:
    return all(alike(run[i], runs[0][i]) for run in runs[1:] for i in range(4))


def _counts(value: Any) -> set[int]:
    """How long the lists of a history are."""
    if not isinstance(value, dict) or len(value) < len(OUTPUTS):
        return set()
    return {len(v) if isinstance(v, (list, tuple, np.ndarray)) else -1 for v in value.values()}


def _value_per_batch(example: Example, values: Values) -> bool:
    batches = -(-len(example["x"]) // example["batch_size"])
    wanted = ({example["epochs"] * batches}, {2 * batches}, {2})
    return batches > 1 and all(_counts(v) == w for v, w in zip(values, wanted, strict=True))


def _value_missing(example: Example, values: Values) -> bool:
    return _counts(values[0]) == {example["epochs"] - 1} and _counts(values[1]) == {4}


def _names_differ(example: Example, values: Values) -> bool:
    history = values[0]
    if not isinstance(history, dict) or set(history) == set(OUTPUTS):
        return False
    lengths = _counts(history)
    return len(history) == len(OUTPUTS) and lengths == {example["epochs"]}


# A training goes wrong when one of these does: then that one is named, and not its consequences.
PARTS = frozenset(
    {
        "dense_forward",
        "dense_backward",
        "relu_forward",
        "relu_backward",
        "softmax",
        "softmax_cross_entropy",
        "sgd_update",
        "minibatches",
    }
)
Entry = tuple[str, Callable[..., Any], Experiment]
EXPERIMENTS: dict[str, Entry] = {
    "global-random-used": (
        "minibatches",
        _global_random,
        Experiment(lambda e: _numbered(e, 40, [5, 5, 5, 5]), _other_order_each_time),
    ),
    "same-order-each-epoch": (
        "minibatches",
        _order_kept(),
        Experiment(lambda e: _numbered(e, FRESH, [5, 6, 7]), _first_order_kept),
    ),
    "validation-on-training-data": (
        "train",
        partial(_train, validate_on_training=True),
        by_lists(
            lambda e: [
                _on_training_data(e),
                e.replace(y_val=np.zeros_like(e["y_val"])),
                e.replace(y=_other_labels(e["y"])),
            ],
            _validates_on_training,
        ),
    ),
    "trained-on-validation-data": (
        "train",
        partial(_train, joined=True),
        by_lists(
            lambda e: [
                _at_rest(e, x_val=e["x_val"], y_val=e["y_val"], batch_size=len(e["x"]) * 2),
                _at_rest(e, batch_size=len(e["x"]) * 2),
            ],
            _joins_validation,
        ),
    ),
    "gradient-ascent": (
        "train",
        partial(_train, rate_factor=-1.0),
        by_lists(
            lambda e: [
                e.replace(hidden=[16], epochs=12, learning_rate=rate) for rate in (0.1, -0.1)
            ],
            _climbs,
        ),
    ),
    "weights-never-updated": (
        "train",
        partial(_train, rate_factor=0.0),
        by_lists(
            lambda e: [
                e.replace(learning_rate=0.0),
                e.replace(y_val=_other_labels(e["y_val"])),
            ],
            _never_moves,
        ),
    ),
    "weights-start-at-zero": (
        "train",
        partial(_train, start_factor=0.0),
        by_lists(lambda e: [_at_rest(e), e.replace(x_val=-e["x_val"][::-1])], _starts_at_zero),
    ),
    "accuracy-in-percent": ("train", _percent, by_lists(lambda e: [_at_rest(e)], _in_percent)),
    "loss-and-accuracy-swapped": ("train", _swapped, by_lists(lambda e: [_at_rest(e)], _swaps)),
    "history-does-not-depend-on-the-data": (
        "train",
        _invented,
        by_lists(
            lambda e: [
                e.replace(y=_other_labels(e["y"])),
                e.replace(x=-e["x"]),
                e.replace(y_val=_other_labels(e["y_val"])),
            ],
            _blind,
        ),
    ),
    "history-per-batch": (
        "train",
        partial(_train, per_batch=True),
        Experiment(
            lambda e: [e.replace(epochs=2), e.replace(epochs=2, batch_size=len(e["x"]))],
            _value_per_batch,
        ),
    ),
    "history-one-epoch-short": (
        "train",
        _one_short,
        Experiment(lambda e: [e.replace(epochs=5)], _value_missing),
    ),
    "history-under-other-names": (
        "train",
        _other_names,
        Experiment(lambda e: [], _names_differ),
    ),
}


def _read(entries: dict[str, Entry], texts: Path) -> tuple[Misconception, ...]:
    said = tomllib.loads(texts.read_text(encoding="utf-8"))
    return tuple(
        Misconception(
            id=name,
            function=function,
            wrong=wrong,
            experiment=test,
            relies_on=PARTS if function == "train" else frozenset(),
            **said[name],
        )
        for name, (function, wrong, test) in entries.items()
    )


MISCONCEPTIONS = _read(EXPERIMENTS, Path(__file__).with_suffix(".toml"))
