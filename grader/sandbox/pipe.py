"""One worker process and its three pipes: bytes in, bytes out, and a deadline on both."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time

from grader import errors
from grader.i18n import text
from grader.sandbox.answers import CHUNK, answers_of
from grader.sandbox.children import Child
from grader.sandbox.limits import Limits
from grader.sandbox.usage import Usage, usage

FRESH = 0.2  # seconds for which a look at the processor time used is good enough
LEAST = 0.05


class Pipe:
    """One worker process, its three pipes, and threads for two of them."""

    def __init__(self, child: Child, limits: Limits, output: bytearray) -> None:
        self.child = child
        self.limits = limits
        self.output = output
        self.deadline = float("inf")
        self._seconds = 0.0  # allowed for the answer
        self._end = float("inf")  # of everything
        self._used: Usage | None = None
        self._looked = float("-inf")
        self.printed = 0  # since the last answer
        self.flooded = False
        self._answers = answers_of(child.stdout)
        self._requests: queue.Queue[bytes] = queue.Queue()
        self._buffer = b""
        self._taken = 0  # of the buffer: most answers are small, and many arrive in one chunk
        self._drainer = threading.Thread(target=self._drain, daemon=True)
        self._drainer.start()
        threading.Thread(target=self._write, daemon=True).start()

    def send(self, frame: bytes) -> None:
        """Queue a frame; a worker that does not read it runs into its deadline."""
        self._requests.put(frame)

    def allow(self, seconds: float, end: float) -> None:
        """So much time for the next answer; nothing after ``end``.

        A worker that is still at work then but did not get a processor for so long, because the
        machine is busy or stood still, gets what it lacks.
        """
        now = time.monotonic()
        self.deadline, self._seconds, self._end = min(now + seconds, end), seconds, end
        self.printed = 0
        if now - self._looked > FRESH:
            self._looked, self._used = now, usage(self.child.process())

    def read(self, count: int) -> bytes:
        """Exactly ``count`` bytes; TimeoutError at the deadline, EOFError when it has died."""
        end = self._taken + count
        if end > len(self._buffer):
            parts, missing = [self._buffer[self._taken :]], end - len(self._buffer)
            while missing > 0:
                chunk = self._next_chunk()
                parts.append(chunk)
                missing -= len(chunk)
            self._buffer, end = b"".join(parts), count
        data = self._buffer[end - count : end]
        self._taken = end
        return data

    def death(self, name: str) -> errors.StudentError:
        """Why the process ended, as the error to report."""
        code = self.child.wait(1.0)
        if code is None:
            return tampered()
        if self.flooded:
            return flooded()
        if os.name == "posix" and code == -signal.SIGXCPU:
            return errors.CallTimeout(
                text(
                    "{name} used more than {seconds:g} seconds of processor time.",
                    name=name,
                    seconds=self.limits.cpu_seconds,
                )
            )
        if os.name == "posix" and code < 0:
            signal_name = _signal_name(-code)
            return errors.Crashed(
                text("{name} crashed Python ({signal}).", name=name, signal=signal_name)
            )
        return errors.Crashed(
            text(
                "{name} ended the Python process (exit code {code}). "
                "Remove calls that end the program.",
                name=name,
                code=code,
            )
        )

    def kill(self) -> None:
        """Kill all of the worker, and close this side of the pipes; then all output is here."""
        self.child.kill()
        self.child.wait(5.0)
        self._drainer.join(1.0)
        self._requests.put(b"")
        self._answers.close()

    def _next_chunk(self) -> bytes:
        while True:
            chunk = self._answers.chunk(max(0.0, self.deadline - time.monotonic()))
            if chunk is None:
                if not self._owed():
                    raise TimeoutError
            elif chunk:
                return chunk
            else:
                raise EOFError

    def _owed(self) -> bool:
        """Whether the machine owes the worker processor time; then the deadline moves."""
        before, after = self._used, usage(self.child.process())
        if self.flooded or before is None or after is None or not after.working:
            return False
        owed = self._seconds - (after.seconds - before.seconds)
        now = time.monotonic()
        self.deadline = min(now + max(owed, LEAST), self._end)
        return owed > 0 and now < self._end

    def _drain(self) -> None:
        stream = self.child.stderr
        with stream, contextlib.suppress(OSError, ValueError):
            while data := os.read(stream.fileno(), CHUNK):
                self.printed += len(data)
                room = self.limits.kept_output_bytes - len(self.output)
                self.output += data[: max(0, room)]
                if self.printed > self.limits.output_bytes and not self.flooded:
                    self.flooded = True
                    self.child.kill()

    def _write(self) -> None:
        stream = self.child.stdin
        with contextlib.suppress(OSError, ValueError), stream:
            while frame := self._requests.get():
                view = memoryview(frame)
                while view:
                    view = view[stream.write(view) or 0 :]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # an exit code that only looks like a signal
        return str(number)


def tampered() -> errors.Tampered:
    """The error for an answer that the protocol does not allow."""
    return errors.Tampered(text("The submission disturbed the channel that carries its results."))


def flooded() -> errors.OutputFlood:
    """The error for output beyond all measure."""
    return errors.OutputFlood(text("The submission printed far too much. Remove print from loops."))
