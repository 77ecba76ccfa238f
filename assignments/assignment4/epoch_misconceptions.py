"""Mistakes of ``train`` from one epoch to the next, told by experiments.

What happens at a learning rate of 0, with samples that differ in their label only, with the two
data sets exchanged? What the student reads is in ``epoch_misconceptions.toml``; ``wrong`` is a
small network that makes the mistake, for ``grader verify``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from densefit import reference
from grader.checks.epochs import at_rest, kept_order, last_labels, order_call
from grader.checks.histories import NEAR, Calls, Lists, alike, by_lists
from grader.checks.training import CLASSES, OUTPUTS
from grader.misconception import Experiment, Misconception
from grader.sandbox.protocol import Seed
from grader.strategies import Example

Array = NDArray[Any]
Layers = list[tuple[Array, Array]]
ALL_AT_ONCE = 10_000
# A network whose last step was right or wrong about one sample has a loss between these.
LEAST, MOST = 0.01, 5.0
# Epochs of the training on samples of two kinds.
TURNS = 12

__all__ = ["MISCONCEPTIONS"]

# --- a network that makes mistakes ----------------------------------------------------------------


def _start(widths: list[int], rng: np.random.Generator) -> Layers:
    return [(rng.normal(0, np.sqrt(2 / d), (d, m)), np.zeros(m)) for d, m in pairwise(widths)]


def _activations(x: Array, layers: Layers) -> list[Array]:
    found = [x]
    for i, (w, b) in enumerate(layers):
        z = reference.dense_forward(found[-1], w, b)
        found.append(reference.relu_forward(z) if i + 1 < len(layers) else z)
    return found


def _figures(x: Array, y: Array, layers: Layers) -> Array:
    z = _activations(x, layers)[-1]
    return np.array([reference.softmax_cross_entropy(z, y)[0], (z.argmax(1) == y).mean()])


def _step(x: Array, y: Array, layers: Layers, learning_rate: float) -> None:
    a = _activations(x, layers)
    dz = reference.softmax_cross_entropy(a[-1], y)[1]
    for i in reversed(range(len(layers))):
        w, b = layers[i]
        dx, dw, db = reference.dense_backward(dz, a[i], w)
        layers[i] = (w - learning_rate * dw, b - learning_rate * db)
        dz = reference.relu_backward(dx, a[i])


def _weighted(found: list[Array], sizes: list[int]) -> Array:
    return np.average(found, axis=0, weights=sizes)


def _last(found: list[Array], sizes: list[int]) -> Array:
    return found[-1]


def _sum(found: list[Array], sizes: list[int]) -> Array:
    return np.sum(found, axis=0)


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
    over_batches: Callable[[list[Array], list[int]], Array] = _weighted,
    order: str = "anew",
    starts: str = "once",
    measured: str = "after",
    rate: float | None = None,
) -> dict[str, list[float]]:
    widths = [x.shape[1], *hidden, 1 + int(max(y.max(), y_val.max()))]
    layers = first = _start(widths, rng)
    kept = rng.permutation(len(x)) if order == "kept" else np.arange(len(x))
    history: dict[str, list[float]] = {name: [] for name in OUTPUTS}
    for _ in range(epochs):
        drawn = rng.permutation(len(x)) if order == "anew" else kept
        layers = {"once": layers, "same": list(first), "anew": _start(widths, rng)}[starts]
        before = [*_figures(x, y, layers), *_figures(x_val, y_val, layers)]
        found, sizes = [], []
        for i in range(0, len(x), batch_size):
            xb, yb = x[drawn[i : i + batch_size]], y[drawn[i : i + batch_size]]
            found.append(_figures(xb, yb, layers))
            sizes.append(len(xb))
            _step(xb, yb, layers, learning_rate if rate is None else rate)
        figures = [*over_batches(found, sizes), *_figures(x_val, y_val, layers)]
        for name, value in zip(history, before if measured == "before" else figures, strict=True):
            history[name].append(float(value))
    return history


def _exchanged(
    x: Array, y: Array, x_val: Array, y_val: Array, *rest: Any
) -> dict[str, list[float]]:
    return _train(x_val, y_val, x, y, *rest)


# --- experiments ----------------------------------------------------------------------------------


def _each_alone(e: Example) -> Calls:
    once = {"batch_size": ALL_AT_ONCE}
    return [
        at_rest(e, **once),
        at_rest(e, **once, x_val=e["x"], y_val=e["y"]),
        at_rest(e, **once, x=e["x_val"], y=e["y_val"]),
    ]


def _exchanges(example: Example, runs: list[Lists]) -> bool:
    """Before training, ``loss`` is what the validation data give, and the other way round."""
    _, both, training, validation = runs
    crossed = alike(both[0], validation[2]) and alike(both[2], training[2])
    return crossed and not alike(training[2], validation[2])


def _one_by_one(e: Example) -> Calls:
    """Two inputs, each with both labels, in batches of one; validated on each of the four alone.

    No network gets both labels of an input right, so the four losses are never all the same.
    """
    x = np.repeat(30.0 * np.eye(2, e["x"].shape[1], dtype=e["x"].dtype), 2, axis=0)
    y = np.tile(np.arange(2), 2)
    asked = {"x": x, "y": y, "hidden": [16], "batch_size": 1, "epochs": TURNS}
    return [at_rest(e, **asked, x_val=x[i : i + 1], y_val=y[i : i + 1]) for i in range(4)]


def _of_one_batch(example: Example, runs: list[Lists]) -> bool:
    _, *alone = runs
    losses, given = [run[2][0] for run in alone], alone[0][0]
    each = [any(alike(loss, one) for one in losses) for loss in given]
    mean = np.mean(losses)
    return len(each) == TURNS and all(each) and bool((np.abs(given - mean) > 100 * NEAR).all())


def _adds_up(example: Example, runs: list[Lists]) -> bool:
    _, many, once = runs
    batches = -(-len(example["x"]) // example["batch_size"])
    return alike(once[0], once[2]) and alike(many[0], batches * once[0])


def _turns(figures: Array) -> int:
    """How often they stop falling and rise, or the other way round; ten drawn ones do it often."""
    return int((np.diff(np.sign(np.diff(figures))) != 0).sum())


def _forgets(example: Example, runs: list[Lists]) -> bool:
    """Weights drawn anew change without any learning; those of old give the same every epoch."""
    _, rest, learning = runs
    redrawn = min(_turns(rest[2]), _turns(learning[0])) >= 2
    again = alike(learning[2], np.full_like(learning[2], learning[2][0]))
    return redrawn or (again and not alike(learning[2][0], rest[2][0]))


def _ignores_rate(example: Example, runs: list[Lists]) -> bool:
    _, first, *others, relabelled = runs
    same = all(alike(run[i], first[i]) for run in others for i in range(4))
    moves = not alike(first[0], np.full_like(first[0], first[0][0]))
    return same and moves and not alike(relabelled[0], first[0])


def _too_early(example: Example, runs: list[Lists]) -> bool:
    _, validation, training, run, relabelled = runs
    early = np.isclose(run[2][0], validation[2][0], rtol=1e-7) or np.isclose(
        run[0][0], training[2][0], rtol=1e-7
    )
    measured = not alike(validation[2], relabelled[2])
    return bool(early) and measured and not alike(run[2][0], run[2][1])


def _orders(e: Example) -> Calls:
    return [order_call(e, rng=Seed(seed)) for seed in range(10)] + [
        order_call(e, reverse=True, rng=Seed(0))
    ]


def _kept_ends(runs: list[Lists]) -> list[bool] | None:
    """For each training whether all its epochs end with label 0; None if one does not keep it."""
    losses = [run[2] for run in runs[1:]]
    learned = all(LEAST < loss[-1] < MOST and not alike(loss[0], loss[-1]) for loss in losses)
    if not learned or not all(kept_order(loss) for loss in losses):
        return None
    return [bool(last_labels(loss).all()) for loss in losses]


def _one_order_for_each_rng(example: Example, runs: list[Lists]) -> bool:
    ends = _kept_ends(runs)
    return ends is not None and len(set(ends[:-1])) == 2


def _one_order_for_all(example: Example, runs: list[Lists]) -> bool:
    ends = _kept_ends(runs)
    return ends is not None and len(set(ends[:-1])) == 1 and ends[-1] != ends[0]


# When one of these is wrong, that one is named, and not its consequences.
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
EXPERIMENTS: dict[str, tuple[Callable[..., Any], Experiment]] = {
    "training-and-validation-exchanged": (_exchanged, by_lists(_each_alone, _exchanges)),
    "figures-of-one-batch": (
        partial(_train, over_batches=_last),
        by_lists(_one_by_one, _of_one_batch),
    ),
    "figures-summed-over-batches": (
        partial(_train, over_batches=_sum),
        by_lists(
            lambda e: [
                at_rest(e, x_val=e["x"], y_val=e["y"], batch_size=size)
                for size in (e["batch_size"], ALL_AT_ONCE)
            ],
            _adds_up,
        ),
    ),
    "weights-not-carried-on": (
        partial(_train, starts="anew"),
        by_lists(
            lambda e: [
                e.replace(hidden=[16], epochs=10, batch_size=ALL_AT_ONCE, learning_rate=rate)
                for rate in (0.0, 0.3)
            ],
            _forgets,
        ),
    ),
    "training-ignores-learning-rate": (
        partial(_train, rate=0.1),
        by_lists(
            lambda e: [
                *(e.replace(epochs=3, learning_rate=rate) for rate in (0.0, 0.02, 0.3)),
                e.replace(epochs=3, y=(e["y"] + 1) % CLASSES),
            ],
            _ignores_rate,
        ),
    ),
    "measured-before-the-epoch": (
        partial(_train, measured="before"),
        by_lists(
            lambda e: [
                at_rest(e, batch_size=ALL_AT_ONCE),
                at_rest(e, batch_size=ALL_AT_ONCE, x_val=e["x"], y_val=e["y"]),
                e.replace(epochs=3, learning_rate=0.1),
                at_rest(e, batch_size=ALL_AT_ONCE, y_val=(e["y_val"] + 1) % CLASSES),
            ],
            _too_early,
        ),
    ),
    "order-kept-in-training": (
        partial(_train, order="kept"),
        by_lists(_orders, _one_order_for_each_rng),
    ),
    "order-not-from-rng": (partial(_train, order="given"), by_lists(_orders, _one_order_for_all)),
}


def _read(texts: Path) -> tuple[Misconception, ...]:
    said = tomllib.loads(texts.read_text(encoding="utf-8"))
    return tuple(
        Misconception(
            id=name, function="train", wrong=wrong, experiment=test, relies_on=PARTS, **said[name]
        )
        for name, (wrong, test) in EXPERIMENTS.items()
    )


MISCONCEPTIONS = _read(Path(__file__).with_suffix(".toml"))
