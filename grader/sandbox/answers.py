"""What a worker answers, read with a deadline: by the judge's own thread where it can wait."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import threading
from typing import IO, Protocol

CHUNK = 1 << 18
LONGEST = 86_400.0  # seconds: no system refuses to wait for so long
CHUNKS_AHEAD = 64  # back-pressure: a flood waits in the pipe, not in the judge's memory


class Answers(Protocol):
    """The bytes of one worker's answers."""

    def chunk(self, seconds: float) -> bytes | None:
        """The next bytes, none at the end; None if there are none within so many seconds."""
        ...

    def close(self) -> None:
        """Read no more; the worker has ended."""
        ...


def answers_of(stream: IO[bytes]) -> Answers:
    """Windows cannot wait for a pipe with a deadline, so there a thread reads it."""
    return Read(stream) if hasattr(select, "poll") else ReadAhead(stream)


class Read:
    """Reads when asked. Handing every answer from thread to thread cost as much as reading it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._poll = select.poll()
        self._poll.register(stream, select.POLLIN)
        _widen(stream.fileno())

    def chunk(self, seconds: float) -> bytes | None:
        """As of the protocol."""
        if self._stream.closed:
            return b""
        if not self._poll.poll(1000.0 * min(seconds, LONGEST)):
            return None
        return os.read(self._stream.fileno(), CHUNK)

    def close(self) -> None:
        """As of the protocol."""
        self._stream.close()


class ReadAhead:
    """A thread reads, and waits where it is too far ahead."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._chunks: queue.Queue[bytes] = queue.Queue(CHUNKS_AHEAD)
        self._ended = False
        threading.Thread(target=self._pump, daemon=True).start()

    def chunk(self, seconds: float) -> bytes | None:
        """As of the protocol."""
        if self._ended:
            return b""
        try:
            found = self._chunks.get(timeout=max(0.0, min(seconds, LONGEST)))
        except queue.Empty:
            return None
        self._ended = not found
        return found

    def close(self) -> None:
        """As of the protocol."""
        while not self._chunks.empty():  # let a pump that waits for room see the end
            with contextlib.suppress(queue.Empty):
                self._chunks.get_nowait()

    def _pump(self) -> None:
        with self._stream as stream, contextlib.suppress(OSError, ValueError):
            while data := os.read(stream.fileno(), CHUNK):
                self._chunks.put(data)
        self._chunks.put(b"")


def _widen(descriptor: int) -> None:
    """Room for a worker to go on while the judge thinks; where it is refused, it waits."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
