"""The command line of a worker, inside the layers that were planned."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.sandbox import bubblewrap, filesystem, namespaces
from grader.sandbox.isolation import Isolation
from grader.sandbox.limits import Limits

# Not -I: that would ignore our own PYTHONHASHSEED; the environment is scrubbed instead.
OPTIONS = ("-P", "-s", "-S", "-B", "-X", "utf8")


@dataclass(frozen=True)
class Launch:
    """How to start one worker."""

    argv: list[str]
    folder: str
    home: str
    wrapped: bool = False  # a launcher reports a deadly signal as exit code 128 + signal

    def environment(self) -> dict[str, str]:
        """The whole environment of a worker."""
        return environment(self.home)


def environment(home: str) -> dict[str, str]:
    """Nothing of the judge's own."""
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    # A fixed hash seed: a regrade must see the same order of a student's sets.
    base = {"PATH": os.defpath, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}
    if "SYSTEMROOT" in os.environ:  # Windows starts nothing without it
        base["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    return base | one_thread | {"VECLIB_MAXIMUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def prepare(
    isolation: Isolation, limits: Limits, folder: Path, numpy: str, helpers: str | None
) -> Launch:
    """How to start a worker that works in ``folder`` or, better, never sees it."""
    if isolation.launcher is None:
        return _bare(isolation, limits, folder, numpy, helpers)
    inside = filesystem.HELPERS if helpers else None
    configuration = _configuration(isolation, limits, filesystem.NUMPY, inside)
    worker = [filesystem.python(), *OPTIONS, filesystem.WORKER, configuration]
    processes = limits.processes > 0
    if isolation.launcher == "namespaces":
        root = folder / "root"
        root.mkdir(exist_ok=True)
        view = filesystem.of_python(numpy)
        argv = namespaces.command(view, helpers, limits.home_bytes, processes, str(root), worker)
        return Launch(argv, str(folder), filesystem.HOME, wrapped=True)
    view = filesystem.of_bubblewrap(numpy)
    argv = bubblewrap.command(view, helpers, limits.home_bytes, processes, worker)
    return Launch(argv, str(folder), filesystem.HOME, wrapped=True)


def _bare(
    isolation: Isolation, limits: Limits, folder: Path, numpy: str, helpers: str | None
) -> Launch:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    worker = str(Path(__file__).with_name("worker.py"))
    configuration = _configuration(isolation, limits, numpy, helpers)
    return Launch([sys.executable, *OPTIONS, worker, configuration], str(work), str(work))


def _configuration(isolation: Isolation, limits: Limits, numpy: str, helpers: str | None) -> str:
    return json.dumps({"numpy": numpy, "helpers": helpers} | enforced(isolation, limits))


def enforced(isolation: Isolation, limits: Limits) -> dict[str, Any]:
    """The limits as a worker is told them."""
    numbers = {k: v for k, v in asdict(limits).items() if isinstance(v, int)}
    return {"limits": numbers, "limit": isolation.mode != "none"}
