"""Prepares the statistics of every variant once; goes on where it was interrupted.

Each variant is a file of its own, written beside its place and moved there in one step: after a
crash at any moment it is whole or absent. A file says what it was made with, and is made again
when that has changed.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from grader.experiment.family import Family, load_family
from grader.experiment.replay import History, train
from grader.experiment.statistics import METHOD, Statistics, measure

__all__ = ["Prepared", "own", "prepare", "prepared", "replayed"]

FOLDER = "prepared"
#: Replicates of a variant that nobody has prepared: enough to judge, in a second.
AD_HOC_REPLICATES = 8


@dataclass(frozen=True)
class Prepared:
    """A variant's history, as the student must get it, and what can be defended about it."""

    number: int
    history: History
    statistics: Statistics


def _path(folder: Path, number: int) -> Path:
    return folder / FOLDER / f"{number:05d}.json"


def _fingerprint(family: Family, replicates: int) -> str:
    from densefit import __version__

    return f"{family.fingerprint}-{replicates}-{__version__}-{METHOD}"


def _work(folder: str, number: int) -> int:
    """Prepare one variant; in a process of its own."""
    place = Path(folder)
    family = load_family(place)
    assert family is not None
    history = train(family.setting(number), family.seed(number))
    table = {
        "made_with": _fingerprint(family, family.replicates),
        "number": number,
        "history": history,
        "statistics": measure(family, number, family.replicates).as_dict(),
    }
    _write(_path(place, number), table)
    return number


def _write(path: Path, table: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(table, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def prepared(folder: Path, family: Family, number: int) -> Prepared | None:
    """What was prepared of a variant; None if nothing was, or with something else."""
    try:
        table = json.loads(_path(folder, number).read_text(encoding="utf-8"))
        if table["made_with"] != _fingerprint(family, family.replicates):
            return None
        return Prepared(number, table["history"], Statistics.from_dict(table["statistics"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=256)
def replayed(folder: Path, family_fingerprint: str, number: int) -> History:
    """A variant's history as prepared, or else trained here and now."""
    family = load_family(folder)
    assert family is not None
    found = prepared(folder, family, number)
    return found.history if found else train(family.setting(number), family.seed(number))


@lru_cache(maxsize=256)
def own(folder: Path, family_fingerprint: str, number: int) -> Prepared:
    """A variant as prepared, or else trained here and now with fewer replicates."""
    family = load_family(folder)
    assert family is not None
    found = prepared(folder, family, number)
    if found is not None:
        return found
    history = replayed(folder, family_fingerprint, number)
    return Prepared(number, history, measure(family, number, AD_HOC_REPLICATES))


def prepare(folder: Path, family: Family, processes: int) -> Iterator[int]:
    """Prepare what is missing, and yield each number when it is done; first the ones there are."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for left in (folder / FOLDER).glob(".*.tmp"):
        left.unlink(missing_ok=True)
    missing = []
    for number in range(1, family.variants + 1):
        if prepared(folder, family, number) is None:
            missing.append(number)
        else:
            yield number
    if not missing:
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        work = [pool.submit(_work, str(folder), number) for number in missing]
        for done in as_completed(work):
            yield done.result()
