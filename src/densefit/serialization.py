"""Models and weights in one file: safetensors, whose metadata hold the model as JSON.

The format (https://github.com/huggingface/safetensors): 8 bytes with the length of a JSON
header, the header, then the arrays, little-endian and C-contiguous. Nothing in it is code, so a
file from anybody can be read. It may have any name, ``model.keras`` too.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from densefit import layers
from densefit.layers import Layer

if TYPE_CHECKING:
    from densefit.sequential import Sequential

__all__ = ["load_model", "load_weights", "model_from_config", "save_model", "save_weights"]

Path_ = str | os.PathLike[str]

_FORMAT = "densefit-model-1"
_TYPES = {"F32": "<f4", "F64": "<f8"}
_LARGEST_HEADER = 10_000_000
_LAYERS: dict[str, type[Layer]] = {
    name: cls
    for name, cls in vars(layers).items()
    if isinstance(cls, type) and issubclass(cls, Layer)
}


def save_model(model: Sequential, path: Path_) -> None:
    """Write layers and weights of ``model``; how it was compiled is not kept."""
    metadata = {"format": _FORMAT, "model": json.dumps(model.get_config(), ensure_ascii=False)}
    _write(Path(path), _names(model), model.weights, metadata)


def load_model(path: Path_, compile: bool = True) -> Sequential:
    """The model written by ``save_model``, to be compiled before it is trained further.

    Raises ValueError for a file of another kind.
    """
    arrays, metadata = _read(Path(path))
    if metadata.get("format") != _FORMAT:
        raise ValueError(f"{path} holds weights without a model: use model.load_weights(path)")
    try:
        model = model_from_config(json.loads(metadata["model"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} holds a damaged model: {error}") from None
    _assign(model, arrays, path)
    return model


def save_weights(model: Sequential, path: Path_) -> None:
    """Write the weights of ``model`` alone."""
    _write(Path(path), _names(model), model.weights, {})


def load_weights(model: Sequential, path: Path_) -> None:
    """Read weights into ``model``; ValueError if the file is of another kind or they do not fit."""
    _assign(model, _read(Path(path))[0], path)


def model_from_config(config: dict[str, Any]) -> Sequential:
    """The model, with new weights, whose ``get_config`` this is."""
    from densefit.sequential import Sequential

    model = Sequential(name=config["name"], dtype=config["dtype"])
    for entry in config["layers"]:
        if entry["class_name"] not in _LAYERS:
            raise ValueError(f"the model has a layer of unknown class {entry['class_name']!r}")
        model.add(_LAYERS[entry["class_name"]].from_config(entry["config"]))
    if config["sample_shape"] is not None and not model.built:
        model.build((None, *config["sample_shape"]))
    return model


def _names(model: Sequential) -> list[str]:
    return [p.name for layer in model.layers for p in layer.parameters]


def _assign(model: Sequential, arrays: Sequence[NDArray[Any]], path: Path_) -> None:
    try:
        model.set_weights(list(arrays))
    except ValueError as error:
        raise ValueError(f"the weights in {path} do not fit the model: {error}") from None


def _write(
    path: Path, names: list[str], arrays: Sequence[NDArray[Any]], metadata: dict[str, str]
) -> None:
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
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


def _read(path: Path) -> tuple[list[NDArray[Any]], dict[str, str]]:
    data = path.read_bytes()
    try:
        length = int.from_bytes(data[:8], "little")
        if length > min(_LARGEST_HEADER, len(data) - 8):
            raise ValueError("no header")
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        entries = sorted(header.values(), key=lambda entry: entry["data_offsets"])
        return [_array(entry, data[8 + length :]) for entry in entries], metadata
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a model or weights file of densefit ({error})") from None


def _array(entry: dict[str, Any], data: bytes) -> NDArray[Any]:
    start, stop = entry["data_offsets"]
    dtype = np.dtype(_TYPES[entry["dtype"]])
    count = math.prod(entry["shape"])
    if not 0 <= start <= stop <= len(data) or stop - start != count * dtype.itemsize:
        raise ValueError("sizes do not agree")
    return np.frombuffer(data, dtype, count, start).reshape(entry["shape"])
