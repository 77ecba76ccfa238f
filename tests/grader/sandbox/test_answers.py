"""Both ways to read a worker's answers: when asked, and by a thread as on Windows."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pytest

from grader.sandbox.answers import Answers, Read, ReadAhead, answers_of

LONG = 30.0


@dataclass
class Worker:
    """The worker's end of a pipe, and what reads the other one."""

    end: IO[bytes]
    answers: Answers

    def say(self, data: bytes) -> None:
        self.end.write(data)


@pytest.fixture(params=[Read, ReadAhead])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    if request.param is Read and not hasattr(select, "poll"):
        pytest.skip("this system cannot wait for a pipe")
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb", buffering=0) as end:
        made = Worker(end, request.param(os.fdopen(ours, "rb", buffering=0)))
        yield made
    while made.answers.chunk(LONG):
        pass
    made.answers.close()


def test_bytes_come_as_they_are_sent_and_the_end_is_told(worker: Worker) -> None:
    worker.say(b"one")
    assert worker.answers.chunk(LONG) == b"one"
    worker.say(b"two")
    worker.end.close()
    assert worker.answers.chunk(LONG) == b"two"
    assert worker.answers.chunk(LONG) == b""


def test_silence_lasts_as_long_as_was_allowed(worker: Worker) -> None:
    start = time.monotonic()
    assert worker.answers.chunk(0.2) is None
    assert 0.15 < time.monotonic() - start < LONG
    assert worker.answers.chunk(0.0) is None


def test_no_deadline_at_all_is_possible(worker: Worker) -> None:
    threading.Timer(0.2, worker.say, [b"late"]).start()
    assert worker.answers.chunk(float("inf")) == b"late"


def test_a_megabyte_arrives_whole(worker: Worker) -> None:
    data = os.urandom(1 << 20)

    def send() -> None:
        view = memoryview(data)
        while view:
            view = view[worker.end.write(view) :]
        worker.end.close()

    threading.Thread(target=send, daemon=True).start()
    parts = []
    while part := worker.answers.chunk(LONG):
        parts.append(part)
    assert b"".join(parts) == data


def test_a_flood_waits_until_it_is_read_or_given_up(worker: Worker) -> None:
    """A worker that writes for ever stops at what the pipe and the reader hold."""
    os.set_blocking(worker.end.fileno(), False)
    written, end = 0, time.monotonic() + 2.0
    while time.monotonic() < end and written < 64 << 20:
        written += worker.end.write(bytes(1 << 16)) or 0
    assert written < 64 << 20
    worker.end.close()
    worker.answers.close()


def test_nothing_comes_after_closing() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb", buffering=0):
        answers = answers_of(os.fdopen(ours, "rb", buffering=0))
        answers.close()
        assert not answers.chunk(0.1)
