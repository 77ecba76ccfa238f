"""Weights from Keras's HDF5 files: Keras 3's ``.weights.h5``, and the older ``.h5``.

Keras 3 names a group by class and position, ``layers/dense_1/vars/0``; Keras 2's own
``.weights.h5`` calls the outer group ``_layer_checkpoint_dependencies``; the older files list the
layers in the attribute ``layer_names`` and each layer's arrays in ``weight_names``.

Files may be anybody's: no array is read before its shape has been compared, and links that lead
out of the file are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_hdf5", "read_weights"]

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
Shape = tuple[int, ...]


def is_hdf5(path: Path) -> bool:
    """Whether the file begins as an HDF5 file does."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def read_weights(path: Path, shapes: Sequence[Shape]) -> list[NDArray[Any]]:
    """The arrays of the layers in order, each layer's kernel first.

    ``shapes`` are those expected. Raises ValueError where number or shapes are others, or the file
    is no weights file of Keras; ImportError without h5py.
    """
    try:
        import h5py
    except ModuleNotFoundError:
        raise ImportError("reading .h5 files needs h5py: pip install 'densefit[h5]'") from None
    try:
        with h5py.File(path, "r") as file:
            datasets = [_inside(file, name) for name in _names(file)]
            _compare([(d.name, d.shape) for d in datasets], shapes)
            return [_read(dataset) for dataset in datasets]
    except (OSError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise ValueError(f"it cannot be read as weights of Keras ({error})") from None


def _names(file: Any) -> Iterator[str]:
    """The paths of the layers' arrays, in the order of the model."""
    for container in _CONTAINERS:
        if container in file:
            return _names_by_position(file, container)
    for prefix in ("", "model_weights/"):
        group = file[prefix] if prefix and prefix in file else file
        if "layer_names" in group.attrs:
            return _names_by_attributes(group, prefix)
    raise KeyError("it has neither layers nor layer_names")


def _names_by_position(file: Any, container: str) -> Iterator[str]:
    for layer in sorted(file[container], key=_position):
        variables = f"{container}/{layer}/vars"
        if variables in file:
            for index in sorted(file[variables], key=int):
                yield f"{variables}/{index}"


def _position(name: str) -> tuple[str, int]:
    """``dense``, ``dense_1``, …, ``dense_10``: the class, and the position among its kind."""
    kind, _, number = name.rpartition("_")
    return (kind, int(number)) if kind and re.fullmatch(r"\d+", number) else (name, 0)


def _names_by_attributes(group: Any, prefix: str) -> Iterator[str]:
    for layer in map(_text, group.attrs["layer_names"]):
        for weight in map(_text, _inside_group(group, layer).attrs["weight_names"]):
            yield f"{prefix}{layer}/{weight}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _inside_group(file: Any, name: str) -> Any:
    """The object at ``name``; ValueError where a link on the way leads out of the file."""
    group = file
    for part in name.split("/"):
        link = group.get(part, getlink=True)
        if type(link).__name__ != "HardLink":
            raise ValueError(f"{name!r} is a link, not data")
        group = group[part]
    return group


def _inside(file: Any, name: str) -> Any:
    """The dataset at ``name``; ValueError where its values are not in the file itself."""
    dataset = _inside_group(file, name)
    if not hasattr(dataset, "shape") or dataset.is_virtual or dataset.external:
        raise ValueError(f"{name!r} is not an array of the file's own")
    return dataset


def _compare(found: Sequence[tuple[str, Shape]], expected: Sequence[Shape]) -> None:
    if len(found) != len(expected):
        listed = ", ".join(f"{name} {shape}" for name, shape in found) or "none"
        raise ValueError(
            f"it has {len(found)} weight arrays ({listed}), the model {len(expected)}"
            f" ({', '.join(map(str, expected)) or 'none'})"
        )
    for (name, shape), wanted in zip(found, expected, strict=True):
        if shape != wanted:
            raise ValueError(f"{name} has shape {shape}, the model's is {wanted}")


def _read(dataset: Any) -> NDArray[Any]:
    if dataset.dtype.kind != "f":
        raise ValueError(f"{dataset.name} holds {dataset.dtype}, not real numbers")
    return np.asarray(dataset[...])
