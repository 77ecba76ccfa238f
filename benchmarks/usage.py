"""What a fresh interpreter needs for a piece of code: seconds and peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

from benchmarks.protocol import ROOT

__all__ = ["PEAK", "ask_fresh"]

#: Python source of ``peak()``, the process's greatest memory so far, in bytes. Linux counts in
#: kibibytes; its VmHWM begins anew with the program, unlike ru_maxrss, which remembers the parent.
PEAK = """
import resource, sys
from pathlib import Path
def peak():
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return 1024 * int(next(l for l in lines if l.startswith("VmHWM")).split()[1])
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""


def ask_fresh(code: str, arguments: object, environment: Mapping[str, str]) -> float:
    """The number that ``code`` prints in a fresh process, ``arguments`` being its JSON argument.

    Raises RuntimeError with what it said where it fails.
    """
    call = [sys.executable, "-c", code, json.dumps(arguments)]
    done = subprocess.run(
        call, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"a measuring process failed: {done.stderr.strip()[-2000:]}")
    return float(done.stdout.split()[-1])
