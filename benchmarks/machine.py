"""What a result was measured on: processor, system, load; and whether the machine was quiet."""

from __future__ import annotations

import datetime
import os
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np

import densefit
from densefit import ops

__all__ = ["busy", "describe", "load_average", "processors"]

#: Load per processor above which a benchmark says that its figures will be noisy.
QUIET = 0.25


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def load_average() -> float | None:
    """Of the last minute; None where the system does not tell."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def busy() -> str | None:
    """Why figures measured now would be noisy, or None."""
    load = load_average()
    if load is None or load <= QUIET * processors():
        return None
    return (
        f"the load average is {load} on {processors()} processors: something else is running,"
        " and the figures will be noisy"
    )


def describe() -> dict[str, Any]:
    """Machine, date and versions, for the JSON of a result."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "processors": processors(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "densefit": densefit.__version__,
        "instruction_set": ops.current_isa(),
        "load_at_start": load_average(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
