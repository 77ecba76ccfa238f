"""The fused epoch: against plain NumPy, the same bits everywhere, safe with threads and fork."""

from __future__ import annotations

import multiprocessing
import os
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from densefit import _kernels, ops

from .networks import Case

FEATURES: dict[str, dict[str, Any]] = {
    "relu": {"activation": "relu"},
    "tanh": {"activation": "tanh"},
    "sigmoid": {"activation": "sigmoid"},
    "linear": {"activation": "linear"},
    "momentum": {"optimizer": {"momentum": 0.9}, "rate": 0.02},
    "nesterov": {"optimizer": {"momentum": 0.9, "nesterov": 1.0}, "rate": 0.02},
    "dropout": {"dropout": 0.4},
    "penalty": {"l1": 1e-3, "l2": 1e-2},
    "one-hot": {"one_hot": True},
    "weights": {"weighted": True},
    "hidden softmax": {"hidden_softmax": True},
    "one layer": {"widths": (13, 4)},
    "wide": {"widths": (50, 130, 33, 10), "samples": 70, "batch_size": 33},
    "sparse": {"zeros": 0.8, "widths": (150, 130, 33, 10), "samples": 70, "batch_size": 33},
    "sparse relu": {
        "zeros": 0.5, "activation": "relu", "widths": (70, 200, 96, 40, 33), "samples": 150,
        "batch_size": 140, "epochs": 3,
    },
    "sparse dropout": {
        "zeros": 0.5, "activation": "relu", "widths": (70, 99, 65, 4), "dropout": 0.5,
    },
    "all zeros": {"zeros": 1.0},
    "one class": {"widths": (5, 3, 1)},
    "one sample": {"samples": 1},
    "batches of one": {"batch_size": 1, "samples": 11},
    "batch beyond the data": {"batch_size": 100},
    "everything": {
        "activation": "relu", "dropout": 0.3, "l1": 1e-4, "l2": 1e-3, "weighted": True,
        "one_hot": True, "optimizer": {"momentum": 0.8}, "rate": 0.05, "hidden_softmax": True,
        "widths": (21, 18, 17, 16, 5),
    },
}  # fmt: skip


@pytest.mark.parametrize("feature", FEATURES)
def test_training_agrees_with_numpy(feature: str, dtype: type, isa: str) -> None:
    case = Case(dtype=dtype, **FEATURES[feature])
    arrays, totals = case.train()
    exact, sums = case.train_in_numpy()
    tolerance = 1e-11 if dtype is np.float64 else 3e-5
    for got, want in zip(arrays, exact, strict=False):
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
    for total, (loss, penalty) in zip(totals, sums, strict=True):
        assert total.loss == pytest.approx(loss, rel=tolerance * 10)
        assert total.penalty == pytest.approx(penalty, rel=tolerance * 10)
        assert total.samples == case.samples


@pytest.mark.parametrize("feature", FEATURES)
def test_same_bits_from_every_instruction_set_and_number_of_threads(
    feature: str, dtype: type, several_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, digests = Case(dtype=dtype, **FEATURES[feature]), {}
    for name in ops.available_isas():
        for threads in (1, 2, 3):
            monkeypatch.setattr(ops, "_num_threads", threads)
            with ops.use_isa(name):
                digests[name, threads] = case.digest()
    assert len(set(digests.values())) == 1, digests


OPTIMIZERS: dict[str, dict[str, float]] = {
    "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "rmsprop": {"rho": 0.9, "epsilon": 1e-7},
    "rmsprop with momentum": {"rho": 0.9, "epsilon": 1e-7, "momentum": 0.5},
    "adagrad": {"epsilon": 1e-7},
    "adadelta": {"rho": 0.95, "epsilon": 1e-7},
}


def optimizer_case(name: str, dtype: type, **changes: Any) -> Case:
    return Case(
        dtype=dtype, optimizer_name=name.split()[0], optimizer=OPTIMIZERS[name], zeros=0.5,
        rate=1.0 if name == "adadelta" else 0.01, activation="relu", widths=(70, 66, 40, 4),
        **changes,
    )  # fmt: skip


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_agree_with_numpy(name: str, dtype: type, isa: str) -> None:
    case = optimizer_case(name, dtype, l2=1e-3)
    tolerance = 1e-9 if dtype is np.float64 else 2e-3
    for got, want in zip(case.train()[0], case.train_in_numpy()[0], strict=False):
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_give_the_same_bits_everywhere(
    name: str, dtype: type, several_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, digests = optimizer_case(name, dtype), {}
    for isa in ops.available_isas():
        for threads in (1, 2, 3):
            monkeypatch.setattr(ops, "_num_threads", threads)
            with ops.use_isa(isa):
                digests[isa, threads] = case.digest()
                assert digests[isa, threads] == case.digest(pieces=2)
    assert len(set(digests.values())) == 1, digests


@pytest.mark.parametrize("rate", [0.1, 1e3, "huge"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_skipping_zeros_changes_nothing_even_while_training_diverges(
    rate: float | str, activation: str, dtype: type, several_threads: None, isa: str
) -> None:
    """Weights and gradients that overflow meet inputs of 0, and 0 · infinity is no 0."""
    rate = (1e30 if dtype is np.float32 else 1e200) if rate == "huge" else float(rate)
    case = Case(
        dtype=dtype, activation=activation, zeros=0.6, widths=(70, 130, 66, 4), rate=rate,
        samples=60, epochs=4,
    )  # fmt: skip
    skipped, totals = case.train()
    kept, kept_totals = replace(case, list_zeros=False).train()
    for a, b in zip(skipped, kept, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal([t[:3] for t in totals], [t[:3] for t in kept_totals])
    if activation == "relu" and rate > 1e3:
        assert not np.isfinite(totals[-1].loss)


def test_adaptive_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "MIN_WORK_PER_THREAD", 1)
    case = Case(widths=(40, 64, 10), samples=3000, epochs=2, zeros=0.5)
    found = set()
    for threads in (1, 2, 2, 3):
        monkeypatch.setattr(ops, "_num_threads", threads)
        found.add(case.digest())
    assert len(found) == 1


@pytest.mark.parametrize("feature", ["dropout", "momentum", "everything"])
def test_training_in_pieces_gives_the_bits_of_training_at_once(feature: str) -> None:
    case = Case(**FEATURES[feature])
    assert case.digest() == case.digest(pieces=3)


def test_large_layers_in_place_agree_with_numpy(dtype: type, several_threads: None) -> None:
    """Beyond 64 MiB weights are not packed; columns that fill no whole vector are the risk."""
    columns = 16_800_003 // 7 if dtype is np.float32 else 8_400_003 // 7
    case = Case(dtype=dtype, widths=(7, columns, 2), samples=5, batch_size=3, epochs=1)
    arrays, _ = case.train()
    exact, _ = case.train_in_numpy()
    for got, want in zip(arrays, exact, strict=False):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)


@settings(deadline=None, max_examples=40)
@given(
    widths=st.lists(st.integers(1, 40), min_size=2, max_size=5),
    samples=st.integers(1, 40),
    batch_size=st.integers(1, 45),
    activation=st.sampled_from(["relu", "tanh", "sigmoid", "linear"]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_any_shape_agrees_with_numpy(
    widths: list[int], samples: int, batch_size: int, activation: str, dtype: type
) -> None:
    case = Case(
        dtype=dtype, widths=tuple(widths), samples=samples, batch_size=batch_size,
        activation=activation, epochs=1,
    )  # fmt: skip
    tolerance = 1e-10 if dtype is np.float64 else 1e-3
    for got, want in zip(case.train()[0], case.train_in_numpy()[0], strict=False):
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("n", [0, 1, 5, 47, 48, 49, 200])
def test_evaluate_and_predict_do_not_depend_on_the_rest_of_the_data(
    n: int, dtype: type, isa: str, several_threads: None
) -> None:
    case = Case(dtype=dtype, samples=200, widths=(13, 33, 10), l2=0.1)
    network, (x, y, _) = case.network(case.parameters()), case.data()
    loss = ops.Loss("sparse_categorical_crossentropy")
    p = network.predict(x[:n])
    assert p.tobytes() == network.predict(x)[:n].tobytes()
    totals = network.evaluate(x[:n], y[:n], loss=loss, metrics=[ops.Accuracy()])
    assert totals.metrics == ((p.argmax(axis=1) == y[:n]).sum(),)
    assert totals.loss == pytest.approx(-np.log(p[np.arange(n), y[:n]]).sum(), rel=1e-5)
    assert totals.penalty == pytest.approx(n * 0.1 * sum((s.w**2).sum() for s in network.stages))


def test_from_logits_needs_no_softmax(dtype: type) -> None:
    case = Case(dtype=dtype)
    network, (x, y, _) = case.network(case.parameters()), case.data()
    bare = ops.Network(
        [*network.stages[:-1], ops.Dense(network.stages[-1].w, network.stages[-1].b)], 13, dtype
    )
    name = "sparse_categorical_crossentropy"
    assert bare.evaluate(x, y, loss=ops.Loss(name, from_logits=True)) == network.evaluate(
        x, y, loss=ops.Loss(name)
    )


def _digest_in_child(queue: Any) -> None:
    queue.put(Case().digest())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_children_train_too(several_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "_num_threads", 3)
    expected = Case().digest()  # the pool of the parent is running now
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    children = [context.Process(target=_digest_in_child, args=(queue,)) for _ in range(3)]
    for child in children:
        child.start()
    assert [queue.get(timeout=60) for _ in children] == [expected] * 3
    for child in children:
        child.join(timeout=60)
        assert child.exitcode == 0


def test_several_callers_at_once(several_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "_num_threads", 2)
    case = Case(widths=(40, 64, 10), samples=300, epochs=5)
    expected, found = case.digest(), []
    callers = [
        threading.Thread(target=lambda: found.extend(case.digest() for _ in range(5)))
        for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=120)
    assert found == [expected] * 20


def test_threads_that_come_and_go(several_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small calls with a changing team: a lost wake-up would hang here."""
    case = Case(samples=9, epochs=1)
    expected = case.digest()
    for i in range(300):
        monkeypatch.setattr(ops, "_num_threads", 1 + i % 5)
        assert case.digest() == expected


def boundary_call(**changes: Any) -> Any:
    case = Case(dtype=np.float32)
    x, y, _ = case.data()
    arguments: dict[str, Any] = {
        "x": x, "y": y, "order": np.arange(37), "learning_rates": np.full(5, 0.1),
        "loss": ops.Loss("sparse_categorical_crossentropy"), "optimizer": ops.Optimizer("sgd"),
        "batch_size": 8, "seed": 1, "step": 0,
    } | changes  # fmt: skip
    return case.network(case.parameters()).train(**arguments)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"x": np.ones((37, 12), np.float32)}, ValueError,
         r"x must have shape \(37, 13\), got \(37, 12\)"),
        ({"x": np.ones((37, 13))}, TypeError, "x must be of type float32, got float64"),
        ({"x": np.ones((13, 37), np.float32).T}, ValueError, "x must be C-contiguous"),
        ({"x": "text"}, TypeError, "x must be a NumPy array, got str"),
        ({"y": np.full(37, 4)}, ValueError, r"y\[0\] is 4, but there are 4 classes"),
        ({"y": np.full(37, -1)}, ValueError, r"y\[0\] is -1"),
        ({"y": np.ones(36, np.int64)}, ValueError, r"y must have shape \(37,\), got \(36,\)"),
        ({"y": np.ones((37, 5), np.float32)}, ValueError, r"y must have shape \(37, 4\)"),
        ({"order": np.array([0, 37])}, ValueError, r"order\[1\] is 37, but x has 37 rows"),
        ({"order": np.array([-1])}, ValueError, r"order\[0\] is -1"),
        ({"learning_rates": np.full(6, 0.1)}, ValueError, "6 mini-batches of 8 need more"),
        ({"batch_size": 0}, ValueError, "batch_size and n_threads must be at least 1, got 0"),
        ({"optimizer": ops.Optimizer("sgd", {"momentum": 0.9}, [[np.zeros(3, np.float32)]])},
         ValueError, r"slot 0 of w of stage 0 must have shape \(13, 9\)"),
        ({"seed": -1}, ValueError, "seed must lie in"),
    ],
)  # fmt: skip
def test_the_boundary_names_what_does_not_fit(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        boundary_call(**changes)


def test_read_only_parameters_are_refused() -> None:
    w = np.ones((3, 2), np.float32)
    w.flags.writeable = False
    with pytest.raises(ValueError, match="w of stage 0 is read-only"):
        ops.Network([ops.Dense(w, None)], 3, np.float32).predict(np.ones((1, 3), np.float32))


def test_unknown_names_are_refused() -> None:
    with pytest.raises(
        ValueError, match="no loss 'mse'; they have sparse_categorical_crossentropy, "
    ):
        ops.Loss("mse")
    with pytest.raises(ValueError, match="no optimizer 'lion'"):
        ops.Optimizer("lion")
    with pytest.raises(ValueError, match="no activation 'swish'"):
        ops.Network([ops.Activation("swish")], 3, np.float32)
    with pytest.raises(ValueError, match="instruction set 'sse9' is not available here"):
        _kernels.use_isa("sse9")


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_a_wrong_number_of_threads_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENSEFIT_NUM_THREADS", text)
    with pytest.raises(
        ValueError, match=f"DENSEFIT_NUM_THREADS must be a positive integer.*{text}"
    ):
        ops._threads_from_environment()


def test_training_that_diverges_says_so_in_its_totals() -> None:
    case = replace(Case(activation="relu"), rate=1e200)
    _, totals = case.train()
    assert not np.isfinite(totals[-1].loss)
