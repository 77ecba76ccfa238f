"""Progress of training as Keras prints it: live on a terminal or in a notebook, plain in a log."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TextIO

__all__ = ["Progress", "is_live", "verbosity"]

_BAR = 30
_SECONDS_BETWEEN_UPDATES = 0.05


def verbosity(verbose: object) -> int:
    """0, 1 or 2; ``"auto"`` and True are 1, False is 0; ValueError otherwise."""
    if verbose == "auto":
        return 1
    if verbose in (0, 1, 2):
        return int(verbose)
    raise ValueError(f"verbose must be 'auto', 0, 1 or 2, got {verbose!r}")


def is_live(stream: TextIO) -> bool:
    """Whether a carriage return goes back to the start of the line: terminals and notebooks."""
    return type(stream).__module__.startswith("ipykernel") or stream.isatty()


def format_values(values: Mapping[str, float]) -> str:
    """`` - loss: 0.4990 - accuracy: 0.8248``, small values as 1.0000e-04."""
    return "".join(
        f" - {name}: {value:.4f}" if abs(value) > 1e-3 or value == 0 else f" - {name}: {value:.4e}"
        for name, value in values.items()
    )


def format_eta(seconds: float) -> str:
    """``2s``, ``1:05`` or ``1:00:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}" if minutes else f"{rest}s"


def format_elapsed(seconds: float, steps: int) -> str:
    """``3s 2ms/step``."""
    each = seconds / max(steps, 1)
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if each >= size:
            return f"{seconds:.0f}s {each / size:.0f}{unit}/step"
    return f"{seconds:.0f}s 0us/step"


def format_bar(step: int, steps: int, width: int = _BAR) -> str:
    """``[=====>......]``."""
    done = width * step // max(steps, 1)
    if done == width:
        return f"[{'=' * width}]"
    return f"[{'=' * max(done - 1, 0)}{'>' if done else ''}{'.' * (width - done)}]"


class Progress:
    """Writes the progress of one call; use it as a context, so that an interrupt ends the line.

    ``verbose`` 1: a bar that moves on a live stream and is printed once it is full on another;
    2: one line per epoch; 0: nothing.
    """

    def __init__(self, verbose: int, stream: TextIO | None = None) -> None:
        self.verbose = verbose
        self.stream = sys.stdout if stream is None else stream
        self.live = verbose == 1 and is_live(self.stream)
        self._steps = 0
        self._title = ""
        self._started = self._updated = 0.0
        self._length = 0

    def begin(self, steps: int | None, title: str = "") -> None:
        """Start a line of ``steps`` steps, None if unknown, under ``title`` if it has one."""
        self._steps, self._title = steps or 0, title
        self._started = time.perf_counter()
        self._updated = 0.0
        if self.verbose == 1 and title:
            self._write(f"{title}\n")

    def update(self, step: int, values: Mapping[str, float]) -> None:
        """Move the bar, if the stream is live and the last move is some time ago."""
        now = time.perf_counter()
        if not self.live or now - self._updated < _SECONDS_BETWEEN_UPDATES:
            return
        self._updated = now
        if not self._steps:
            self._redraw(f"{step:7d}/Unknown{format_values(values)}")
            return
        eta = (now - self._started) / max(step, 1) * (self._steps - step)
        self._redraw(self._line(step, f"ETA: {format_eta(eta)}", values))

    def end(self, values: Mapping[str, float], steps: int | None = None) -> None:
        """Finish the line with the final numbers, after ``steps`` steps if they were unknown."""
        self._steps = self._steps or steps or 0
        elapsed = format_elapsed(time.perf_counter() - self._started, self._steps)
        if self.verbose == 2:
            title = self._title or f"{self._steps}/{self._steps}"
            self._write(f"{title} - {elapsed}{format_values(values)}\n")
        elif self.verbose == 1:
            self._redraw(self._line(self._steps, elapsed, values), last=True)

    def __enter__(self) -> Self:
        """Nothing to set up."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End a line left open."""
        if self._length:
            self._write("\n")
            self._length = 0

    def _line(self, step: int, timing: str, values: Mapping[str, float]) -> str:
        count = f"{step:{len(str(self._steps))}d}/{self._steps}"
        rest = f" - {timing}{format_values(values)}"
        width = _BAR
        if self.live:
            free = shutil.get_terminal_size().columns - len(count) - len(rest) - 4
            width = min(_BAR, free)
        bar = f" {format_bar(step, self._steps, width)}" if width >= 5 else ""
        return f"{count}{bar}{rest}"

    def _redraw(self, line: str, last: bool = False) -> None:
        if not self.live:
            self._write(f"{line}\n")
            return
        if not last:
            line = line[: shutil.get_terminal_size().columns - 1]
        end = "\n" if last else ""
        self._write(f"\r{line.ljust(self._length)}{end}")
        self._length = 0 if last else len(line)

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
