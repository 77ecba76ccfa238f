"""The command that puts a worker into namespaces of its own, by bubblewrap."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache

from grader.sandbox import seccomp
from grader.sandbox.filesystem import FINISH, HELPERS, HOME, ISOLATED, View, python

NAMESPACES = ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
NOBODY = "65534"
POWERS = ("--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN")


@lru_cache
def program() -> str | None:
    """The path of bubblewrap, if it is there and this system lets it work."""
    path = shutil.which("bwrap") if sys.platform == "linux" else None
    if path is None or not seccomp.supported():
        return None
    trial = [
        path,
        *NAMESPACES,
        *POWERS,
        "--size",
        "4096",
        "--tmpfs",
        HOME,
        "--ro-bind",
        path,
        "/bwrap",
    ]
    for folder in ("/usr", "/lib", "/lib64"):
        trial += ["--ro-bind-try", folder, folder]
    try:
        done = subprocess.run(
            [*trial, "/bwrap", "--version"], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return path if done.returncode == 0 else None


def command(
    view: View, helpers: str | None, home_bytes: int, processes: bool, argv: list[str]
) -> list[str]:
    """``argv`` inside the walls.

    bubblewrap limits the bytes of a file system in memory, but not the number of its files, and a
    file takes memory without holding a byte. So the first program inside keeps the power to mount,
    limits the files, gives the power up, and becomes ``argv``.
    """
    plan = {
        "built": True,
        "home": HOME,
        "home_bytes": home_bytes,
        "filter": seccomp.program(processes).hex(),
        "argv": argv,
    }
    inside = [python(), *ISOLATED, FINISH, json.dumps(plan)]
    return [
        program() or "bwrap",
        *NAMESPACES,
        "--unshare-cgroup-try",
        *("--uid", NOBODY, "--gid", NOBODY, "--hostname", "sandbox"),
        *("--die-with-parent", "--new-session", *POWERS),
        *_mounts(view, helpers),
        *("--size", str(home_bytes), "--tmpfs", HOME, "--chdir", HOME, "--remount-ro", "/", "--"),
        *inside,
    ]


def _mounts(view: View, helpers: str | None) -> Iterator[str]:
    for outside, inside in view.parts:
        device = outside.startswith("/dev/")
        yield from ("--dev-bind" if device else "--ro-bind", outside, inside)
    for folder in view.hidden:
        yield from ("--size", "4096", "--tmpfs", folder, "--remount-ro", folder)
    for target, inside in view.links:
        yield from ("--symlink", target, inside)
    if helpers:
        yield from ("--ro-bind", helpers, HELPERS)
