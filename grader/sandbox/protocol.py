"""Frames between judge and worker: a JSON header, then raw array bytes. Never pickle.

A frame is ``magic (4) | header length (4) | payload length (8) | header | payload``, integers
big-endian. The header is JSON; every array in it is a node ``{"array": dtype, "shape": [...],
"layout": "C"}`` whose bytes stand in the payload, in the order of the nodes. What travels:

=====================================  =====================================================
Python                                 node
=====================================  =====================================================
``None``, ``bool``, ``str``, ``list``  themselves
``int`` below 2**63, finite ``float``  themselves
``nan``, ``inf``, ``-inf``             ``{"float": "nan"}``
``tuple``                              ``{"tuple": [...]}``
``dict`` with string keys              ``{"dict": [[key, value], ...]}``
``ndarray``                            ``{"array": dtype, "shape": [...], "layout": layout}``
NumPy scalar                           ``{"scalar": dtype}``, bytes in the payload
:class:`Seed`                          ``{"rng": seed, "shared": key or null}``
iterator (the worker runs it)          ``{"iterator": [...], "complete": true}``
anything else                          ``{"other": type name}``
=====================================  =====================================================

Both sides use this file; the worker loads it by path, so it imports the standard library and
NumPy only. The reader trusts nothing: sizes, counts, depth and dtypes are checked before a byte
is allocated, and arrays are rebuilt as base-class arrays that own their memory.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"dfg1"
PREFIX = struct.Struct(">4sIQ")
HEADER_BYTES = 8 << 20
PAYLOAD_BYTES = 256 << 20
DEPTH = 8
NODES = 200_000
DIMENSIONS = 8
STRING_CHARACTERS = 20_000
DTYPES = frozenset(
    f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)
) - {"float8"} | {"bool"}
# NumPy puts a dtype's name together anew each time it is asked.
NAMES = {np.dtype(name): name for name in DTYPES}
KINDS = {name: kind for kind, name in NAMES.items()}
LAYOUTS = ("C", "F", "reversed", "strided")


class ProtocolError(Exception):
    """A frame that the protocol does not allow."""


@dataclass(frozen=True)
class Seed:
    """Stands for ``numpy.random.default_rng(seed)``, made in the worker.

    Calls of one request that name the same ``shared`` key get the same generator object, so that
    a second epoch goes on where the first one stopped.
    """

    seed: int
    shared: int | None = None


@dataclass(frozen=True)
class Iterated:
    """The items an iterator gave; ``complete`` is false when it was cut off at the cap."""

    items: list[Any]
    complete: bool


@dataclass(frozen=True)
class Unsupported:
    """A value of a type that does not travel."""

    type_name: str


def layout_of(array: NDArray[Any]) -> str:
    """The layout in memory that the other side shall rebuild."""
    if array.flags.c_contiguous:
        return "C"
    if array.flags.f_contiguous:
        return "F"
    return "reversed" if any(stride < 0 for stride in array.strides) else "strided"


def arrange(array: NDArray[Any], layout: str) -> NDArray[Any]:
    """A copy of ``array`` with the same values in another memory layout."""
    if layout == "F":
        return np.array(array, order="F")
    if array.ndim == 0 or layout == "C":
        return np.array(array, order="C")
    if layout == "reversed":
        whole = (slice(None, None, -1),) * array.ndim
        return np.array(array[whole], order="C")[whole]
    wide = np.zeros(tuple(2 * n for n in array.shape), dtype=array.dtype)
    every_other = wide[(slice(None, None, 2),) * array.ndim]
    every_other[...] = array
    return every_other


class Encoder:
    """Turns values into nodes, and collects the bytes of their arrays."""

    def __init__(self, items: int = 10_000, payload_bytes: int = PAYLOAD_BYTES) -> None:
        self.chunks: list[bytes] = []
        self.items = items
        self.room = payload_bytes
        self.nodes = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The node of ``value``; raises :class:`ProtocolError` when it is too large or deep."""
        self.nodes += 1
        if depth > DEPTH or self.nodes > NODES:
            raise ProtocolError("a value nested too deeply, or of too many parts")
        if isinstance(value, np.ndarray):
            return self._array(value)
        if value is None or isinstance(value, (bool, str, int, float, np.generic)):
            return self._scalar(value)
        if isinstance(value, list):
            return [self.encode(item, depth + 1) for item in value]
        if isinstance(value, tuple):
            return {"tuple": [self.encode(item, depth + 1) for item in value]}
        if isinstance(value, dict):
            return self._dict(value, depth)
        if isinstance(value, Seed):
            return {"rng": value.seed, "shared": value.shared}
        if isinstance(value, Iterator):
            return self._iterator(value, depth)
        return _other(value)

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, np.generic):
            name = NAMES.get(value.dtype)
            if name is None:
                return _other(value)
            self._append(np.asarray(value).tobytes())
            return {"scalar": name}
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str(value)[:STRING_CHARACTERS]
        if isinstance(value, int):
            return int(value) if -(2**63) <= value < 2**63 else _other(value)
        number = float(value)
        return number if math.isfinite(number) else {"float": repr(number)}

    def _array(self, value: NDArray[Any]) -> Any:
        layout = layout_of(value)
        plain = np.asarray(value)  # of the base class
        if not plain.dtype.isnative:
            plain = plain.astype(plain.dtype.newbyteorder("="))
        name = NAMES.get(plain.dtype)
        if name is None or plain.ndim > DIMENSIONS:
            return {"other": f"ndarray of dtype {plain.dtype.name}, {plain.ndim} dimensions"}
        self._append(plain.tobytes())
        return {"array": name, "shape": list(plain.shape), "layout": layout}

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        if not all(isinstance(key, str) for key in value):
            return {"other": "dict whose keys are not strings"}
        return {"dict": [[self._scalar(k), self.encode(v, depth + 1)] for k, v in value.items()]}

    def _iterator(self, value: Iterator[Any], depth: int) -> Any:
        items: list[Any] = []
        for item in value:
            if len(items) == self.items:
                return {"iterator": items, "complete": False}
            items.append(self.encode(item, depth + 1))
        return {"iterator": items, "complete": True}

    def _append(self, data: bytes) -> None:
        self.room -= len(data)
        if self.room < 0:
            raise ProtocolError("a value of too many bytes")
        self.chunks.append(data)


def _other(value: Any) -> dict[str, str]:
    return {"other": type(value).__name__[:100]}


class Decoder:
    """Rebuilds values from nodes and the payload; every size is checked before it is used."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.offset = 0
        self.nodes = 0

    def decode(self, node: Any, depth: int = 0) -> Any:
        """The value of ``node``; raises :class:`ProtocolError` for anything not in the table."""
        self.nodes += 1
        if depth > DEPTH or self.nodes > NODES:
            raise ProtocolError("nested too deeply, or too many parts")
        if isinstance(node, dict):
            return self._tagged(node, depth)
        if isinstance(node, int) and not -(2**63) <= node < 2**63:
            raise ProtocolError("an integer beyond 64 bits")
        if isinstance(node, float) and not math.isfinite(node):
            raise ProtocolError("a bare non-finite number")
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        if isinstance(node, list):
            return [self.decode(item, depth + 1) for item in node]
        raise ProtocolError("an unknown kind of node")

    def finish(self) -> None:
        """Insist that every byte of the payload belonged to some array."""
        if self.offset != len(self.payload):
            raise ProtocolError("bytes left over in the payload")

    def _tagged(self, node: dict[str, Any], depth: int) -> Any:
        if "array" in node:  # nearly every node of an answer: sooner found than by matching
            return self._array(node["array"], node.get("shape"), node.get("layout"))
        match node:
            case {"scalar": str(dtype)}:
                return self._array(dtype, [], "C")[()]
            case {"float": "nan" | "inf" | "-inf" as word}:
                return float(word)
            case {"tuple": list(items)}:
                return tuple(self.decode(item, depth + 1) for item in items)
            case {"dict": list(pairs)}:
                return {_key(pair): self.decode(pair[1], depth + 1) for pair in pairs}
            case {"iterator": list(items), "complete": bool(complete)}:
                return Iterated([self.decode(item, depth + 1) for item in items], complete)
            case {"rng": int(seed), "shared": int() | None as shared} if seed >= 0:
                return Seed(seed, shared)
            case {"other": str(name)}:
                return Unsupported(name[:100])
        raise ProtocolError("an unknown kind of node")

    def _array(self, dtype: Any, shape: Any, layout: Any) -> NDArray[Any]:
        kind = KINDS.get(dtype) if type(dtype) is str else None
        if kind is None or type(layout) is not str or layout not in LAYOUTS:
            raise ProtocolError("a dtype or layout that is not allowed")
        if type(shape) is not list or len(shape) > DIMENSIONS:
            raise ProtocolError("a number of dimensions that is not allowed")
        count = 1
        for n in shape:
            if type(n) is not int or not 0 <= n < 2**40:
                raise ProtocolError("a shape that is not allowed")
            count *= n
        end = self.offset + count * kind.itemsize
        if end > len(self.payload):
            raise ProtocolError("an array longer than the payload")
        if dtype == "bool" and any(b > 1 for b in self.payload[self.offset : end]):
            raise ProtocolError("a boolean that is neither 0 nor 1")
        flat = np.frombuffer(self.payload, dtype=kind, count=count, offset=self.offset)
        self.offset = end
        return arrange(flat.reshape(shape), layout)


def _key(pair: Any) -> str:
    if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
        raise ProtocolError("a malformed dictionary")
    return pair[0]


def pack(header: dict[str, Any], chunks: list[bytes]) -> bytes:
    """The bytes of one frame."""
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode("ascii")
    payload = sum(map(len, chunks))
    if len(text) > HEADER_BYTES or payload > PAYLOAD_BYTES:
        raise ProtocolError("a frame of too many bytes")
    return b"".join([PREFIX.pack(MAGIC, len(text), payload), text, *chunks])


def read_frame(
    read: Callable[[int], bytes], payload_bytes: int = PAYLOAD_BYTES
) -> tuple[dict[str, Any], bytes]:
    """The next frame's header and payload; ``read(n)`` returns exactly ``n`` bytes or raises."""
    magic, header_length, payload_length = PREFIX.unpack(read(PREFIX.size))
    if magic != MAGIC:
        raise ProtocolError("bytes that are not a frame")
    if header_length > HEADER_BYTES or payload_length > payload_bytes:
        raise ProtocolError("a frame of too many bytes")
    text = read(header_length)
    payload = read(payload_length) if payload_length else b""
    try:
        header = json.loads(text.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise ProtocolError("a header that is not an object")
    return header, payload
