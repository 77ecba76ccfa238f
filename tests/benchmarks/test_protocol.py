"""The line protocol: with real processes that answer, fail, print, die, and are silent."""

import sys
from collections.abc import Iterator

import pytest

from benchmarks.protocol import Worker, WorkerError

SERVER = """
import os, sys, time
from benchmarks.protocol import serve

def echo(**arguments):
    return arguments

def fail():
    raise ValueError("the reason")

def chatter():
    print('{"answer": "forged"}', flush=True)
    os.write(1, b"more noise\\n")
    return "true"

def die():
    print("last words", file=sys.stderr)
    os._exit(3)

def sleep():
    time.sleep(60)

serve({f.__name__: f for f in (echo, fail, chatter, die, sleep)})
"""


def started(code: str, timeout: float = 30.0) -> Worker:
    return Worker([sys.executable, "-c", code], {}, timeout)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = started(SERVER)
    yield worker
    worker.close()


def test_each_request_has_its_answer(worker: Worker) -> None:
    for i in range(3):
        assert worker.ask("echo", number=i, text="日本語\nline") == {
            "number": i,
            "text": "日本語\nline",
        }


def test_a_long_answer_arrives_whole(worker: Worker) -> None:
    assert worker.ask("echo", numbers=list(range(100_000)))["numbers"][-1] == 99_999


def test_an_error_is_told_and_the_child_lives_on(worker: Worker) -> None:
    with pytest.raises(WorkerError, match=r"^ValueError: the reason$"):
        worker.ask("fail")
    with pytest.raises(WorkerError, match=r"KeyError.*unheard"):
        worker.ask("unheard")
    assert worker.ask("echo") == {}


def test_what_a_library_prints_is_no_answer(worker: Worker) -> None:
    assert worker.ask("chatter") == "true"
    assert worker.ask("echo", a=1) == {"a": 1}


def test_the_death_of_a_child_is_told_with_its_last_words(worker: Worker) -> None:
    with pytest.raises(WorkerError, match=r"exit code 3.*last words"):
        worker.ask("die")
    with pytest.raises(WorkerError, match="exit code 3"):
        worker.ask("echo")


def test_a_child_that_is_silent_is_given_up() -> None:
    worker = started(SERVER, timeout=1.0)
    with pytest.raises(WorkerError, match="no answer to 'sleep' within 1 s"):
        worker.ask("sleep")
    worker.close()


def test_what_is_not_an_answer_is_named() -> None:
    worker = started("print('hello'); input()")
    with pytest.raises(WorkerError, match="hello"):
        worker.ask("echo")
    worker.close()


def test_closing_twice_does_no_harm(worker: Worker) -> None:
    worker.close()
    worker.close()
