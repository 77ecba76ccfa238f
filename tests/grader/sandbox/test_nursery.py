"""Forked workers: nothing comes down from the parent, nothing stays behind, nobody is disturbed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import pytest

from grader import errors
from grader.sandbox import namespaces, warm
from grader.sandbox.limits import Limits
from grader.sandbox.process import StudentProcess
from grader.submission import Submission, read_submission

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not namespaces.available(), reason="needs namespaces"
)
Make = Callable[[str], Submission]
NUMPY = str(Path(numpy.__file__).parents[1])
CANARY = "CANARY-of-another-student"
SEARCH = """
import gc, os, sys
WORDS = "CANARY-of-" "another-student"
def search():
    seen, todo, found = set(), [*gc.get_objects(), sys.modules], []
    while todo:
        item = todo.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (str, bytes)):
            text = item if isinstance(item, str) else item.decode("latin-1")
            if WORDS in text and text != WORDS and text != open_source:
                found.append(text[:80])
        else:
            todo += gc.get_referents(item)
    return len(seen), found
open_source = None
"""


@pytest.fixture
def forked() -> Iterator[Callable[..., StudentProcess]]:
    running = []

    def start(submission: Submission, **limits: float) -> StudentProcess:
        running.append(StudentProcess(submission, Limits(**limits), "required", warm=True))
        return running[-1]

    yield start
    for process in running:
        process.close()


def test_nothing_of_another_submission_is_in_memory(
    forked: Callable[..., StudentProcess], tmp_path: Path
) -> None:
    first = tmp_path / "first"
    first.mkdir()
    (first / "mine.py").write_text(f"SECRET = {CANARY!r}\ndef f(): return SECRET\n")
    (first / "submission.py").write_text("import mine\ndef f(x):\n    return mine.f() + x\n")
    assert forked(read_submission(first)).call("f", CANARY).value == CANARY * 2
    second = tmp_path / "submission.py"
    second.write_text(SEARCH)
    objects, found = forked(read_submission(second)).call("search").value
    assert objects > 10_000
    assert found == []


def test_a_worker_can_leave_nothing_for_the_next(
    forked: Callable[..., StudentProcess], submission: Make
) -> None:
    source = """
import os, numpy, sys
def leave():
    numpy.left = sys.left = 1
    open("left", "w").write("here")
def look():
    return hasattr(numpy, "left"), hasattr(sys, "left"), os.listdir("."), numpy.random.rand()
"""
    first, second = forked(submission(source)), forked(submission(source))
    first.call("leave")
    third = forked(submission(source))
    looks = [worker.call("look").value for worker in (second, third)]
    assert looks[0][:3] == looks[1][:3] == (False, False, [])
    assert looks[0][3] == looks[1][3], "a regrade must see the same random numbers"
    assert first.call("look").value[:3] == (True, True, ["left"])


def test_the_death_of_one_is_of_no_concern_to_the_others(
    forked: Callable[..., StudentProcess], submission: Make
) -> None:
    source = "import os\ndef f():\n    return os.getpid()\ndef die():\n    os.kill(0, 9)\n"
    source += "def all_():\n    os.kill(-1, 9)\ndef crash():\n    os.abort()\n"
    calm = forked(submission(source))
    calm.call("f")
    for name in ("die", "all_", "crash"):
        with pytest.raises(errors.StudentError):
            forked(submission(source)).call(name)
    assert calm.call("f").value < 10


def test_a_worker_has_no_powers_left(
    forked: Callable[..., StudentProcess], submission: Make
) -> None:
    worker = forked(submission("def f():\n    return 1\n"))
    assert worker.call("f").value == 1
    first = _first_process(worker)
    (inner,) = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{inner}/status").read_text().splitlines()
    )
    assert [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")] == [0] * 4
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert len(list(Path(f"/proc/{inner}/fd").iterdir())) == 5


def _first_process(worker: StudentProcess) -> int:
    child = worker._pipe.child  # type: ignore[union-attr]
    assert isinstance(child, warm.Forked)
    child.wait(0.0)
    info = Path(f"/proc/self/fdinfo/{child._process}").read_text()
    return int(info.split("Pid:")[1].split()[0])


def test_closing_kills_everything(submission: Make) -> None:
    worker = StudentProcess(
        submission("def f():\n    while True: pass\n"), Limits(), "required", warm=True
    )
    worker._ensure_loaded()
    first = _first_process(worker)
    worker.close()
    for _ in range(200):
        if not Path(f"/proc/{first}").exists():
            return
        time.sleep(0.02)
    pytest.fail("the worker outlives its closing")


def test_a_nursery_ends_with_its_judge() -> None:
    nursery = warm.Nursery(NUMPY)
    child = nursery.fork()
    nursery._control.close()  # as the kernel does when the judge is killed
    assert nursery._process.wait(timeout=20) == 0
    assert child.wait(20) is not None
    assert not nursery.alive()
    nursery.close()
    for stream in (child.stdin, child.stdout, child.stderr):
        stream.close()


def test_a_dead_nursery_is_replaced(
    forked: Callable[..., StudentProcess], submission: Make
) -> None:
    warm.shared(NUMPY).close()
    assert forked(submission("def f():\n    return 3\n")).call("f").value == 3


def test_many_at_once_from_many_threads(submission: Make) -> None:
    found: list[object] = []
    made = submission("def f(x):\n    return x + 1\n")

    def one(number: int) -> None:
        with StudentProcess(made, Limits(), "required", warm=True) as worker:
            found.append(worker.call("f", number).value)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == sorted(str(n + 1) for n in range(12))


def test_a_fork_that_fails_is_the_machines_fault(
    submission: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespaces, "HELPERS", "/grader/elsewhere")
    monkeypatch.setattr(warm, "_shared", {})
    made = submission("import mine\n")
    object.__setattr__(made, "helpers", {"mine.py": b"x = 1\n"})
    with (
        StudentProcess(made, Limits(), "required", warm=True) as worker,
        pytest.raises(errors.NotChecked) as raised,
    ):
        worker.call("f")
    assert "No such file" in str(raised.value)
    warm.shared(NUMPY).close()
