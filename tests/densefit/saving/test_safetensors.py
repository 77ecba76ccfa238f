"""Hostile and damaged files of arrays: refused with a reason, quickly, and without their memory."""

from __future__ import annotations

import contextlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from densefit import models, safetensors
from densefit.safetensors import FormatError

ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def container(header: bytes, body: bytes = b"\0" * 8, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if length is None else length) + header + body


def refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "w").write_bytes(content)
    with pytest.raises(FormatError, match=why):
        safetensors.read(tmp_path / "w")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"dtype": "BF16"}, r"dtype 'BF16', not F32 or F64"),
        ({"dtype": ["F32"]}, r"dtype \['F32'\]"),
        ({"shape": [3]}, "another number of bytes"),
        ({"shape": [-2]}, "no valid shape"),
        ({"shape": [-2, -1]}, "no valid shape"),
        ({"shape": [2.0]}, "no valid shape"),
        ({"shape": [True, 2]}, "no valid shape"),
        ({"shape": [2**63]}, "no valid shape"),
        ({"shape": [1, 1, 2]}, "no valid shape"),
        ({"shape": "2"}, "no valid shape"),
        ({"data_offsets": [8, 0]}, "another number of bytes"),
        ({"data_offsets": [0]}, "no valid shape"),
        ({"data_offsets": [4, 12]}, "leaves a gap"),
        ({"data_offsets": [0, 8], "code": "x"}, "these only"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    refused(tmp_path, container(json.dumps({"a": ENTRY | change}).encode()), why)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "does not begin with a header"),
        (b"\0" * 7, "does not begin with a header"),
        (container(b"{}", b"", length=2**63), "does not begin with a header"),
        (container(b"{}", b"", length=3), "does not begin with a header"),
        (container(b"[]", b""), "header is not an object"),
        (container(b"\xff", b""), "damaged"),
        (container(b"{", b""), "damaged"),
        (container(b'{"a":' + b"9" * 5000 + b"}", b""), "damaged"),
        (container(b"[" * 100_000, b""), "nested too deeply"),
        (container(b'{"a":NaN}', b""), "NaN for a number"),
        (container(b'{"a":1,"a":2}', b""), "a key twice"),
        (container(b'{"__metadata__":[]}', b""), "metadata are not texts"),
        (container(b'{"__metadata__":{"a":1}}', b""), "metadata are not texts"),
        (container(b"{}", b"\0"), "should have 0 bytes after its header, but has 1"),
        (container(json.dumps({"a": ENTRY}).encode(), b"\0" * 7), "8 bytes .* but has 7"),
        (container(json.dumps({"a": ENTRY, "b": ENTRY}).encode()), "overlaps"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    refused(tmp_path, content, why)


def test_an_array_larger_than_the_file_takes_no_memory(tmp_path: Path) -> None:
    size = 2**50
    entry = {"dtype": "F32", "shape": [2**24, 2**24], "data_offsets": [0, size]}
    refused(tmp_path, container(json.dumps({"a": entry}).encode()), f"should have {size} bytes")


floats = st.floats(width=32, allow_nan=False)


@given(
    arrays=st.dictionaries(
        st.text(max_size=5).filter(lambda s: s != "__metadata__"),
        st.lists(floats, max_size=5),
        max_size=4,
    ),
    metadata=st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=3),
)
def test_what_is_written_is_read(
    arrays: dict[str, list[float]],
    metadata: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.getbasetemp() / "arrays"
    values = {name: np.array(v, np.float32) for name, v in arrays.items()}
    safetensors.write(path, list(values), list(values.values()), metadata)
    found, texts = safetensors.read(path)
    np.testing.assert_equal(found, values)
    assert texts == metadata


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
configs = st.fixed_dictionaries(
    {
        "name": st.text(max_size=3) | json_values,
        "dtype": st.sampled_from(["float32", "int8"]) | json_values,
        "sample_shape": st.just([3]) | json_values,
        "layers": json_values
        | st.lists(
            st.fixed_dictionaries(
                {
                    "class_name": st.sampled_from(["Dense", "Dropout", "Input", "Layer"]),
                    "config": json_values
                    | st.dictionaries(
                        st.sampled_from(["units", "rate", "activation", "kernel_initializer"]),
                        json_values | st.integers(1, 10**9),
                    ),
                }
            ),
            max_size=3,
        ),
    }
)


@given(config=configs)
def test_a_hostile_model_is_refused_or_harmless(
    config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile"
    metadata = {"format": "densefit-model-1", "model": json.dumps(config)}
    safetensors.write(path, [], [], metadata)
    with contextlib.suppress(ValueError):
        models.load_model(path)


def test_a_model_of_a_hundred_thousand_layers_is_refused(tmp_path: Path) -> None:
    config = {"name": "m", "dtype": "float32", "sample_shape": [1], "layers": [0] * 100_000}
    metadata = {"format": "densefit-model-1", "model": json.dumps(config)}
    safetensors.write(tmp_path / "m", [], [], metadata)
    with pytest.raises(ValueError, match="more than 1000 layers"):
        models.load_model(tmp_path / "m")


def test_a_file_of_keras_gets_advice(tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(ValueError, match=r"\.keras file of Keras: save its weights"):
        models.load_model(tmp_path / "m.keras")
