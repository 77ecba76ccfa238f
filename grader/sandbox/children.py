"""A worker's process as the judge holds it: three pipes, a way to kill it, and how it ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import IO, Protocol

from grader.sandbox.launch import Launch

LAUNCHED_SIGNAL = 128


class Child(Protocol):
    """A process that runs a worker."""

    @property
    def stdin(self) -> IO[bytes]:
        """Where requests go."""
        ...

    @property
    def stdout(self) -> IO[bytes]:
        """Where answers come from."""
        ...

    @property
    def stderr(self) -> IO[bytes]:
        """Where what the submission prints comes from."""
        ...

    def process(self) -> int | None:
        """The number of its process, or of one above it; None if nobody knows."""
        ...

    def wait(self, seconds: float) -> int | None:
        """The exit code, negative for a deadly signal; None if it has not ended by then."""
        ...

    def kill(self) -> None:
        """Kill it and all that it started."""
        ...


class Launched:
    """A child started by a command of its own."""

    def __init__(self, launch: Launch) -> None:
        self._process = subprocess.Popen(
            launch.argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=launch.folder,
            env=launch.environment(),
            start_new_session=True,
            bufsize=0,
        )
        self.wrapped = launch.wrapped
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        assert None not in streams
        self.stdin, self.stdout, self.stderr = streams  # type: ignore[assignment]

    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def process(self) -> int | None:
        """The number of the process that was started."""
        return self._process.pid

    def wait(self, seconds: float) -> int | None:
        """The exit code; a launcher's own number for a signal is translated back."""
        try:
            code = self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        return unwrapped(code) if self.wrapped else code

    def kill(self) -> None:
        """Kill the whole process group."""
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()


def unwrapped(code: int) -> int:
    """The negative signal for the 128 + signal by which a waiting process hands it on."""
    return LAUNCHED_SIGNAL - code if code > LAUNCHED_SIGNAL else code
