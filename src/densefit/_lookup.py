"""Names given as strings: found in any usual spelling, or refused with the nearest known one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

__all__ = ["find", "nearest", "outside", "spelling"]


def spelling(name: str) -> str:
    """The name without case and separators: ``"HeNormal"``, ``"he_normal"`` → ``"henormal"``."""
    return "".join(c for c in name.lower() if c.isalnum())


def nearest(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'relu'?`` for a misspelt name, or an empty string."""
    by_spelling = {spelling(k): k for k in known}
    close = difflib.get_close_matches(spelling(name), list(by_spelling), n=1)
    return f" Did you mean {by_spelling[close[0]]!r}?" if close else ""


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """The entry of ``known`` whose key is spelt like ``name``; ValueError if there is none."""
    for key, value in known.items():
        if spelling(key) == spelling(name):
            return value
    raise ValueError(
        f"unknown {kind} {name!r}.{nearest(name, known)} Known are: {', '.join(sorted(known))}"
    )


def outside(
    module: str, names: Mapping[str, str], known: Iterable[str]
) -> Callable[[str], Callable[..., Any]]:
    """A module's ``__getattr__`` for what Keras has there and densefit has not.

    ``names`` maps each such name to what to use instead. The name can be imported, so that a
    notebook's import line still runs; using it raises NotImplementedError with the advice.
    Any other unknown name is an AttributeError with the nearest known one.
    """

    def __getattr__(name: str) -> Callable[..., Any]:
        if name not in names:
            hint = "" if name.startswith("_") else nearest(name, known)
            raise AttributeError(f"module {module!r} has no attribute {name!r}.{hint}")

        def refuse(*args: object, **kwargs: object) -> NoReturn:
            raise NotImplementedError(
                f"{name} is not part of densefit, which does multilayer perceptrons only;"
                f" {names[name]}"
            )

        refuse.__name__ = refuse.__qualname__ = name
        return refuse

    return __getattr__
