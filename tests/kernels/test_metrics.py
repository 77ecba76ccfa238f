"""Metrics of the fused epoch: those of the predictions, whatever is left to the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from densefit import losses, ops

ROWS: tuple[ops.Metric, ...] = (
    ops.Accuracy(), ops.Accuracy(binary=True), ops.Accuracy(binary=True, threshold=0.2),
    ops.Loss("mean_squared_error"), ops.Loss("mean_absolute_error"), ops.Loss("hinge"),
    ops.Loss("kl_divergence"), ops.Loss("cosine_similarity"), ops.Loss("binary_crossentropy"),
    ops.Loss("categorical_crossentropy", label_smoothing=0.2),
    ops.Loss("binary_crossentropy", from_logits=True, label_smoothing=0.1),
)  # fmt: skip
LABELS: tuple[ops.Metric, ...] = (
    ops.Accuracy(), ops.Loss("sparse_categorical_crossentropy"),
    ops.Loss("sparse_categorical_crossentropy", from_logits=True),
)  # fmt: skip


def by_hand(metric: ops.Metric, y: np.ndarray, p: np.ndarray) -> float:
    if isinstance(metric, ops.Accuracy):
        if metric.binary:
            return float(((p > metric.threshold) == y).mean())
        return float((p.argmax(axis=1) == (y if y.ndim == 1 else y.argmax(axis=1))).mean())
    settings: dict[str, Any] = {}
    if metric.from_logits:
        settings["from_logits"] = True
    if metric.label_smoothing:
        settings["label_smoothing"] = metric.label_smoothing
    return float(getattr(losses, metric.name)(y, p, **settings).mean())


def network(dtype: type, c: int, link: str) -> ops.Network:
    w = (ops.uniform(1, 2, 6 * c).reshape(6, c) - 0.5).astype(dtype)
    return ops.Network([ops.Dense(w, np.zeros(c, dtype), link)], 6, dtype)


@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
@pytest.mark.parametrize(
    "loss", ["categorical_crossentropy", "binary_crossentropy", "mean_squared_error"]
)
@pytest.mark.parametrize("c", [1, 3, 18])
def test_metrics_are_those_of_the_predictions(
    link: str, loss: str, c: int, dtype: type, isa: str
) -> None:
    if c == 1 and link == "softmax":
        pytest.skip("always 1, where the rounding of 1 - 1e-7 shows")
    x = np.random.default_rng(0).normal(size=(70, 6)).astype(dtype)
    y = (np.random.default_rng(1).random((70, c)) > 0.5).astype(dtype)
    net, weight = network(dtype, c, link), np.linspace(0, 2, 70, dtype=dtype)
    p = net.predict(x)
    totals = net.evaluate(x, y, loss=ops.Loss(loss), metrics=ROWS, sample_weight=weight)
    for got, metric in zip(totals.metrics, ROWS, strict=True):
        assert got / 70 == pytest.approx(by_hand(metric, y, p), rel=2e-5, abs=2e-6), metric
    each = getattr(losses, loss)(y, p)
    assert totals.loss == pytest.approx((weight * each).sum(), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
def test_metrics_of_labels(link: str, dtype: type, isa: str) -> None:
    x = np.random.default_rng(0).normal(size=(70, 6)).astype(dtype)
    y, net = np.arange(70) % 5, network(dtype, 5, link)
    totals = net.evaluate(x, y, loss=ops.Loss("sparse_categorical_crossentropy"), metrics=LABELS)
    for got, metric in zip(totals.metrics, LABELS, strict=True):
        assert got / 70 == pytest.approx(by_hand(metric, y, net.predict(x)), rel=2e-5)


def test_sums_go_on_from_call_to_call_and_do_not_depend_on_threads(
    dtype: type, several_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(0).normal(size=(70, 6)).astype(dtype)
    y = np.eye(3, dtype=dtype)[np.arange(70) % 3]

    def train(pieces: int) -> ops.Totals:
        net, done = network(dtype, 3, "softmax"), None
        for steps in np.array_split(np.arange(10), pieces):
            done = net.train(
                x, y, np.arange(steps[0] * 7, 70), np.full(len(steps), 0.1),
                loss=ops.Loss("categorical_crossentropy"), metrics=ROWS,
                optimizer=ops.Optimizer("sgd"), batch_size=7, seed=0, step=int(steps[0]),
                before=done,
            )  # fmt: skip
        assert done is not None
        return done

    found = set()
    for isa in ops.available_isas():
        for threads in (1, 3):
            monkeypatch.setattr(ops, "_num_threads", threads)
            with ops.use_isa(isa):
                found |= {train(1), train(3)}
    assert len(found) == 1


def test_labels_for_a_metric_of_rows_are_refused() -> None:
    net = network(np.float64, 3, "softmax")
    with pytest.raises(TypeError, match="y must be of type float64, got int64"):
        net.evaluate(
            np.zeros((4, 6)), np.zeros(4, np.int64),
            loss=ops.Loss("sparse_categorical_crossentropy"),
            metrics=[ops.Loss("mean_squared_error")],
        )  # fmt: skip


def test_sums_of_other_metrics_are_refused() -> None:
    net = network(np.float64, 1, "linear")
    with pytest.raises(ValueError, match="the network has 1 metrics, before 2"):
        net.train(
            np.zeros((4, 6)), np.zeros((4, 1)), np.arange(4), np.ones(1),
            loss=ops.Loss("mean_squared_error"), metrics=[ops.Accuracy()],
            optimizer=ops.Optimizer("sgd"), batch_size=4, seed=0, step=0,
            before=ops.Totals(0.0, 0.0, 0, (0.0, 0.0)),
        )  # fmt: skip
