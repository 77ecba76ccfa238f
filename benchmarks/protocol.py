"""Two processes talk in lines: each request is a JSON object on one line, each answer another.

The parent asks with ``{"do": <name>, ...}``. The child answers ``{"answer": ...}``, or
``{"error": <text>}`` and stays alive. What a library prints to standard output in the child goes
to its standard error instead, so that it cannot be taken for an answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Worker", "WorkerError", "serve"]

ROOT = Path(__file__).resolve().parents[1]
Handler = Callable[..., Any]


class WorkerError(RuntimeError):
    """A child answered with an error, died, or did not answer in time; the text says which."""


class Worker:
    """A child process that answers one request at a time, until it is closed."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], timeout: float = 900.0
    ) -> None:
        """Start ``command`` in the root of the checkout; ``timeout`` is in seconds per request."""
        self._timeout = timeout
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
        self._buffer = b""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=ROOT,
            env=os.environ | environment,
        )

    def ask(self, do: str, **arguments: Any) -> Any:
        """The child's answer; WorkerError if there is none."""
        request = json.dumps({"do": do, **arguments}) + "\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request.encode())
            self._process.stdin.flush()
        except OSError:
            raise self._died() from None
        answer = self._answer(do)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer["answer"]

    def _answer(self, do: str) -> dict[str, Any]:
        line = self._line(do)
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not {"answer", "error"} & set(answer):
            self.close()
            raise WorkerError(f"no answer but {line[:200]!r} came to {do!r}")
        return answer

    def _line(self, do: str) -> bytes:
        """The next line of the child; waits for it ``timeout`` seconds at most."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + self._timeout
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.close()
                    raise WorkerError(f"no answer to {do!r} within {self._timeout:g} s")
                read = os.read(descriptor, 65536)
                if not read:
                    raise self._died()
                self._buffer += read
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _died(self) -> WorkerError:
        code = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        said = "; it said: " + " | ".join(lines[-3:]) if lines else ""
        return WorkerError(f"the process ended with exit code {code}{said}")

    def close(self) -> None:
        """End the child; closing twice does no harm."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was still buffered for a dead child
                    stream.close()


def serve(handlers: Mapping[str, Handler]) -> None:
    """Answer requests from standard input until it ends."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            answers.write(json.dumps(_handled(handlers, line)) + "\n")
            answers.flush()


def _handled(handlers: Mapping[str, Handler], line: str) -> dict[str, Any]:
    try:
        request = json.loads(line)
        return {"answer": handlers[request.pop("do")](**request)}
    except Exception as error:  # the parent is told, whatever it is
        said = " | ".join(str(error).splitlines()[:3])
        return {"error": f"{type(error).__name__}: {said}"}
