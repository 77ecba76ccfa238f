"""The family of variants of an assignment, and which one is whose.

``experiments.toml`` lists kinds of experiments; variant n takes one of them in turn, and every
other choice from SHA-256 of (assignment, n, what is chosen). A student's variant follows from the
course's secret and the student's id by HMAC-SHA-256: nobody without the secret can tell who else
has the same.
"""

from __future__ import annotations

import hashlib
import hmac
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError
from grader.i18n import text

__all__ = ["Family", "Setting", "assigned", "load_family"]

FILE = "experiments.toml"
SCHEMA = 1
CHOICES = ("samples", "units", "learning_rate", "epochs")


@dataclass(frozen=True)
class Setting:
    """One training on the embedded images: all that its history depends on, but the seed."""

    samples: int
    first: int
    """The first of the training images; the subset is what follows, round the end if need be."""
    units: tuple[int, ...]
    learning_rate: float
    epochs: int
    batch_size: int = 32
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    transforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """The variants of one assignment, numbered from 1."""

    slug: str
    variants: int
    replicates: int
    kinds: tuple[Mapping[str, Any], ...]
    fingerprint: str
    """Changes with the file: what was prepared with another one is out of date."""

    def setting(self, number: int) -> Setting:
        """What variant ``number`` trains."""
        kind = self.kinds[(number - 1) % len(self.kinds)]
        chosen = {key: kind[key][self._draw(number, key) % len(kind[key])] for key in CHOICES}
        return Setting(
            samples=chosen["samples"],
            first=10 * (self._draw(number, "first") % 70),
            units=tuple(chosen["units"]),
            learning_rate=chosen["learning_rate"],
            epochs=chosen["epochs"],
        )

    def seed(self, number: int, replicate: int = 0) -> int:
        """The seed of a variant's training; replicates 1, 2, … are the grader's own."""
        return self._draw(number, f"seed {replicate}") % 2**31

    def _draw(self, number: int, what: str) -> int:
        words = f"{self.slug}\0{number}\0{what}".encode()
        return int.from_bytes(hashlib.sha256(words).digest()[:8], "big")


def load_family(folder: Path) -> Family | None:
    """The family of the assignment in ``folder``; None where there are no personal experiments."""
    path = folder / FILE
    return _load(path, path.stat().st_mtime_ns) if path.is_file() else None


@cache
def _load(path: Path, changed: int) -> Family:
    source = path.read_bytes()
    try:
        table = tomllib.loads(source.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(
            text("{file} is not valid TOML: {raised}.", file=str(path), raised=str(error))
        ) from error
    kinds: Any = table.get("kinds")
    _insist(path, "schema", table.get("schema") == SCHEMA, str(SCHEMA))
    for key in ("variants", "replicates"):
        number = table.get(key)
        whole = isinstance(number, int) and not isinstance(number, bool)
        _insist(path, key, whole and 2 <= int(number or 0) <= 10_000, "2 … 10000")
    _insist(path, "kinds", isinstance(kinds, list) and bool(kinds), "[[kinds]]")
    for kind in kinds:
        for key in CHOICES:
            listed = isinstance(kind.get(key), list) and bool(kind[key])
            _insist(path, key, listed, "[…, …]")
    return Family(
        slug=path.parent.name,
        variants=table["variants"],
        replicates=table["replicates"],
        kinds=tuple(kinds),
        fingerprint=hashlib.sha256(source).hexdigest()[:16],
    )


def _insist(path: Path, key: str, right: bool, allowed: str) -> None:
    if not right:
        raise AssignmentError(
            text("{file}: {key} must be {allowed}.", file=str(path), key=key, allowed=allowed)
        )


def assigned(family: Family, secret: bytes, student: str) -> int:
    """The number of a student's variant: HMAC-SHA-256(secret, assignment, id) modulo their count.

    Ids are compared without surrounding spaces and in one case: people type them.
    """
    words = f"{family.slug}\0{student.strip().casefold()}".encode()
    digest = hmac.digest(secret, words, "sha256")
    return int.from_bytes(digest[:8], "big") % family.variants + 1
