"""Automatic names of layers and models: ``dense``, ``dense_1``, … as in Keras."""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["automatic_name", "restart"]

_used: Counter[str] = Counter()


def automatic_name(kind: str) -> str:
    """The next free name of a class: ``GaussianNoise`` → ``gaussian_noise``, ``gaussian_noise_1``.

    The counting goes on over all models of the session, until ``backend.clear_session()``.
    """
    base = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
    count = _used[base]
    _used[base] += 1
    return f"{base}_{count}" if count else base


def restart() -> None:
    """Start counting from the beginning."""
    _used.clear()
