"""What the processes of a worker have used of the processors, read from outside, from ``/proc``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Running, or waiting for the disk: whoever is asleep waits for nothing that the machine owes him.
WORKING = ("R", "D")
STATE, USER, SYSTEM = 0, 11, 12  # fields of /proc/PID/stat, counted from behind the name


@dataclass(frozen=True)
class Usage:
    """Processor seconds used so far, and whether one of the processes would use more at once."""

    seconds: float
    working: bool


def usage(process: int | None) -> Usage | None:
    """The usage of a process and of all below it; None where the system does not tell."""
    if process is None:
        return None
    found = [stat for each in (process, *_below(process)) if (stat := _stat(each)) is not None]
    if not found:
        return None
    ticks = sum(int(stat[USER]) + int(stat[SYSTEM]) for stat in found)
    working = any(stat[STATE] in WORKING for stat in found)
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), working)


def _below(process: int) -> Iterator[int]:
    for listing in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in listing.read_text().split()]
        except OSError:  # it has just ended
            continue
        for child in children:
            yield child
            yield from _below(child)


def _stat(process: int) -> list[str] | None:
    try:
        line = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    return line.rpartition(")")[2].split()  # a name may hold spaces and parentheses
