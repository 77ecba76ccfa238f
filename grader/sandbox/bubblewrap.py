"""The command that puts a worker into namespaces of its own, by bubblewrap."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache

from grader.sandbox import seccomp
from grader.sandbox.filesystem import HELPERS, HOME, View

NAMESPACES = ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
NOBODY = "65534"


@lru_cache
def program() -> str | None:
    """The path of bubblewrap, if it is there and this system lets it work."""
    path = shutil.which("bwrap") if sys.platform == "linux" else None
    if path is None or not seccomp.supported():
        return None
    trial = [path, *NAMESPACES, "--size", "4096", "--tmpfs", HOME, "--ro-bind", path, "/bwrap"]
    for folder in ("/usr", "/lib", "/lib64"):
        trial += ["--ro-bind-try", folder, folder]
    try:
        done = subprocess.run(
            [*trial, "/bwrap", "--version"], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return path if done.returncode == 0 else None


def command(view: View, helpers: str | None, home_bytes: int, seccomp_descriptor: int) -> list[str]:
    """What to put before the worker's own command."""
    argv = [
        program() or "bwrap",
        *NAMESPACES,
        "--unshare-cgroup-try",
        "--uid",
        NOBODY,
        "--gid",
        NOBODY,
    ]
    argv += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    argv += _mounts(view, helpers)
    argv += ["--size", str(home_bytes), "--tmpfs", HOME, "--chdir", HOME]
    argv += ["--remount-ro", "/", "--seccomp", str(seccomp_descriptor), "--"]
    return argv


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


def filter_pipe(processes: bool) -> int:
    """A descriptor from which bubblewrap reads the system call filter; the caller closes it."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:  # far smaller than a pipe's buffer
        stream.write(seccomp.program(processes))
    return reading
