"""Processor time of the judges this process has started, and of their workers.

A worker is killed together with its namespace as soon as it is not needed, and then the kernel
adds its time to nobody's. So a thread looks every few milliseconds while it is alive, and what it
uses after the last look is missed.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

__all__ = ["INTERVAL", "ProcessorTime"]

#: Seconds between two looks.
INTERVAL = 0.005


class ProcessorTime:
    """Seconds used within the ``with`` block: ``judge`` and ``worker``. Linux only.

    ``worker`` is everything below a judge: the nursery and all that it has forked.
    """

    judge = 0.0
    worker = 0.0

    def __enter__(self) -> ProcessorTime:
        self._ended = threading.Event()
        self._judges = [pid for pid in _children(os.getpid()) if _children(pid)]
        self._before = self._judge_seconds()
        self._at_first = self._below()
        self._latest = dict(self._at_first)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._ended.set()
        self._thread.join()
        self._latest |= self._below()
        self.judge = self._judge_seconds() - self._before
        self.worker = sum(
            seconds - self._at_first.get(pid, 0.0) for pid, seconds in self._latest.items()
        )

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL):
            self._latest |= self._below()

    def _judge_seconds(self) -> float:
        return sum(_group_seconds(pid) for pid in self._judges)

    def _below(self) -> dict[int, float]:
        """Seconds of every process below the judges that is alive, by its id."""
        found: dict[int, float] = {}
        line = [child for judge in self._judges for child in _children(judge)]
        while line:
            pid = line.pop()
            line += _children(pid)
            if (seconds := _seconds(pid)) is not None:
                found[pid] = seconds
        return found


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        lists = [(task / "children").read_text("utf-8") for task in tasks]
    except (FileNotFoundError, ProcessLookupError):
        return []  # it has ended meanwhile
    return [int(child) for words in lists for child in words.split()]


def _seconds(pid: int) -> float | None:
    """Of the first thread, to the nanosecond; None where the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text("utf-8").split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return None


def _group_seconds(pid: int) -> float:
    """Of all threads of a process, in whole ticks."""
    words = Path(f"/proc/{pid}/stat").read_text("utf-8")
    user, system = words.rpartition(")")[2].split()[11:13]  # the name before may hold anything
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
