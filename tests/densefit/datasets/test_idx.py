"""The IDX parser gives back what was written, and refuses everything else by name."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from densefit.datasets._idx import parse_idx


def idx(array: np.ndarray) -> bytes:
    """``array`` in the format, written independently of the parser."""
    sizes = b"".join(struct.pack(">I", n) for n in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


images = arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))


@given(images)
def test_what_was_written_is_read(array: np.ndarray) -> None:
    read = parse_idx(idx(array), array.ndim, "file")
    assert read.dtype == np.uint8
    assert read.flags.writeable
    assert read.flags.c_contiguous
    np.testing.assert_array_equal(read, array)


@given(images, st.data())
def test_every_truncation_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    content = idx(array)
    end = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(ValueError, match=r"^some-file "):
        parse_idx(content[:end], array.ndim, "some-file")


@given(images, st.binary(min_size=1, max_size=4))
def test_bytes_after_the_end_are_refused(array: np.ndarray, rest: bytes) -> None:
    with pytest.raises(ValueError, match="bytes after its last element"):
        parse_idx(idx(array) + rest, array.ndim, "file")


def test_other_number_of_dimensions_is_refused() -> None:
    with pytest.raises(ValueError, match=r"with 3 dimension.*00 00 08 03, got 00 00 08 01"):
        parse_idx(idx(np.zeros(4, np.uint8)), 3, "file")


def test_other_element_type_is_refused() -> None:
    floats = bytes([0, 0, 0x0D, 1]) + struct.pack(">If", 1, 1.0)
    with pytest.raises(ValueError, match="unsigned bytes"):
        parse_idx(floats, 1, "file")


def test_a_web_page_instead_of_data_is_refused() -> None:
    with pytest.raises(ValueError, match="3c 68 74 6d"):
        parse_idx(b"<html>not found</html>", 1, "file")
