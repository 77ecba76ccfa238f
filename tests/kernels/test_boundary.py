"""Arrays of every kind go through the boundary: taken as what they say, or refused by name.

Shapes without elements, strides forwards, backwards and of 0, other byte orders and types, arrays
that are not aligned, read-only ones and ones that share memory. `make sanitize` runs this too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit import _kernels, functional, ops

Array = np.ndarray[Any, Any]
LAYOUTS = (
    "plain", "fortran", "reversed", "every other", "broadcast", "not aligned", "read-only",
    "big-endian", "float32", "float16", "int8", "bool", "list",
)  # fmt: skip
SIZES = st.integers(0, 9)


def laid_out(values: Array, layout: str) -> Any:
    """Other memory with the same ``values``, as far as its type can hold them."""
    if layout == "fortran":
        return np.asfortranarray(values)
    if layout == "reversed":
        return np.ascontiguousarray(values[::-1])[::-1]
    if layout == "every other":
        return np.repeat(values, 2, axis=-1)[..., ::2]
    if layout == "broadcast":
        return np.broadcast_to(values[..., :1], values.shape)
    if layout == "not aligned":
        memory = np.zeros(values.nbytes + 1, np.uint8)
        array = memory[1:].view(values.dtype).reshape(values.shape)
        array[...] = values
        return array
    if layout == "read-only":
        array = values.copy()
        array.flags.writeable = False
        return array
    types = {"big-endian": ">f8", "float32": "f4", "float16": "f2", "int8": "i1", "bool": "?"}
    return values.astype(types[layout]) if layout in types else values.copy()


@st.composite
def arrays(draw: st.DrawFn, *shape: int) -> Any:
    """An array of the shape, of any layout; small whole numbers, which every type holds."""
    seed = draw(st.integers(0, 2**32 - 1))
    values = np.random.default_rng(seed).integers(-4, 5, shape).astype(np.float64)
    layout = draw(st.sampled_from(LAYOUTS))
    if layout == "list" and values.size:
        return values.tolist()
    return laid_out(values, layout if layout != "list" else "plain")


def plain(array: Any) -> Array:
    """The same numbers in the memory that the kernels like best."""
    kind = np.float32 if getattr(array, "dtype", None) == np.float32 else np.float64
    return np.array(array, dtype=kind, order="C", copy=True)


def same_as_plain(function: Callable[..., Any], *given: Any) -> Any:
    """The result, which is that of plain arrays to the bit; the arguments stay as they were."""
    before = [np.array(a) for a in given]
    result = function(*given)
    dtype = np.result_type(*map(plain, given))
    expected = function(*(plain(a).astype(dtype) for a in given))
    for left, right in zip(np.atleast_1d(result), np.atleast_1d(expected), strict=True):
        np.testing.assert_array_equal(left, right)
    np.testing.assert_equal([np.array(a) for a in given], before)
    return result


@given(data=st.data(), n=SIZES, d=SIZES, m=SIZES)
def test_dense(data: st.DataObject, n: int, d: int, m: int) -> None:
    x, w, b, dz = (data.draw(arrays(*shape)) for shape in ((n, d), (d, m), (m,), (n, m)))
    if any(isinstance(a, list) for a in (x, w, b, dz)):
        x, w, b, dz = (np.array(a, dtype=float) for a in (x, w, b, dz))
    z = functional.dense_forward(x, w, b)
    np.testing.assert_array_equal(z, plain(x).astype(float) @ plain(w) + plain(b))
    dx, dw, db = functional.dense_backward(dz, x, w)
    # Small whole numbers: every order of summation gives the same.
    np.testing.assert_array_equal(dx, plain(dz).astype(float) @ plain(w).T)
    np.testing.assert_array_equal(dw, plain(x).astype(float).T @ plain(dz))
    np.testing.assert_array_equal(db, plain(dz).sum(axis=0))


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid"])
@given(data=st.data())
def test_elementwise(name: str, data: st.DataObject) -> None:
    shape = data.draw(st.lists(SIZES, min_size=1, max_size=3))
    z = data.draw(arrays(*shape))
    same_as_plain(getattr(functional, f"{name}_forward"), z)
    da = plain(z)[::-1]
    backward = getattr(functional, f"{name}_backward")
    np.testing.assert_array_equal(backward(da, z), backward(plain(da), plain(z)))


@given(data=st.data(), n=SIZES, c=st.integers(1, 9))
def test_softmax(data: st.DataObject, n: int, c: int) -> None:
    same_as_plain(functional.softmax, np.asarray(data.draw(arrays(n, c))).reshape(n, c))


@given(data=st.data(), shape=st.lists(SIZES, min_size=1, max_size=3))
def test_sgd_update_of_an_array_by_itself(data: st.DataObject, shape: list[int]) -> None:
    """Arguments may share their memory, wholly or in part."""
    param = np.asarray(data.draw(arrays(*shape)))
    np.testing.assert_array_equal(
        functional.sgd_update(param, param, 0.5), plain(param) - plain(param) / 2
    )
    if len(param) > 1:
        left, right = param[:-1], param[1:]
        np.testing.assert_array_equal(
            functional.sgd_update(left, right, 0.5), plain(left) - plain(right) / 2
        )


LABELS = {
    "int64": lambda y: y.astype(np.int64),
    "int8": lambda y: y.astype(np.int8),
    "uint64": lambda y: y.astype(np.uint64),
    "float32": lambda y: y.astype(np.float32),
    "big-endian": lambda y: y.astype(">i8"),
    "column": lambda y: y.astype(np.int64)[:, None],
    "reversed": lambda y: np.ascontiguousarray(y[::-1])[::-1],
    "not aligned": lambda y: laid_out(y.astype(np.int64), "not aligned"),
    "list": lambda y: y.tolist(),
}


@pytest.mark.parametrize("kind", LABELS)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 9), c=st.integers(2, 5))
def test_labels(kind: str, seed: int, n: int, c: int) -> None:
    rng = np.random.default_rng(seed)
    z, y = rng.normal(size=(n, c)), rng.integers(0, c, n)
    loss, dz = functional.softmax_cross_entropy(z, LABELS[kind](y))
    expected_loss, expected_dz = functional.softmax_cross_entropy(z, y)
    assert loss == expected_loss
    np.testing.assert_array_equal(dz, expected_dz)


@given(data=st.data(), bad=st.sampled_from([-1, -(2**63), 2**63 - 1, "classes"]))
def test_labels_out_of_bounds_are_never_read(data: st.DataObject, bad: Any) -> None:
    n, c = data.draw(st.integers(1, 9)), data.draw(st.integers(2, 5))
    y = np.zeros(n, np.int64)
    y[data.draw(st.integers(0, n - 1))] = c if bad == "classes" else bad
    with pytest.raises(ValueError, match=r"labels from 0 to"):
        functional.softmax_cross_entropy(np.zeros((n, c)), y)


@pytest.mark.parametrize(
    "dtype", ["c16", "O", "S3", "U3", "M8[s]", "m8[s]", "V4", [("a", "f8")]], ids=str
)
def test_what_is_no_number_is_refused(dtype: Any) -> None:
    with pytest.raises(TypeError, match="z must hold numbers, got an array of dtype"):
        functional.relu_forward(np.zeros((2, 2), dtype))


@pytest.mark.parametrize("shape", [(2,), (2, 3, 4), ()], ids=str)
def test_other_numbers_of_dimensions_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="x must have 2 dimensions"):
        functional.dense_forward(np.zeros(shape), np.zeros((2, 2)), np.zeros(2))
    with pytest.raises(ValueError, match="z must have 2 dimensions"):
        functional.softmax(np.zeros(shape))


# ---------------------------------------------------------------- the boundary itself

GOOD = {
    "x": ((3, 4), "f8"), "w": ((4, 2), "f8"), "b": ((2,), "f8"), "z": ((3, 2), "f8"),
}  # fmt: skip


def bad_versions(shape: tuple[int, ...], written: bool) -> dict[str, Any]:
    good = np.zeros(shape)
    versions = {
        "longer": np.zeros((shape[0] + 1, *shape[1:])),
        "shorter": np.zeros((*shape[:-1], shape[-1] - 1)),
        "empty": np.zeros((0, *shape[1:])),
        "one dimension more": good[None],
        "float32": good.astype("f4"),
        "int64": good.astype("i8"),
        "big-endian": good.astype(">f8"),
        "every other": laid_out(good, "every other"),
        "not aligned": laid_out(good, "not aligned"),
        "memory not aligned": memoryview(bytearray(good.nbytes + 1))[1:].cast("d", shape),
        "a list": good.tolist(),
        "a number": 1.0,
    }
    return versions | ({"read-only": laid_out(good, "read-only")} if written else {})


@pytest.mark.parametrize("name", GOOD)
def test_the_boundary_refuses_what_ops_would_not_pass(name: str) -> None:
    for kind, bad in bad_versions(GOOD[name][0], written=name == "z").items():
        arguments = {key: np.zeros(shape) for key, (shape, _) in GOOD.items()} | {name: bad}
        try:
            _kernels.dense_forward(**arguments)
        except (TypeError, ValueError, AttributeError, IndexError):
            continue
        pytest.fail(f"{name} was taken though it is {kind}")


def network(n_in: int, widths: list[int], dtype: type, activation: str) -> ops.Network:
    stages: list[ops.Stage] = []
    for i, width in enumerate(widths):
        before = widths[i - 1] if i else n_in
        w = ops.normal(3, i, before * width).reshape(before, width).astype(dtype)
        stages.append(ops.Dense(w, np.zeros(width, dtype), activation))
    return ops.Network([*stages, ops.Activation("softmax")], n_in, dtype)


@given(
    n=st.integers(0, 40),
    n_in=st.integers(1, 70),
    widths=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    dtype=st.sampled_from([np.float32, np.float64]),
    activation=st.sampled_from(["relu", "tanh", "sigmoid", "linear"]),
    zeros=st.sampled_from([0.0, 0.5, 1.0]),
    isa=st.sampled_from(ops.available_isas()),
)
def test_networks_of_odd_shapes(
    n: int, n_in: int, widths: list[int], dtype: type, activation: str, zeros: float, isa: str
) -> None:
    """Whole epochs, with batches that do not divide the samples: within memory, and finite."""
    x = ops.normal(1, 0, n * n_in).reshape(n, n_in).astype(dtype)
    x[ops.uniform(1, 1, x.size).reshape(x.shape) < zeros] = 0
    y = np.arange(n, dtype=np.int64) % widths[-1]
    with ops.use_isa(isa):
        net = network(n_in, widths, dtype, activation)
        loss, batch = ops.Loss("sparse_categorical_crossentropy"), 7
        totals = net.train(
            ops.Inputs(x), y, ops.permutation(0, 0, n), np.full(-(-n // batch), 0.01),
            loss=loss, optimizer=ops.Optimizer("sgd"), batch_size=batch, seed=0, step=0,
        )  # fmt: skip
        assert np.isfinite(totals.loss)
        assert totals.samples == n
        outputs = net.predict(x)
    assert outputs.shape == (n, widths[-1])
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)


BAD_DATA: dict[str, dict[str, Any]] = {
    "x too narrow": {"x": np.zeros((4, 2))},
    "x of the other type": {"x": np.zeros((4, 3), np.float32)},
    "x not contiguous": {"x": np.zeros((4, 6))[:, ::2]},
    "x backwards": {"x": np.zeros((4, 3))[::-1]},
    "x not aligned": {"x": laid_out(np.zeros((4, 3)), "not aligned")},
    "too few labels": {"y": np.zeros(3, np.int64)},
    "a label too high": {"y": np.array([0, 1, 2, 0])},
    "a label below 0": {"y": np.array([0, 1, -1, 0])},
    "labels of the other type": {"y": np.zeros(4, np.int32)},
    "targets too wide": {"y": np.zeros((4, 3))},
    "an index too high": {"order": np.array([0, 1, 4])},
    "an index below 0": {"order": np.array([0, -1, 2])},
    "an order not aligned": {"order": laid_out(np.arange(4), "not aligned")},
    "more rates than batches": {"learning_rates": np.zeros(3)},
    "rates of the other type": {"learning_rates": np.zeros(2, np.float32)},
    "a batch of nothing": {"batch_size": 0},
    "a batch below 0": {"batch_size": -2},
    "too few weights": {"sample_weight": np.zeros(3)},
    "weights of the other type": {"sample_weight": np.zeros(4, np.float32)},
    "a step below 0": {"step": -1},
    "a seed below 0": {"seed": -1},
    "a missing slot": {"optimizer": ops.Optimizer("adam", {}, [[], []])},
    "a slot too short": {
        "optimizer": ops.Optimizer("adagrad", {}, [[np.zeros((3, 1))], [np.zeros(2)]])
    },
    "a read-only slot": {
        "optimizer": ops.Optimizer(
            "adagrad", {}, [[laid_out(np.zeros((3, 2)), "read-only")], [np.zeros(2)]]
        )
    },
}


@pytest.mark.parametrize("what", BAD_DATA)
def test_training_refuses(what: str) -> None:
    arguments: dict[str, Any] = {
        "x": np.zeros((4, 3)),
        "y": np.zeros(4, np.int64),
        "order": np.arange(4),
        "learning_rates": np.zeros(2),
        "loss": ops.Loss("sparse_categorical_crossentropy"),
        "optimizer": ops.Optimizer("sgd"),
        "batch_size": 2,
        "seed": 0,
        "step": 0,
    }
    net = network(3, [2], np.float64, "linear")
    net.train(**arguments)
    before = [s.w.copy() for s in net.stages if isinstance(s, ops.Dense)]
    with pytest.raises((ValueError, TypeError, OverflowError, IndexError)):
        net.train(**arguments | BAD_DATA[what])
    np.testing.assert_equal([s.w for s in net.stages if isinstance(s, ops.Dense)], before)


@pytest.mark.parametrize("kind", ["read-only", "not aligned", "fortran", "big-endian", "float32"])
def test_weights_that_training_could_not_write_are_refused(kind: str) -> None:
    stage = ops.Dense(laid_out(np.ones((3, 2)), kind), np.zeros(2), "softmax")
    with pytest.raises((ValueError, TypeError), match="w of stage 0"):
        ops.Network([stage], 3, np.float64).predict(np.zeros((1, 3)))


def test_errors_say_what_is_wrong_with_the_memory() -> None:
    good = np.zeros((3, 2))
    with pytest.raises(TypeError, match="got float64 that is not aligned"):
        _kernels.softmax(good, laid_out(good, "not aligned"))
    with pytest.raises(TypeError, match="got float64 in the byte order of other machines"):
        _kernels.softmax(good, good.astype(">f8"))
    with pytest.raises(TypeError, match="z must be of type float32 or float64, got int64"):
        _kernels.softmax(good.astype(np.int64), good)
    with pytest.raises(ValueError, match="p is not aligned"):
        _kernels.softmax(good, bad_versions((3, 2), True)["memory not aligned"])
