"""What came back: the right number of values, of the right kind, shape and dtype?"""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.checks.model import Problem, is_number
from grader.i18n import Text, plain, text
from grader.sandbox.protocol import Iterated, Unsupported

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def describe(value: Any) -> Text:
    """What a value is, in a few words."""
    match value:
        case None:
            return text("None (is the return missing?)")
        case Unsupported(type_name=name):
            return text("an object of type {name}", name=name)
        case Iterated():
            return text("a generator")
        case np.ndarray(shape=shape, dtype=dtype):
            return text("an array of shape {shape}, {dtype}", shape=shape, dtype=dtype.name)
        case tuple() | list():
            kind = type(value).__name__
            return text("a {kind} of {count} values", kind=kind, count=len(value))
        case dict():
            return text("a dict of {count} entries", count=len(value))
    return plain(f"{type(value).__name__} {str(value)[:40]}")


def arrays(
    outputs: tuple[str, ...], value: Any, shapes: tuple[tuple[int, ...], ...]
) -> tuple[Any, ...] | Problem:
    """The values as arrays of the given shapes, or what is wrong with them."""
    if len(outputs) == 1:
        values: tuple[Any, ...] = (value,)
    elif isinstance(value, (tuple, list)) and len(value) == len(outputs):
        values = tuple(value)
    else:
        names = ", ".join(outputs)
        return Problem(
            text(
                "It must return {count} values ({names}), but returned {got}.",
                count=len(outputs),
                names=names,
                got=describe(value),
            )
        )
    for name, item, shape in zip(outputs, values, shapes, strict=True):
        problem = _wrong_kind(name, item, shape)
        if problem is not None:
            return problem
    return tuple(np.asarray(item) for item in values)


def _wrong_kind(name: str, value: Any, shape: tuple[int, ...]) -> Problem | None:
    if shape == () and is_number(value):
        return None
    if not isinstance(value, np.ndarray):
        wanted = text("a number") if shape == () else text("an array of shape {shape}", shape=shape)
        return Problem(
            text(
                "{name} must be {wanted}, but is {got}.",
                name=name,
                wanted=wanted,
                got=describe(value),
            )
        )
    if value.shape != shape:
        return Problem(
            text(
                "{name} must have shape {wanted}, but has shape {got}.",
                name=name,
                wanted=shape,
                got=value.shape,
            )
        )
    if value.dtype not in FLOATS:
        return Problem(
            text(
                "{name} must be float32 or float64, but is {got}.",
                name=name,
                got=value.dtype.name,
            )
        )
    return None
