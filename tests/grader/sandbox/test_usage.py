"""Time by the clock does not count against a submission that the machine kept from running."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from grader import errors
from grader.sandbox import isolation, namespaces, pipe
from grader.sandbox.isolation import Launcher
from grader.sandbox.limits import Limits
from grader.sandbox.process import StudentProcess
from grader.sandbox.usage import Usage, usage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="read from Linux's /proc")
Start = Callable[..., StudentProcess]
SHORT = Limits(call_seconds=0.5, submission_seconds=30.0)
SPIN = """
import time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return 1
def sleep(seconds):
    time.sleep(seconds)
    return 1
"""


@pytest.mark.parametrize("launcher", ["bubblewrap", "namespaces", "nursery", None])
def test_what_a_worker_uses_is_seen_from_outside(
    launcher: Launcher | None, student: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    if launcher is not None and not namespaces.available():
        pytest.skip("this machine does not let an ordinary process make namespaces")
    if launcher == "bubblewrap" and isolation.find_launcher() != "bubblewrap":
        pytest.skip("this machine has no bubblewrap")
    monkeypatch.setattr(isolation, "find_launcher", lambda: launcher)
    worker = student(SPIN)
    worker.call("sleep", 0.0)
    assert worker._pipe is not None
    before = usage(worker._pipe.child.process())
    worker.call("spin", 0.3)
    after = usage(worker._pipe.child.process())
    assert before is not None
    assert after is not None
    assert after.seconds - before.seconds >= 0.25


def test_a_worker_that_gets_no_processor_is_waited_for(
    student: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = student(SPIN, SHORT)
    monkeypatch.setattr(pipe, "usage", lambda process: Usage(0.0, working=True))
    assert worker.call("spin", 1.2).value == 1


def test_not_longer_than_everything_may_take(
    student: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe, "usage", lambda process: Usage(0.0, working=True))
    worker = student(SPIN, Limits(call_seconds=0.5, submission_seconds=3.0))
    with pytest.raises(errors.SubmissionTimeout):
        worker.call("spin", 1000.0)


@pytest.mark.parametrize("call", ["spin", "sleep"])
def test_a_worker_that_has_used_its_time_or_sleeps_is_stopped(call: str, student: Start) -> None:
    worker = student(SPIN, SHORT)
    with pytest.raises(errors.CallTimeout):
        worker.call(call, 1000.0)


def test_who_sleeps_is_not_at_work() -> None:
    with subprocess.Popen(["sleep", "1000"]) as child:
        found = usage(child.pid)
        while found is not None and found.working:  # until it has started to sleep
            found = usage(child.pid)
        child.kill()
    assert found == Usage(found.seconds, working=False)  # type: ignore[union-attr]
    own = usage(os.getpid())
    assert own is not None
    assert own.working


def test_nothing_is_known_of_a_process_that_is_none() -> None:
    assert usage(None) is None
    assert usage(2**22 + 1) is None
