"""Which walls stand between a submission and the machine; see ``docs/security.md``."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Literal

from grader.i18n import Text, plain, text

Mode = Literal["auto", "required", "none"]
MODES: tuple[Mode, ...] = ("auto", "required", "none")

# Walls that stop code which wants out; the base layers stop accidents and shortcuts.
STRONG_LAYERS = ("private file system", "no network", "process namespace", "system call filter")


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

    def command(self, argv: list[str]) -> list[str]:
        """The command that starts ``argv`` inside the layers that need a launcher."""
        return argv


def plan(mode: Mode = "auto") -> Isolation:
    """Decide the layers; ``required`` raises unless every strong one is available."""
    layers = ["separate process", "clean environment", "private working folder"]
    if os.name == "posix":
        layers.append("own session")
    if mode != "none" and sys.platform != "win32":
        layers.append("resource limits")
    if mode == "required":
        raise IsolationUnavailable(STRONG_LAYERS)
    return Isolation(mode, tuple(layers), STRONG_LAYERS)
