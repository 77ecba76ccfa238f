"""The command that puts a worker into namespaces of its own, without bubblewrap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from grader.sandbox import seccomp
from grader.sandbox.filesystem import HELPERS, HOME, ISOLATED, View, of_python, python

ENCLOSURE = Path(__file__).with_name("enclosure.py")


@lru_cache
def available() -> bool:
    """Whether this system lets an ordinary process make namespaces, and has Landlock."""
    if sys.platform != "linux" or not seccomp.supported():
        return False
    view = of_python(os.devnull)  # without NumPy
    with tempfile.TemporaryDirectory(prefix="grader-") as root:
        argv = command(view, None, 4096, False, root, [python(), "-I", "-S", "-c", "pass"])
        try:
            done = subprocess.run(argv, capture_output=True, timeout=20, check=False)
        except (OSError, subprocess.SubprocessError):
            return False
    return done.returncode == 0


def command(
    view: View, helpers: str | None, home_bytes: int, processes: bool, root: str, argv: list[str]
) -> list[str]:
    """``argv`` inside the walls; ``root`` is an empty folder, which stays empty outside of them."""
    parts = [*view.parts, *([(helpers, HELPERS)] if helpers else [])]
    plan = _plan(view, root, argv) | {
        "judge": os.getpid(),
        "parts": parts,
        "home_bytes": home_bytes,
        "filter": seccomp.program(processes).hex(),
    }
    return _enclosed(plan)


def nursery_command(view: View, root: str, argv: list[str]) -> list[str]:
    """The process from which workers are forked: it builds further walls, so none is around it.

    It does not die with the thread that starts it, but when its socket is closed.
    """
    return _enclosed(_plan(view, root, argv) | {"folders": [HELPERS]})


def _plan(view: View, root: str, argv: list[str]) -> dict[str, Any]:
    return {
        "judge": None,
        "root": root,
        "parts": view.parts,
        "links": view.links,
        "hidden": view.hidden,
        "folders": [],
        "home": HOME,
        "home_bytes": 4096,
        "filter": None,
        "argv": argv,
    }


def _enclosed(plan: dict[str, Any]) -> list[str]:
    return [python(), *ISOLATED, str(ENCLOSURE), json.dumps(plan)]
