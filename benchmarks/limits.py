"""The machine's limits, by a small C program that is compiled here for this very processor."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

__all__ = ["FLAGS", "Limits", "compiled"]

SOURCE = Path(__file__).with_name("limits.c")
FLAGS = ("-O3", "-march=native", "-ffp-contract=fast", "-std=gnu11", "-pthread")
SECONDS = 0.15


class Limits:
    """Runs the program; ``None`` as the program gives no limits."""

    def __init__(self, program: Path | None) -> None:
        self._program = program

    def __bool__(self) -> bool:
        """Whether there is a program."""
        return self._program is not None

    def measure(self, threads: int, seconds: float = SECONDS) -> dict[str, float]:
        """``operations`` and ``bytes`` per second of that many threads; ``width`` in floats."""
        if self._program is None:
            raise RuntimeError("no C compiler was found to measure the machine's limits with")
        call = [str(self._program), str(threads), str(seconds)]
        done = subprocess.run(call, capture_output=True, text=True, check=True)
        measured: dict[str, Any] = json.loads(done.stdout)
        return measured


@contextmanager
def compiled() -> Iterator[Limits]:
    """Within the ``with`` block, the program; without a compiler, limits that are not there."""
    given = shlex.split(os.environ.get("CC", ""))
    found = next((c for c in ("cc", "gcc", "clang") if shutil.which(c)), None)
    compiler = given or ([found] if found else [])
    with TemporaryDirectory() as folder:
        program = Path(folder, "limits")
        built = compiler and _compile([*compiler, *FLAGS, str(SOURCE), "-o", str(program)])
        yield Limits(program if built else None)


def _compile(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
