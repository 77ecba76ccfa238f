"""The losses of the fused epoch: against NumPy and finite differences, the same bits everywhere."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from densefit import losses, ops
from exact_losses import ON_LOGITS, ON_OUTPUTS, sigmoid, softmax

from .conftest import ULP

CASES = [(name, False) for name in ON_OUTPUTS] + [(name, True) for name in ON_LOGITS]
IDS = [f"{name}{' from logits' if on_logits else ''}" for name, on_logits in CASES]
LINKS = {"softmax": softmax, "sigmoid": sigmoid}


def outputs_and_targets(
    name: str, from_logits: bool, n: int, c: int, seed: int, dtype: type
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs in the domain of the loss, and targets to compare them with."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, c)) * 2
    if not from_logits and ("crossentropy" in name or name == "kl_divergence"):
        z = sigmoid(z)
    y = {
        "sparse_categorical_crossentropy": rng.integers(0, c, n),
        "categorical_crossentropy": rng.dirichlet(np.ones(c), n),
        "kl_divergence": rng.dirichlet(np.ones(c), n),
        "binary_crossentropy": rng.random((n, c)),
        "hinge": rng.choice([-1, 1], (n, c)),
    }.get(name, rng.normal(size=(n, c)))
    return z.astype(dtype), y if y.ndim == 1 else y.astype(dtype)


def one_step(
    z: np.ndarray, y: np.ndarray, loss: ops.Loss, stages: tuple[ops.Stage, ...] = ()
) -> tuple[float, np.ndarray]:
    """The loss of a single row z, and its gradient, read off the bias of a layer that gives z."""
    b = z[0].copy()
    dense = ops.Dense(np.zeros((1, z.shape[1]), z.dtype), b)
    network = ops.Network([dense, *stages], 1, z.dtype)
    totals = network.train(
        np.ones((1, 1), z.dtype), y, np.zeros(1, np.int64), np.ones(1), loss=loss,
        optimizer=ops.Optimizer("sgd"), batch_size=1, seed=0, step=0,
    )  # fmt: skip
    return totals.loss, z[0] - b


def exact(name: str, from_logits: bool, z: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    target = np.eye(z.shape[1])[y] if y.ndim == 1 else y.astype(np.float64)
    table = ON_LOGITS if from_logits else ON_OUTPUTS
    loss, gradient = table[name](z.astype(np.float64), target)
    return loss[0], gradient[0]


@settings(deadline=None, max_examples=30)
@given(
    case=st.sampled_from(CASES),
    c=st.integers(1, 40),
    seed=st.integers(0, 999),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_loss_and_gradient_agree_with_numpy(
    case: tuple[str, bool], c: int, seed: int, dtype: type
) -> None:
    z, y = outputs_and_targets(*case, 1, c, seed, dtype)
    loss, gradient = one_step(z, y, ops.Loss(*case))
    want_loss, want_gradient = exact(*case, z, y)
    bound = 60 * ULP[dtype]
    assert loss == pytest.approx(want_loss, rel=bound, abs=bound)
    # Read off z - (z - dz): one rounding of z more.
    scale = np.abs(z).max() + np.abs(want_gradient).max() + 1
    np.testing.assert_allclose(gradient, want_gradient, rtol=bound, atol=bound * scale)


@pytest.mark.parametrize(("name", "from_logits"), CASES, ids=IDS)
def test_gradient_agrees_with_finite_differences_of_the_public_function(
    name: str, from_logits: bool, isa: str
) -> None:
    z, y = outputs_and_targets(name, from_logits, 1, 5, 3, np.float64)
    _, gradient = one_step(z, y, ops.Loss(name, from_logits))
    settings = {"from_logits": True} if from_logits else {}

    def value(at: np.ndarray) -> float:
        return float(getattr(losses, name)(y, at, **settings)[0])

    steps = 1e-6 * np.eye(5)
    numeric = [(value(z + step) - value(z - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("name", "from_logits"), CASES, ids=IDS)
@pytest.mark.parametrize("c", [1, 3, 21])
def test_same_bits_everywhere(
    name: str, from_logits: bool, c: int, dtype: type, several_threads: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    x = np.random.default_rng(4).normal(size=(50, 7)).astype(dtype)
    _, y = outputs_and_targets(name, from_logits, 50, c, 4, dtype)
    bounded = not from_logits and ("crossentropy" in name or name == "kl_divergence")
    digests = set()
    for isa in ops.available_isas():
        for threads in (1, 3):
            monkeypatch.setattr(ops, "_num_threads", threads)
            with ops.use_isa(isa):
                w = (ops.uniform(1, 2, 7 * c).reshape(7, c) - 0.5).astype(dtype)
                dense = ops.Dense(w, np.zeros(c, dtype), "tanh" if bounded else "linear")
                # A sigmoid of a tanh: no loss takes that tanh over, and its slope is needed.
                stages = [dense, ops.Activation("sigmoid")] if bounded else [dense]
                totals = ops.Network(stages, 7, dtype).train(
                    x, y, np.arange(50), np.full(7, 0.1), loss=ops.Loss(name, from_logits),
                    optimizer=ops.Optimizer("sgd"), batch_size=8, seed=0, step=0,
                )  # fmt: skip
                digests.add(hashlib.sha256(w.tobytes() + repr(totals).encode()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("sparse_categorical_crossentropy", "softmax"),
        ("categorical_crossentropy", "softmax"),
        ("binary_crossentropy", "sigmoid"),
    ],
)
def test_a_cross_entropy_takes_over_its_activation(name: str, link: str, dtype: type) -> None:
    """However sure and wrong the outputs are, the loss is finite and the gradient not lost."""
    z, y = np.array([[-200.0, 200.0]], dtype), np.array([[1.0, 0.0]], dtype)
    y = np.zeros(1, np.int64) if name.startswith("sparse") else y
    loss, gradient = one_step(z, y, ops.Loss(name), (ops.Activation(link),))
    want_loss, want = exact(name, True, z, y)
    assert loss == pytest.approx(want_loss)
    np.testing.assert_allclose(gradient, want, rtol=1e-5)
    dense = ops.Dense(np.zeros((1, 2), dtype), z[0].copy(), link)
    p = ops.Network([dense], 1, dtype).predict(np.ones((1, 1), dtype))
    np.testing.assert_allclose(p, LINKS[link](z.astype(np.float64)), rtol=1e-12, atol=1e-45)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize(
    "name", ["binary_crossentropy", "categorical_crossentropy", "kl_divergence"]
)
def test_probabilities_of_0_and_1_are_clipped(name: str, value: float, dtype: type) -> None:
    """The loss stays finite; what clipping has changed has no gradient."""
    z, y = np.array([[value, 0.5]], dtype), np.array([[1 - value, value]], dtype)
    loss, gradient = one_step(z, y, ops.Loss(name))
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()
    if name == "binary_crossentropy":
        assert gradient[0] == 0


@pytest.mark.parametrize(("name", "from_logits"), CASES, ids=IDS)
def test_nan_is_not_hidden(name: str, from_logits: bool, isa: str) -> None:
    z, y = outputs_and_targets(name, from_logits, 1, 3, 3, np.float64)
    z[0, 1] = np.nan
    loss, gradient = one_step(z, y, ops.Loss(name, from_logits))
    assert np.isnan(loss)
    assert np.isnan(gradient[1])


def test_hinge_takes_0_for_minus_1() -> None:
    z, zeros = np.array([[0.3, -0.2]]), np.array([[0.0, 1.0]])
    loss, gradient = one_step(z, zeros, ops.Loss("hinge"))
    same_loss, same_gradient = one_step(z, 2 * zeros - 1, ops.Loss("hinge"))
    assert loss == same_loss
    np.testing.assert_array_equal(gradient, same_gradient)


def test_cosine_of_a_zero_vector() -> None:
    loss, gradient = one_step(
        np.zeros((1, 2)), np.array([[3.0, 4.0]]), ops.Loss("cosine_similarity")
    )
    assert loss == 0
    assert np.isfinite(gradient).all()


def test_a_loss_that_is_no_function_of_logits() -> None:
    with pytest.raises(ValueError, match="mean_squared_error is no function of logits"):
        ops.Loss("mean_squared_error", from_logits=True)


@pytest.mark.parametrize(
    "y", [np.zeros(4, np.int64), np.zeros((4, 3)), np.zeros((4, 2), np.float32)]
)
def test_targets_that_do_not_fit(y: np.ndarray) -> None:
    network = ops.Network([ops.Dense(np.zeros((1, 2)), None)], 1, np.float64)
    with pytest.raises((ValueError, TypeError), match="y must"):
        network.evaluate(np.zeros((4, 1)), y, loss=ops.Loss("mean_squared_error"))


def test_every_loss_is_tested() -> None:
    from densefit import _kernels, measures, stages

    kinds: dict[str, Any] = _kernels.LOSSES
    assert tuple(kinds) == tuple(ON_OUTPUTS) == measures.LOSSES
    assert {name for name, kind in kinds.items() if len(kind) == 2} == set(ON_LOGITS)
    assert _kernels.FUSED_ACTIVATIONS == stages.FUSED_ACTIVATIONS
