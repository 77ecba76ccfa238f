"""What goes in comes out, bit for bit; what is not allowed never gets in."""

from __future__ import annotations

import io
import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox import protocol
from grader.sandbox.protocol import (
    MAGIC,
    PREFIX,
    Decoder,
    Encoder,
    Iterated,
    ProtocolError,
    Seed,
    Unsupported,
    arrange,
    layout_of,
    pack,
    read_frame,
)

arrays = hnp.arrays(
    st.sampled_from(sorted(protocol.DTYPES)).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.builds(Seed, st.integers(0, 2**63 - 1), st.none() | st.integers(0, 9))
)
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


def through_a_frame(value: Any) -> Any:
    encoder = Encoder()
    frame = pack({"value": encoder.encode(value)}, encoder.chunks)
    header, payload = read_frame(io.BytesIO(frame).read)
    decoder = Decoder(payload)
    result = decoder.decode(header["value"])
    decoder.finish()
    return result


def same(a: Any, b: Any) -> bool:
    if isinstance(a, (np.ndarray, np.generic)):
        return (
            type(a) is type(b)
            and a.dtype == b.dtype
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
        )
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float) and math.isnan(a):
        return math.isnan(b)
    return type(a) is type(b) and a == b


@given(values)
def test_round_trip(value: Any) -> None:
    assert same(value, through_a_frame(value))


@given(arrays, st.sampled_from(protocol.LAYOUTS))
def test_layouts_keep_values_and_arrive(array: np.ndarray, layout: str) -> None:
    laid_out = arrange(array, layout)
    assert laid_out.tobytes() == array.tobytes()
    arrived = through_a_frame(laid_out)
    assert layout_of(arrived) == layout_of(laid_out)
    assert arrived.flags.writeable


@pytest.mark.parametrize("layout", protocol.LAYOUTS)
def test_each_layout_is_what_it_says(layout: str) -> None:
    assert layout_of(arrange(np.arange(6.0).reshape(2, 3), layout)) == layout


def test_arrays_are_rebuilt_as_the_base_class_with_memory_of_their_own() -> None:
    class Cunning(np.ndarray):
        def __eq__(self, other: object) -> bool:  # type: ignore[override]
            return True

        __hash__ = None  # type: ignore[assignment]

    arrived = through_a_frame(np.arange(3.0).view(Cunning))
    assert type(arrived) is np.ndarray
    assert not (arrived == 7.0).any()


class Lies(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


def test_numbers_lose_their_subclass() -> None:
    assert type(through_a_frame(Lies(2.0))) is float


@pytest.mark.parametrize(
    "value",
    [object(), 1j, {1, 2}, np.array(["a"]), np.array([None]), np.complex64(1), 2**63, {1: 2}],
)
def test_other_types_arrive_as_their_name_only(value: Any) -> None:
    arrived = through_a_frame([value])[0]
    assert isinstance(arrived, Unsupported)
    assert arrived.type_name


def test_iterators_are_run_and_cut_off() -> None:
    assert through_a_frame(iter([1, 2])) == Iterated([1, 2], True)
    encoder = Encoder(items=3)
    assert encoder.encode(iter(range(10**9))) == {"iterator": [0, 1, 2], "complete": False}


def test_too_deep_too_many_and_too_large_are_refused() -> None:
    deep: list[Any] = []
    for _ in range(protocol.DEPTH + 1):
        deep = [deep]
    for value, encoder in (
        (deep, Encoder()),
        ([0] * (protocol.NODES + 1), Encoder()),
        (np.zeros(100), Encoder(payload_bytes=799)),
    ):
        with pytest.raises(ProtocolError):
            encoder.encode(value)


malicious_nodes = [
    {"array": "object", "shape": [1], "layout": "C"},
    {"array": "float64", "shape": [-1], "layout": "C"},
    {"array": "float64", "shape": [2**39, 2**39], "layout": "C"},
    {"array": "float64", "shape": [True], "layout": "C"},
    {"array": "float64", "shape": [1.0], "layout": "C"},
    {"array": "float64", "shape": [1] * 9, "layout": "C"},
    {"array": "float64", "shape": [100], "layout": "C"},
    {"array": "float64", "shape": [1], "layout": "K"},
    {"array": "bool", "shape": [8], "layout": "C"},
    {"float": "1e999"},
    {"rng": -1, "shared": None},
    {"dict": [["a"]]},
    {"dict": [[1, 2]]},
    {"pickle": "gASV"},
    {},
    2**63,
]


@pytest.mark.parametrize("node", malicious_nodes, ids=repr)
def test_malicious_nodes_are_refused(node: Any) -> None:
    with pytest.raises(ProtocolError):
        Decoder(b"\xff" * 8).decode(node)


def test_a_nest_beyond_the_depth_is_refused() -> None:
    node: list[Any] = []
    for _ in range(100):
        node = [node]
    with pytest.raises(ProtocolError):
        Decoder(b"").decode(node)


def test_bytes_that_belong_to_nothing_are_refused() -> None:
    with pytest.raises(ProtocolError):
        Decoder(b"x").finish()


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_an_error_and_nothing_else(data: bytes) -> None:
    def read(count: int) -> bytes:
        part = stream.read(count)
        if len(part) < count:
            raise EOFError
        return part

    stream = io.BytesIO(data)
    with pytest.raises((ProtocolError, EOFError)):
        read_frame(read)


@pytest.mark.parametrize(
    "frame",
    [
        PREFIX.pack(b"evil", 2, 0) + b"{}",
        PREFIX.pack(MAGIC, 2**32 - 1, 0),
        PREFIX.pack(MAGIC, 2, 2**63) + b"{}",
        PREFIX.pack(MAGIC, 2, 0) + b"[]",
        PREFIX.pack(MAGIC, 4, 0) + b"{nan",
        PREFIX.pack(MAGIC, 200_000, 0) + b"[" * 200_000,
        PREFIX.pack(MAGIC, 6000, 0) + b"9" * 6000,
    ],
)
def test_malicious_frames_are_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_frame(io.BytesIO(frame).read)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_decoding_any_json_gives_a_value_or_a_protocol_error(node: Any) -> None:
    try:
        Decoder(b"").decode(json.loads(json.dumps(node)))
    except ProtocolError:
        pass


def test_the_prefix_is_fixed() -> None:
    assert struct.calcsize(PREFIX.format) == 16
