"""Whether a submission's function is what the contract asks for: plain checks, in this process.

Not the grader, and knowing nothing of it: an independent opinion on the submissions of this tree,
so that a submission that the grader judges otherwise shows a mistake in one of the two.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import io
import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from submissions.build import FUNCTIONS

from densefit import reference

Namespace = dict[str, Any]
KEYS = {"loss", "accuracy", "val_loss", "val_accuracy"}
# Relative to the largest element of what is compared; by the dtype that the submission returns.
TOLERANCE = {"float32": 2e-5, "float64": 1e-10}


def load(path: Path) -> Namespace:
    """Run a submission of this tree (file or folder) and return its names."""
    if path.is_dir():
        named = path / "submission.py"
        path = named if named.exists() else next(path.glob("*.py"))
    namespace: Namespace = {"__name__": "submission"}
    with _importing_from(path.parent), contextlib.redirect_stdout(io.StringIO()):
        for cell in _cells(path):
            try:
                exec(compile(cell, str(path), "exec"), namespace)
            except NameError:  # a notebook may hold a cell that fails
                if path.suffix != ".ipynb":
                    raise
    return namespace


def _cells(path: Path) -> list[bytes | str]:
    if path.suffix != ".ipynb":
        raw = path.read_bytes()
        try:
            raw.decode()
        except UnicodeDecodeError:
            return [raw if b"coding" in raw[:40] else raw.decode("cp932")]
        return [raw]
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [_without_magics(c["source"]) for c in cells if c["cell_type"] == "code"]


def _without_magics(lines: list[str]) -> str:
    kept = (s for s in lines if not s.startswith(("%", "!")) and not s.rstrip().endswith("?"))
    return "".join(s for s in kept if "plt" not in s)


@contextlib.contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]


def rng() -> np.random.Generator:
    """The generator all inputs are drawn from; always the same."""
    return np.random.default_rng(20)


def _kinked(shape: tuple[int, ...], g: np.random.Generator) -> np.ndarray:
    z = 2 * g.standard_normal(shape)
    z.flat[::3] = 0.0
    return z


def cases(function: str) -> list[tuple[Any, ...]]:
    """Generic inputs and those at the edges: one sample, one class, kinks, views, huge values."""
    g = rng()
    n = g.standard_normal
    sizes = [(1, 1, 1), (1, 4, 3), (5, 3, 1), (6, 2, 7), (2, 5, 5)]
    if function == "dense_forward":
        made = [(3 * n((b, d)), n((d, m)), n(m)) for b, d, m in 2 * sizes]
        made.append((n((6, 4))[::-2], np.asfortranarray(n((4, 3))), n(6)[::2]))
        made.append((np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4) - 5, np.arange(4)))
        return made
    if function == "dense_backward":
        made = [(n((b, m)), n((b, d)), n((d, m))) for b, d, m in sizes]
        return [*made, (n((3, 6)).T, n((12, 4))[::-2], np.asfortranarray(n((4, 3))))]
    if function == "relu_forward":
        return [(_kinked(s, g),) for s in [(1,), (7,), (4, 5), (2, 3, 4)]] + [
            (_kinked((6, 4), g)[::-2].T,),
            (np.arange(-3, 4),),
        ]
    if function == "relu_backward":
        made = [(n(s), _kinked(s, g)) for s in [(1,), (7,), (4, 5), (2, 3, 4)]]
        return [*made, (n((6, 4))[::-2], _kinked((4, 3), g).T), (n(4), np.arange(-2, 2))]
    logits = [3 * n((b, c)) for b, c in [(1, 1), (4, 1), (1, 5), (6, 4), (3, 12)]]
    logits += [n((8, 3))[::-2], n((3, 5)).T, np.arange(12).reshape(4, 3), np.zeros((2, 3))]
    logits += [1e3 * n((4, 3)), np.array([[1e30, -1e30, 0.0], [-800.0, -801.0, -802.0]])]
    if function == "softmax":
        return [(z,) for z in logits]
    if function == "softmax_cross_entropy":
        return [(z, g.integers(0, z.shape[1], len(z))) for z in logits]
    if function == "sgd_update":
        made = [(n(s), 3 * n(s), rate) for s in [(1,), (5,), (3, 4)] for rate in (0.5, 0.01, 3.0)]
        return [*made, (n((4, 3)), np.zeros((4, 3)), 0.1), (n((6, 2))[::-2], n((2, 3)).T, 0.1)]
    raise KeyError(function)


def agrees(function: str, namespace: Namespace) -> bool:
    """Whether the submission's ``function`` satisfies its contract."""
    student = namespace.get(function)
    if not callable(student):
        return False
    check = {"minibatches": _minibatches_agree, "train": train_agrees}.get(function)
    try:
        with np.errstate(all="ignore"):
            if check is not None:
                return check(student)
            return all(_agrees_on(function, student, args) for args in cases(function))
    except (Exception, SystemExit):
        return False


def _agrees_on(function: str, student: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    given = copy.deepcopy(args)
    got, again = student(*given), student(*copy.deepcopy(args))
    wanted = getattr(reference, function)(*args)
    results = wanted if isinstance(wanted, tuple) else (wanted,)
    values = got if isinstance(wanted, tuple) and isinstance(got, tuple | list) else [got]
    seconds = again if isinstance(wanted, tuple) and isinstance(again, tuple | list) else [again]
    untouched = given[1:] if function == "sgd_update" else given
    kept = args[1:] if function == "sgd_update" else args
    return (
        len(values) == len(results)
        and all(np.array_equal(a, b) for a, b in zip(untouched, kept, strict=True))
        and all(np.array_equal(a, b) for a, b in zip(values, seconds, strict=True))
        and all(_close(v, r, function, args) for v, r in zip(values, results, strict=True))
    )


def _close(value: Any, wanted: Any, function: str, args: tuple[Any, ...]) -> bool:
    value, wanted = np.asarray(value), np.asarray(wanted)
    if value.shape != wanted.shape or value.dtype.kind not in "fiu":
        return False
    if function == "relu_backward" and np.any(at_zero := args[1] == 0):
        either = value[at_zero]
        if not (np.array_equal(either, args[0][at_zero]) or np.all(either == 0)):
            return bool(value.dtype == np.float32 and np.allclose(either, args[0][at_zero]))
        value, wanted = np.where(at_zero, 0, value), np.where(at_zero, 0, wanted)
    scale = max(1.0, float(np.abs(wanted).max())) if function != "softmax" else 1.0
    if function.startswith("softmax") and value.dtype == np.float32:
        scale *= max(1.0, min(1e3, float(np.abs(args[0]).max())))
    return bool(np.all(np.abs(value - wanted) <= TOLERANCE.get(value.dtype.name, 1e-10) * scale))


def _minibatches_agree(student: Callable[..., Any]) -> bool:
    return all(_batches_agree(student, n, size) for n, size in [(10, 4), (12, 4), (40, 7), (1, 3)])


def _batches_agree(student: Callable[..., Any], n: int, size: int) -> bool:
    x, y = np.arange(2.0 * n).reshape(n, 2), np.arange(n)
    before = x.copy(), y.copy()
    g = rng()
    epochs = [list(student(x, y, size, g)) for _ in range(3)]
    replay = rng()
    same = [list(student(x, y, size, replay)) for _ in range(3)]
    orders = [np.concatenate([b[1] for b in e]).tolist() for e in epochs]
    sizes = [[len(b[1]) for b in e] for e in epochs]
    wanted = [size] * (n // size) + [n % size] * (n % size > 0)
    apart = n < 10 or len({tuple(o) for o in orders}) == 3
    blocks = [b[1] for e in epochs for b in e if len(b[1]) > 2]
    return (
        apart
        and orders == [np.concatenate([b[1] for b in e]).tolist() for e in same]
        and all(np.array_equal(b[0][:, 0], 2 * b[1]) for e in epochs for b in e)
        and all(sorted(o) == list(range(n)) for o in orders)
        and all(s == wanted for s in sizes)
        and not any(len(b) > 2 and np.ptp(b) == len(b) - 1 for b in blocks)
        and np.array_equal(x, before[0])
        and np.array_equal(y, before[1])
    )


def _blobs(n: int, g: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(n) % 3
    return 3 * np.eye(3, 4)[y] + 0.7 * g.standard_normal((n, 4)), y


def train_agrees(train: Callable[..., Any], epochs: int = 10) -> bool:
    """Whether ``train`` returns a true history of a training that learns."""
    g = rng()
    (x, y), (xv, yv) = _blobs(60, g), _blobs(21, g)
    xv, yv = xv + 2.5, np.roll(yv, 1)  # the validation data are another world, on purpose

    def run(*data: np.ndarray) -> dict[str, np.ndarray]:
        history = train(*data, [8], epochs, 16, 0.1, rng())
        return {k: np.asarray(v, dtype=float) for k, v in history.items()}

    copies = x.copy(), xv.copy()
    first, other_validation = run(x, y, xv, yv), run(x, y, xv[:9] + 1, yv[:9])
    permuted = run(x, rng().permutation(y), xv, yv)
    deep = train(x, y, xv, yv, [6, 5], 2, 60, 0.05, rng())
    return (
        set(first) == KEYS
        and all(v.shape == (epochs,) and np.isfinite(v).all() for v in first.values())
        and all(v.min() >= 0 and v.max() <= 1 for k, v in first.items() if "accuracy" in k)
        and bool(first["loss"][-1] < 0.7 * first["loss"][0])
        and bool(first["accuracy"][-1] > 0.8)
        and bool(first["val_loss"][-1] > 1.2 * first["loss"][-1])
        and bool(permuted["loss"][-1] > first["loss"][-1])
        and np.array_equal(first["loss"], other_validation["loss"])
        and not np.array_equal(first["val_loss"], other_validation["val_loss"])
        and all(len(deep[k]) == 2 for k in KEYS)
        and np.array_equal(copies[0], x)
        and np.array_equal(copies[1], xv)
        and _learns_as_told(train, x[:48], y[:48])
        and _draws_orders(train)
    )


def _learns_as_told(train: Callable[..., Any], x: np.ndarray, y: np.ndarray) -> bool:
    """Without a learning rate all figures stay, and are the same on the same data; with one the
    first epoch's are no longer those of the start.
    """
    rest = train(x, y, x, y, [8], 2, 16, 0.0, rng())
    moved = train(x, y, x, y, [8], 1, len(x), 0.1, rng())
    return (
        np.allclose(rest["loss"], rest["val_loss"], rtol=1e-4)
        and np.allclose(rest["accuracy"], rest["val_accuracy"], rtol=1e-4)
        and np.allclose(*rest["val_loss"], rtol=1e-6)
        and abs(moved["val_loss"][0] - rest["val_loss"][0]) > 1e-6
    )


def _draws_orders(train: Callable[..., Any]) -> bool:
    """Learned one by one in large steps, now this label comes last in an epoch, now that."""
    x = np.full((4, 2), 0.02)
    x[2:] *= -1
    history = train(x, np.array([0, 1, 0, 1]), x[::2], np.zeros(2, int), [4], 32, 1, 1.0, rng())
    zero_came_last = np.asarray(history["val_loss"][4:]) < np.log(2.0)
    return bool(zero_came_last.any() and not zero_came_last.all())


def disagreeing(namespace: Namespace) -> set[str]:
    """The functions of the contract that the submission gets wrong."""
    return {f for f in FUNCTIONS if not agrees(f, namespace)}


def of_source(source: str) -> Namespace:
    """The names that a submission's text defines."""
    module = types.ModuleType("submission")
    module.__dict__["__builtins__"] = builtins
    exec(compile(source, "submission.py", "exec"), module.__dict__)
    return module.__dict__
