"""A submission in its own process: started, called, timed and killed from outside.

The judge never waits without a deadline, and never trusts that a killed process lets go of its
pipes: a reader thread moves bytes into a queue, and the deadline is on the queue.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import errors
from grader.i18n import text
from grader.sandbox import isolation as walls
from grader.sandbox import seccomp
from grader.sandbox.children import Launched
from grader.sandbox.launch import enforced, prepare
from grader.sandbox.limits import Limits
from grader.sandbox.pipe import Pipe, flooded, tampered
from grader.sanitise import clean

if TYPE_CHECKING:
    from grader.submission import Submission


START_SECONDS = 60.0  # for Python and NumPy on a busy machine


@dataclass(frozen=True)
class CallResult:
    """What a call returned; positions of arguments it changed, or shares memory with."""

    value: Any
    mutated_args: tuple[int, ...]
    aliased_args: tuple[int, ...]
    seconds: float


Outcome = CallResult | errors.StudentError
Call = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class _Request:
    """Calls on their way: the number of the first, and the process they were sent to."""

    calls: Sequence[Call]
    first: int
    pipe: Pipe


class StudentProcess:
    """Calls a submission's functions in a worker, which is restarted when it dies.

    ::

        with StudentProcess(submission) as student:
            result = student.call("relu_forward", z)

    The worker starts in the constructor and loads the submission on the first call, so that the
    judge can import what it needs meanwhile. ``load_errors`` holds what failed while loading.
    """

    def __init__(
        self,
        submission: Submission,
        limits: Limits | None = None,
        isolation: walls.Mode = "auto",
        warm: bool = False,
    ) -> None:
        self.submission = submission
        self.limits = limits or Limits()
        self.isolation = walls.plan(isolation, self.limits, warm)
        self.load_errors: list[errors.StudentError] = []
        self.output = bytearray()
        self.deadline = time.monotonic() + self.limits.submission_seconds
        self._folder = Path(tempfile.mkdtemp(prefix="grader-"))
        self._helpers = self._copy_helpers()
        self._loaded = False
        self._dead_import: errors.StudentError | None = None
        self._next_id = 0
        self._asked: list[_Request] = []
        self._answered: dict[int, tuple[_Request, list[Outcome]]] = {}
        self._pipe: Pipe | None = None
        try:
            self._pipe = self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> StudentProcess:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the worker and remove its folder."""
        self._stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, name: str, *args: Any) -> CallResult:
        """Call one function; raises the :class:`~grader.errors.StudentError` it failed with."""
        (outcome,) = self.call_many([(name, args)])
        if isinstance(outcome, errors.StudentError):
            raise outcome
        return outcome

    def ask(self, calls: Sequence[Call]) -> None:
        """Send a request ahead: :meth:`call_many` of the same list will give its outcomes.

        The worker computes meanwhile. Requests are answered in the order in which they were sent.
        """
        try:
            self._asked.append(self._send(calls))
        except errors.StudentError:  # which call_many will meet again
            self._stop()

    def call_many(self, calls: Sequence[Call]) -> list[Outcome]:
        """Call one after another in one request; an outcome each.

        When the process dies the outcomes end with the error it died of, and so are fewer than
        the calls; the next request finds a fresh process.
        """
        while self._asked and id(calls) not in self._answered:
            request = self._asked.pop(0)
            if request.pipe is self._pipe:  # else lost with the process it was sent to
                self._answered[id(request.calls)] = request, self._collect(request)
        if id(calls) in self._answered:
            return self._answered.pop(id(calls))[1]
        try:
            return self._collect(self._send(calls))
        except errors.StudentError as error:
            self._stop()
            return [error]

    def _send(self, calls: Sequence[Call]) -> _Request:
        from grader.sandbox import protocol

        self._ensure_loaded()
        request = _Request(calls, self._next_id, self._running())
        self._next_id += len(calls)
        encoder = protocol.Encoder()
        nodes = [
            {"id": request.first + i, "name": name, "args": [encoder.encode(arg) for arg in args]}
            for i, (name, args) in enumerate(calls)
        ]
        request.pipe.send(protocol.pack({"op": "call", "calls": nodes}, encoder.chunks))
        return request

    def _collect(self, request: _Request) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            for i, (name, args) in enumerate(request.calls):
                outcomes.append(self._result(request.pipe, request.first + i, name, len(args)))
        except errors.StudentError as error:
            outcomes.append(error)
            self._stop()
        return outcomes

    def _result(self, pipe: Pipe, number: int, name: str, arguments: int) -> Outcome:
        from grader.sandbox import protocol

        header, payload = self._answer(pipe, self.limits.call_seconds, name)
        try:
            if header.get("id") != number:
                raise protocol.ProtocolError("an answer to another question")
            if "error" in header:
                return _survived(errors.from_worker(_checked_error(header["error"]), name))
            decoder = protocol.Decoder(payload)
            value = decoder.decode(header.get("value"))
            decoder.finish()
            return CallResult(
                value,
                _positions(header.get("mutated"), arguments),
                _positions(header.get("aliased"), arguments),
                float(header.get("seconds", 0.0)),
            )
        except (protocol.ProtocolError, ValueError, TypeError) as error:
            raise tampered() from error

    def _answer(self, pipe: Pipe, seconds: float, name: str) -> tuple[dict[str, Any], bytes]:
        from grader.sandbox import protocol

        pipe.allow(seconds, self.deadline)
        try:
            return protocol.read_frame(pipe.read, self.limits.result_bytes)
        except protocol.ProtocolError as error:
            raise tampered() from error
        except TimeoutError as error:
            if pipe.flooded:
                raise flooded() from error
            if time.monotonic() >= self.deadline:
                raise errors.SubmissionTimeout(
                    text(
                        "The whole submission took longer than {seconds:g} seconds.",
                        seconds=self.limits.submission_seconds,
                    )
                ) from error
            raise errors.CallTimeout(
                text(
                    "{name} took longer than {seconds:g} seconds and was stopped. "
                    "Is there an endless loop?",
                    name=name,
                    seconds=seconds,
                )
            ) from error
        except EOFError as error:
            raise pipe.death(name) from error

    def _ensure_loaded(self) -> None:
        """Load the submission; a file that kills its process once is not run again."""
        if self._dead_import is not None:
            raise self._dead_import
        if self._loaded and self._pipe is not None:
            return
        if self._pipe is None:
            self._pipe = self._start()
        self._await_ready(self._pipe)
        try:
            self._load(self._pipe)
        except errors.StudentError as error:
            self._dead_import = error
            self.load_errors = [error]
            raise

    def _await_ready(self, pipe: Pipe) -> None:
        """A worker that never gets to student code says nothing about the submission."""
        from grader.sandbox import protocol

        pipe.deadline = time.monotonic() + START_SECONDS
        try:
            header, _ = protocol.read_frame(pipe.read, 0)
            if header.get("ready") is True:
                return
        except (EOFError, TimeoutError, protocol.ProtocolError):
            pass
        pipe.kill()
        said = clean(self.output.decode("utf-8", "replace").strip(), 300) or "-"
        raise errors.NotChecked(
            text("The sandbox could not start Python and NumPy. It said: {said}", said=said)
        )

    def _load(self, pipe: Pipe) -> None:
        from grader.sandbox import protocol

        name = self.submission.name
        cells = [{"name": cell.name, "source": cell.source} for cell in self.submission.cells]
        pipe.send(protocol.pack({"op": "load", "cells": cells}, []))
        header, _ = self._answer(pipe, self.limits.load_seconds, name)
        if header.get("ok") is not True or not isinstance(header.get("errors"), list):
            raise tampered()
        try:
            found = [errors.from_worker(_checked_error(e), name) for e in header["errors"][:20]]
        except (ValueError, TypeError) as error:
            raise tampered() from error
        self.load_errors = found
        self._loaded = True

    def _running(self) -> Pipe:
        if self._pipe is None:
            raise RuntimeError("the worker is not running")
        return self._pipe

    def _start(self) -> Pipe:
        spec = importlib.util.find_spec("numpy")
        if spec is None or spec.origin is None:
            raise errors.NotChecked(text("NumPy is not installed; install it and try again."))
        self._loaded = False
        numpy = str(Path(spec.origin).parent.parent)
        if self.isolation.launcher == "nursery":
            return self._fork(numpy)
        launch = prepare(self.isolation, self.limits, self._folder, numpy, self._helpers)
        return Pipe(Launched(launch), self.limits, self.output)

    def _fork(self, numpy: str) -> Pipe:
        from grader.sandbox import protocol, warm

        try:
            pipe = Pipe(warm.shared(numpy).fork(), self.limits, self.output)
        except OSError:  # it has died since it was looked at
            pipe = Pipe(warm.shared(numpy).fork(), self.limits, self.output)
        helpers = self.submission.helpers
        header = enforced(self.isolation, self.limits) | {
            "op": "enter",
            "filter": seccomp.program(self.limits.processes > 0).hex(),
            "helpers": [[name, len(data)] for name, data in helpers.items()],
        }
        pipe.send(protocol.pack(header, list(helpers.values())))
        return pipe

    def _copy_helpers(self) -> str | None:
        if not self.submission.helpers or self.isolation.launcher == "nursery":
            return None
        folder = self._folder / "helpers"
        for name, data in self.submission.helpers.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return str(folder)

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.kill()
            self._pipe = None


def _survived(error: errors.StudentError) -> errors.StudentError:
    """The error of a call, raised if no other call may follow in the same process."""
    if error.fatal:
        raise error
    return error


def _positions(value: Any, count: int) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(i) is int and 0 <= i < count for i in value):
        raise ValueError("positions of arguments")
    return tuple(value)


def _checked_error(error: Any) -> dict[str, Any]:
    """The worker's error, checked: it comes from a process that runs foreign code."""
    if not isinstance(error, dict) or not isinstance(error.get("trace"), list):
        raise ValueError("not an error")
    steps = [step for step in error["trace"][:8] if isinstance(step, dict)]
    trace = [
        {"file": str(s.get("file", "")), "line": int(s.get("line", 0)), "text": str(s.get("text"))}
        for s in steps
    ]
    names = ("kind", "type", "message")
    return {name: str(error.get(name, ""))[:1000] for name in names} | {"trace": trace}
