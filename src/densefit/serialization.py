"""Models and weights in one file: safetensors, whose metadata hold the model as JSON.

The file may have any name, ``model.keras`` too. Weights that Keras has saved (``.weights.h5``) are
read as well. Files may be anybody's: whatever is wrong with one is a ValueError that says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from densefit import keras_weights, layers, safetensors
from densefit.layers import Layer

if TYPE_CHECKING:
    from densefit.sequential import Sequential

__all__ = ["load_model", "load_weights", "model_from_config", "save_model", "save_weights"]

Path_ = str | os.PathLike[str]

_FORMAT = "densefit-model-1"
_MOST_LAYERS = 1000
_ZIP = b"PK\x03\x04"
_LAYERS: dict[str, type[Layer]] = {
    name: cls
    for name, cls in vars(layers).items()
    if isinstance(cls, type) and issubclass(cls, Layer)
}


def save_model(model: Sequential, path: Path_) -> None:
    """Write layers and weights of ``model``; how it was compiled is not kept."""
    metadata = {"format": _FORMAT, "model": json.dumps(model.get_config(), ensure_ascii=False)}
    safetensors.write(Path(path), _names(model), model.weights, metadata)


def load_model(path: Path_, compile: bool = True) -> Sequential:
    """The model written by ``save_model``, to be compiled before it is trained further.

    Raises ValueError for a file of another kind; ``compile`` changes nothing.
    """
    if keras_weights.is_hdf5(Path(path)):
        raise ValueError(
            f"{path} is a file of Keras: build the same model here, then model.load_weights(path)"
        )
    arrays, metadata = _read(Path(path))
    if metadata.get("format") != _FORMAT:
        raise ValueError(f"{path} holds weights without a model: use model.load_weights(path)")
    try:
        model = model_from_config(safetensors.parse_json(metadata["model"]))
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        ArithmeticError,
        NotImplementedError,
    ) as error:
        raise ValueError(f"{path} holds a damaged model: {error}") from None
    _assign(model, arrays, path)
    return model


def save_weights(model: Sequential, path: Path_) -> None:
    """Write the weights of ``model`` alone."""
    safetensors.write(Path(path), _names(model), model.weights, {})


def load_weights(model: Sequential, path: Path_) -> None:
    """Read weights written by ``save_weights`` or ``save_model``, or by Keras, into ``model``.

    They are taken in the order of the layers, whatever these are called. Raises ValueError if the
    file is of another kind or they do not fit; ImportError for a file of Keras without h5py.
    """
    if keras_weights.is_hdf5(Path(path)):
        model.count_params()  # raises if it is not built yet
        shapes = [p.shape for layer in model.layers for p in layer.parameters]
        try:
            arrays = keras_weights.read_weights(Path(path), shapes)
        except ValueError as error:
            raise ValueError(f"the weights in {path} do not fit the model: {error}") from None
    else:
        arrays = _read(Path(path))[0]
    _assign(model, arrays, path)


def model_from_config(config: dict[str, Any]) -> Sequential:
    """The model, with new weights, whose ``get_config`` this is.

    Raises ValueError, TypeError or KeyError for anything else.
    """
    from densefit.sequential import Sequential

    if len(config["layers"]) > _MOST_LAYERS:
        raise ValueError(f"the model has more than {_MOST_LAYERS} layers")
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
        model.set_weights(arrays)
    except ValueError as error:
        raise ValueError(f"the weights in {path} do not fit the model: {error}") from None


def _read(path: Path) -> tuple[list[NDArray[Any]], dict[str, str]]:
    try:
        arrays, metadata = safetensors.read(path)
    except safetensors.FormatError as error:
        advice = _advice(path)
        raise ValueError(
            f"{path} is not a model or weights file of densefit: {error}{advice}"
        ) from None
    return list(arrays.values()), metadata


def _advice(path: Path) -> str:
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return ""
    return (
        ". It looks like a .keras file of Keras: save its weights there with"
        " model.save_weights('name.weights.h5'), build the same model here, and load these"
    )
