"""The stateless functions against the reference, against finite differences, and on bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from densefit import functional, ops, reference

ULP = {np.float32: 2.0**-23, np.float64: 2.0**-52}
FLOATS = st.sampled_from([np.float32, np.float64])
ACTIVATIONS = ["relu", "tanh", "sigmoid"]
SIDES = st.integers(0, 40)


def drawn(seed: int, *shape: int, dtype: type) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def close(got: np.ndarray, exact: np.ndarray, bound: np.ndarray | float) -> None:
    """|got - exact| ≤ bound elementwise, the bound in ulps of 1 of the result's type."""
    assert got.dtype in (np.float32, np.float64)
    allowed = np.asarray(bound) * ULP[got.dtype.type]
    assert np.all(np.abs(got.astype(np.float64) - exact) <= allowed + 1e-300)


@settings(deadline=None)
@given(FLOATS, SIDES, st.integers(1, 130), st.integers(1, 40), st.integers(0, 99))
def test_dense_forward_agrees_with_the_reference(
    dtype: type, n: int, d: int, m: int, seed: int
) -> None:
    x, w, b = (drawn(seed, *s, dtype=dtype) for s in ((n, d), (d, m), (m,)))
    # A chain of d fused multiply-adds errs by at most d·u·Σ|x·w|, the bias by one rounding more.
    bound = (d + 2) * (reference.dense_forward(abs(x), abs(w), abs(b)))
    close(functional.dense_forward(x, w, b), reference.dense_forward(x, w, b), bound)


@settings(deadline=None)
@given(FLOATS, SIDES, st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_dense_backward_agrees_with_the_reference(
    dtype: type, n: int, d: int, m: int, seed: int
) -> None:
    dz, x, w = (drawn(seed, *s, dtype=dtype) for s in ((n, m), (n, d), (d, m)))
    bounds = reference.dense_backward(abs(dz), abs(x), abs(w))
    exact = reference.dense_backward(dz, x, w)
    for got, want, bound in zip(functional.dense_backward(dz, x, w), exact, bounds, strict=True):
        close(got, want, (max(n, m) + 2) * bound)


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(z=hnp.arrays(np.float64, hnp.array_shapes(max_dims=3), elements=st.floats(-30, 30)))
def test_activations_agree_with_the_reference(name: str, z: np.ndarray) -> None:
    for dtype in (np.float32, np.float64):
        given_z = z.astype(dtype)
        exact = getattr(reference, f"{name}_forward")(given_z)
        got = getattr(functional, f"{name}_forward")(given_z)
        assert got.shape == z.shape
        close(got, exact, 3 * np.abs(exact))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_gradients_agree_with_finite_differences(
    name: str, dtype: type, isa: str
) -> None:
    z = drawn(3, 7, 11, dtype=dtype)
    z[np.abs(z) < 0.01] = 0.5  # away from the kink
    da, step = drawn(4, 7, 11, dtype=dtype), 1e-5
    forward = getattr(reference, f"{name}_forward")
    wide = z.astype(np.float64)
    slope = (forward(wide + step) - forward(wide - step)) / (2 * step)
    got = getattr(functional, f"{name}_backward")(da, z)
    np.testing.assert_allclose(got, da * slope, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(0, 4), (1, 1), (1, 5), (7, 3), (33, 17)])
def test_whole_layer_gradient_by_directional_derivative(
    name: str, shape: tuple[int, int], isa: str
) -> None:
    """⟨cotangent, J·direction⟩ from the backward pass and from two forward passes."""
    (n, d), m, h = shape, 6, 1e-6
    x, w, b = (drawn(s, *size, dtype=np.float64) for s, size in enumerate([(n, d), (d, m), (m,)]))
    cotangent = drawn(9, n, m, dtype=np.float64)

    def value(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> float:
        z = functional.dense_forward(x, w, b)
        return float((cotangent * getattr(functional, f"{name}_forward")(z)).sum())

    z = functional.dense_forward(x, w, b)
    dz = getattr(functional, f"{name}_backward")(cotangent, z)
    gradients = functional.dense_backward(dz, x, w)
    for i, gradient in enumerate(gradients):
        direction = drawn(20 + i, *gradient.shape, dtype=np.float64)
        plus, minus = [x, w, b], [x, w, b]
        plus[i], minus[i] = plus[i] + h * direction, minus[i] - h * direction
        numeric = (value(*plus) - value(*minus)) / (2 * h)
        assert (gradient * direction).sum() == pytest.approx(numeric, rel=1e-5, abs=1e-6)


@settings(deadline=None)
@given(FLOATS, st.integers(1, 30), st.integers(1, 60), st.integers(0, 99), st.floats(0.1, 50))
def test_softmax_cross_entropy_agrees_with_the_reference(
    dtype: type, n: int, c: int, seed: int, scale: float
) -> None:
    z = (drawn(seed, n, c, dtype=np.float64) * scale).astype(dtype)
    y = np.random.default_rng(seed).integers(0, c, n)
    loss, dz = functional.softmax_cross_entropy(z, y)
    exact_loss, exact_dz = reference.softmax_cross_entropy(z, y)
    close(dz, exact_dz, (c + 4 + np.abs(z).max()) / n)
    assert abs(loss - exact_loss) <= (c + 4 + np.abs(z).max() * (2 * n + 4)) * ULP[dtype]
    assert loss >= 0
    p = functional.softmax(z)
    close(p, reference.softmax(z), c + 4 + np.abs(z).max())
    close(p.sum(axis=1), np.ones(n), c + 4)


def test_one_hot_targets_give_the_bits_of_labels(dtype: type, isa: str) -> None:
    z, y = drawn(1, 50, 7, dtype=dtype), np.arange(50) % 7
    by_label = functional.softmax_cross_entropy(z, y)
    by_target = functional.softmax_cross_entropy(z, np.eye(7)[y])
    assert by_label[0] == by_target[0]
    assert by_label[1].tobytes() == by_target[1].tobytes()


def test_soft_targets_agree_with_the_reference(dtype: type, isa: str) -> None:
    z = drawn(1, 20, 9, dtype=dtype)
    y = np.random.default_rng(2).dirichlet(np.ones(9), 20).astype(dtype)
    loss, dz = functional.softmax_cross_entropy(z, y)
    exact_loss, exact_dz = reference.softmax_cross_entropy(z, y)
    assert loss == pytest.approx(exact_loss, rel=20 * ULP[dtype])
    close(dz, exact_dz, 1.0)


@pytest.mark.parametrize("c", [1, 2, 10, 16, 17, 129, 1000])
def test_softmax_of_huge_logits_is_finite(c: int, dtype: type, isa: str) -> None:
    z = np.zeros((2, c), dtype)
    z[0, -1], z[1, 0] = 1e30, -1e30
    p = functional.softmax(z)
    assert np.isfinite(p).all()
    close(p, reference.softmax(z), c + 4)
    loss, dz = functional.softmax_cross_entropy(z, np.array([c - 1, 0]))
    assert np.isfinite(dz).all()
    assert loss == pytest.approx(reference.softmax_cross_entropy(z, np.array([c - 1, 0]))[0])


def test_sgd_update_is_one_rounding(dtype: type, isa: str) -> None:
    param, grad = drawn(1, 5, 7, dtype=dtype), drawn(2, 5, 7, dtype=dtype)
    rate = float(dtype(0.1))
    got = functional.sgd_update(param, grad, rate)
    exact = param.astype(np.longdouble) - np.longdouble(rate) * grad.astype(np.longdouble)
    assert np.all(got == exact.astype(dtype))


@settings(deadline=None)
@given(st.data())
def test_layout_of_the_input_does_not_matter(data: st.DataObject) -> None:
    """Fortran order, slices, negative strides and read-only arrays give the bits of a copy."""
    dtype = data.draw(FLOATS)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    views = [
        lambda a: np.asfortranarray(a),
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a[::-1].copy()[::-1],
        lambda a: np.lib.stride_tricks.as_strided(a, writeable=False),
    ]
    x, w, b = (rng.normal(size=s).astype(dtype) for s in ((9, 5), (5, 4), (4,)))
    plain = functional.dense_forward(x, w, b)
    viewed = [data.draw(st.sampled_from(views))(a) for a in (x, w, b)]
    before = [a.copy() for a in viewed]
    assert functional.dense_forward(*viewed).tobytes() == plain.tobytes()
    assert all(np.array_equal(a, b) for a, b in zip(viewed, before, strict=True))
    gradients = functional.dense_backward(plain, viewed[0], viewed[1])
    for got, want in zip(gradients, functional.dense_backward(plain, x, w), strict=True):
        assert got.tobytes() == want.tobytes()


def test_dtype_of_the_result() -> None:
    one = np.ones((2, 2), np.float32)
    assert functional.relu_forward(one).dtype == np.float32
    assert functional.relu_forward([[1, -2]]).dtype == np.float64
    assert functional.dense_forward(one, one, np.ones(2)).dtype == np.float64


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f.dense_forward(np.ones((2, 3)), np.ones((4, 5)), np.ones(5)), ValueError,
         r"w must have shape \(3, 5\) to follow x of shape \(2, 3\), got \(4, 5\)"),
        (lambda f: f.dense_forward(np.ones((2, 3)), np.ones((3, 5)), np.ones(4)), ValueError,
         r"b must have shape \(5,\) for w of shape \(3, 5\), got \(4,\)"),
        (lambda f: f.dense_forward(np.ones(3), np.ones((3, 5)), np.ones(5)), ValueError,
         r"x must have 2 dimensions, got shape \(3,\)"),
        (lambda f: f.dense_backward(np.ones((2, 4)), np.ones((2, 3)), np.ones((3, 5))), ValueError,
         r"dz must have shape \(2, 5\)"),
        (lambda f: f.relu_forward([[1.0, np.nan]]), ValueError, r"z must be finite, but z\[0, 1\]"),
        (lambda f: f.relu_forward(np.inf), ValueError, "z must be finite, but z is inf"),
        (lambda f: f.relu_forward(["a"]), TypeError, "z must hold numbers, got an array of dtype"),
        (lambda f: f.relu_forward([1j]), TypeError, "z must hold numbers"),
        (lambda f: f.relu_forward([[1], [2, 3]]), TypeError, "z cannot be made an array"),
        (lambda f: f.relu_backward(np.ones(2), np.ones(3)), ValueError,
         r"da must have shape \(3,\) like z, got \(2,\)"),
        (lambda f: f.softmax(np.ones((2, 0))), ValueError, "at least one class"),
        (lambda f: f.softmax_cross_entropy(np.ones((2, 3)), [0, 3]), ValueError,
         r"labels from 0 to 2 \(3 classes\), but y\[1\] is 3"),
        (lambda f: f.softmax_cross_entropy(np.ones((2, 3)), [0.0, 0.5]), ValueError,
         r"integer labels, but y\[1\] is 0.5"),
        (lambda f: f.softmax_cross_entropy(np.ones((2, 3)), [-1, 0]), ValueError, r"y\[0\] is -1"),
        (lambda f: f.softmax_cross_entropy(np.ones((2, 3)), [1]), ValueError, "y must have 2"),
        (lambda f: f.softmax_cross_entropy(np.ones((0, 3)), []), ValueError, "no samples"),
        (lambda f: f.sgd_update(np.ones(2), np.ones(3), 0.1), ValueError, "grad must have shape"),
        (lambda f: f.minibatches(np.ones(2), np.ones(3), 1, None), ValueError, "same length"),
        (lambda f: f.minibatches(np.ones(2), np.ones(2), 0, None), ValueError, "at least 1"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(functional)  # type: ignore[operator]


@given(st.integers(0, 30), st.integers(1, 12), st.integers(0, 99))
def test_minibatches_partition_the_data(n: int, size: int, seed: int) -> None:
    x, y = np.arange(n) * 10.0, np.arange(n)
    batches = list(functional.minibatches(x, y, size, np.random.default_rng(seed)))
    assert [len(b[0]) for b in batches] == [min(size, n - i) for i in range(0, n, size)]
    assert sorted(v for _, yb in batches for v in yb.tolist()) == list(range(n))
    assert all((xb == yb * 10).all() for xb, yb in batches)
    mirrored = list(reference.minibatches(x, y, size, np.random.default_rng(seed)))
    assert all((a[1] == b[1]).all() for a, b in zip(batches, mirrored, strict=True))


def test_mirrors_the_reference() -> None:
    assert functional.__all__ == reference.__all__


def test_every_instruction_set_gives_the_same_bits(dtype: type) -> None:
    def digest() -> bytes:
        x, w, b, dz = (
            drawn(i, *s, dtype=dtype) for i, s in enumerate([(13, 37), (37, 21), (21,), (13, 21)])
        )
        z = functional.dense_forward(x, w, b)
        parts = [z, *functional.dense_backward(dz, x, w), functional.softmax(z)]
        parts += [getattr(functional, f"{a}_forward")(z) for a in ACTIVATIONS]
        parts += [getattr(functional, f"{a}_backward")(dz, z) for a in ACTIVATIONS]
        parts += [functional.softmax_cross_entropy(z, np.arange(13))[1]]
        return b"".join(p.tobytes() for p in parts)

    results = set()
    for name in ops.available_isas():
        with ops.use_isa(name):
            results.add(digest())
    assert len(results) == 1
