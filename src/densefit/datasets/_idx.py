"""The IDX format of the MNIST family: a magic number, the sizes, then unsigned bytes.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", file formats.
"""

from __future__ import annotations

import math
import struct

import numpy as np
from numpy.typing import NDArray

UNSIGNED_BYTE = 0x08


def parse_idx(content: bytes, ndim: int, name: str) -> NDArray[np.uint8]:
    """The array of ``ndim`` dimensions that the bytes of an (unzipped) IDX file describe.

    Layout: ``00 00 08 ndim``, then ``ndim`` big-endian 32-bit sizes, then one byte per element,
    last axis fastest. Returns a new, writable, C-contiguous uint8 array.

    Raises ``ValueError``, naming ``name``, when the magic number, the number of dimensions or the
    length differs; a file may neither end early nor go on after the last element.
    """
    header = 4 + 4 * ndim
    magic = bytes((0, 0, UNSIGNED_BYTE, ndim))
    if content[:4] != magic:
        raise ValueError(
            f"{name} is not an IDX file of unsigned bytes with {ndim} dimension(s): "
            f"expected it to start with {magic.hex(' ')}, got {content[:4].hex(' ') or 'nothing'}"
        )
    if len(content) < header:
        raise ValueError(
            f"{name} is truncated: its header needs {header} bytes, the file has {len(content)}"
        )
    shape = struct.unpack(f">{ndim}I", content[4:header])
    expected = header + math.prod(shape)
    if len(content) != expected:
        trouble = "is truncated" if len(content) < expected else "has bytes after its last element"
        raise ValueError(
            f"{name} {trouble}: shape {shape} needs {expected} bytes, the file has {len(content)}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape).copy()
