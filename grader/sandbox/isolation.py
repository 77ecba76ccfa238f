"""Which walls stand between a submission and the machine; see ``docs/security.md``."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Literal

from grader.i18n import Text, plain, text
from grader.sandbox import bubblewrap, namespaces
from grader.sandbox.limits import Limits

Mode = Literal["auto", "required", "none"]
Launcher = Literal["bubblewrap", "namespaces", "nursery"]
MODES: tuple[Mode, ...] = ("auto", "required", "none")

# Walls that stop code which wants out; the base layers stop accidents and shortcuts.
STRONG_LAYERS = (
    "private file system",
    "no network",
    "process namespace",
    "system call filter",
)
PROCESS_LIMIT = "process limit"


def title(layer: str) -> Text:
    """The name of a layer, in every language."""
    names = {
        "separate process": text("separate process"),
        "clean environment": text("clean environment"),
        "private working folder": text("private working folder"),
        "own session": text("own session"),
        "resource limits": text("resource limits"),
        "private file system": text("private file system"),
        "no network": text("no network"),
        "process namespace": text("process namespace"),
        "system call filter": text("system call filter"),
        "process limit": text("process limit"),
    }
    return names.get(layer, plain(layer))


class IsolationUnavailable(Exception):
    """``--isolation required``, but this machine lacks a layer.

    Grade on a machine that has it, or pass ``--isolation auto`` for code you trust.
    """

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


@dataclass(frozen=True)
class Isolation:
    """The layers around one worker: those in force, and those this machine does not have."""

    mode: Mode
    layers: tuple[str, ...]
    missing: tuple[str, ...]
    launcher: Launcher | None = None


def find_launcher() -> Launcher | None:
    """What puts up the strong layers here: bubblewrap, else our own code, else nothing can."""
    if bubblewrap.program() is not None:
        return "bubblewrap"
    return "namespaces" if namespaces.available() else None


def plan(mode: Mode = "auto", limits: Limits | None = None, warm: bool = False) -> Isolation:
    """Decide the layers; ``required`` raises unless every strong one is available.

    ``warm`` forks workers from a process that has NumPy loaded, where that can be done behind the
    same walls.
    """
    launcher = find_launcher() if mode != "none" else None
    if warm and launcher is not None and namespaces.available():
        launcher = "nursery"
    layers = ["separate process", "clean environment", "private working folder"]
    if os.name == "posix":
        layers.append("own session")
    if mode != "none" and sys.platform != "win32":
        layers.append("resource limits")
    missing = [] if launcher else list(STRONG_LAYERS)
    layers += STRONG_LAYERS if launcher else ()
    layers += ["Landlock"] if launcher in ("namespaces", "nursery") else []
    if limits is not None and not _processes_limited(limits, launcher):
        missing.append(PROCESS_LIMIT)
    if mode == "required" and missing:
        raise IsolationUnavailable(tuple(missing))
    return Isolation(mode, tuple(layers), tuple(missing), launcher)


def _processes_limited(limits: Limits, launcher: Launcher | None) -> bool:
    """The filter knows no number but none, and the kernel does not count the processes of root."""
    if limits.processes == 0 and launcher is not None:
        return True
    return os.name == "posix" and os.geteuid() != 0
