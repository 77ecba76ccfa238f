"""Named arrays in one file, in the safetensors format.

8 bytes with the length of a JSON header, the header, then the arrays, little-endian and
C-contiguous, without gaps (https://github.com/huggingface/safetensors). Nothing in it is code, and
``read`` takes no more memory than the file is long, so a file from anybody can be read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

__all__ = ["FormatError", "parse_json", "read", "write"]

_TYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
_LARGEST_HEADER = 1_000_000
_METADATA = "__metadata__"


class FormatError(ValueError):
    """The file is none of this format, or it is damaged: load another, or save it again."""


@dataclass(frozen=True)
class _Entry:
    """What the header says of one array."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    stop: int


def write(
    path: Path, names: Sequence[str], arrays: Sequence[NDArray[Any]], metadata: dict[str, str]
) -> None:
    """Write float32 and float64 ``arrays`` of any shape under ``names``, and texts beside them.

    The file appears once it is complete: an interruption leaves an older one as it was.
    """
    header: dict[str, Any] = {_METADATA: metadata} if metadata else {}
    end = 0
    for name, array in zip(names, arrays, strict=True):
        kind = "F64" if array.dtype == np.float64 else "F32"
        offsets = [end, end := end + array.nbytes]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": offsets}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays:
            file.write(array.astype(array.dtype.newbyteorder("<")).tobytes())
    part.replace(path)


def read(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays by name, of their shapes, in the order of the file, and the texts.

    Raises FormatError for anything but a complete file of this format, saying what is wrong;
    OSError where it cannot be read.
    """
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_LARGEST_HEADER, len(data) - 8):
        raise FormatError("it does not begin with a header")
    header = parse_json(data[8 : 8 + length])
    if not isinstance(header, dict):
        raise FormatError("its header is not an object")
    metadata = _metadata(header.pop(_METADATA, {}))
    entries = sorted((_entry(n, e) for n, e in header.items()), key=lambda e: (e.start, e.stop))
    body = memoryview(data)[8 + length :]
    _check_layout(entries, len(body))
    return {e.name: np.frombuffer(body[e.start : e.stop], e.dtype).reshape(e.shape)
            for e in entries}, metadata  # fmt: skip


def parse_json(text: str | bytes) -> Any:
    """``text`` as strict JSON: UTF-8, no key twice, no NaN or infinity, nested within reason.

    Raises FormatError for anything else.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise FormatError("its JSON is nested too deeply") from None
    except FormatError:
        raise
    except ValueError as error:
        raise FormatError(f"its JSON is damaged ({error})") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise FormatError("its JSON has a key twice")
    return entries


def _no_constant(name: str) -> NoReturn:
    raise FormatError(f"its JSON has {name} for a number")


def _metadata(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise FormatError("its metadata are not texts")
    return given


def _entry(name: str, given: Any) -> _Entry:
    """One entry of the header; FormatError unless sizes and offsets agree."""
    if not isinstance(given, dict) or set(given) != {"dtype", "shape", "data_offsets"}:
        raise FormatError(f"array {name!r} needs dtype, shape and data_offsets, and these only")
    dtype = _TYPES.get(given["dtype"]) if isinstance(given["dtype"], str) else None
    if dtype is None:
        known = " or ".join(_TYPES)
        raise FormatError(f"array {name!r} has dtype {given['dtype']!r}, not {known}")
    shape = _counts(given["shape"])
    offsets = _counts(given["data_offsets"])
    if shape is None or len(shape) > 2 or offsets is None or len(offsets) != 2:
        raise FormatError(f"array {name!r} has no valid shape and offsets")
    if offsets[1] - offsets[0] != math.prod(shape) * dtype.itemsize:
        raise FormatError(f"array {name!r} of shape {shape} has another number of bytes")
    return _Entry(name, dtype, shape, *offsets)


def _counts(given: Any) -> tuple[int, ...] | None:
    """A list of integers from 0 to 2⁶², or None."""
    if not isinstance(given, list):
        return None
    whole = all(type(n) is int and 0 <= n < 2**62 for n in given)
    return tuple(given) if whole else None


def _check_layout(entries: Sequence[_Entry], size: int) -> None:
    """The arrays follow each other and fill the file."""
    end = 0
    for entry in entries:
        if entry.start != end:
            raise FormatError(f"array {entry.name!r} overlaps another, or leaves a gap")
        end = entry.stop
    if end != size:
        raise FormatError(f"it should have {end} bytes after its header, but has {size}")
