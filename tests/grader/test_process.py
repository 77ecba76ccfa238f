"""Each way a submission can fail ends in its own error, and the rest is still graded."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import errors
from grader.sandbox.limits import Limits
from grader.sandbox.process import CallResult, Outcome, StudentProcess
from grader.sandbox.protocol import Iterated, Seed

Start = Callable[..., StudentProcess]
GOOD = "def good(x):\n    return x + 1\n"
LIMITS = Limits(
    call_seconds=1.0, load_seconds=10.0, submission_seconds=60.0, address_space_bytes=500 << 20
)
PATIENT = replace(LIMITS, call_seconds=20.0)  # until much memory is filled


def test_a_call_returns_a_copy_and_says_what_it_did(student: Start) -> None:
    worker = student("def touch(x, y):\n    x += 1\n    return x\n")
    x = np.zeros(3, np.float32)
    result = worker.call("touch", x, np.ones(2))
    assert np.array_equal(result.value, np.ones(3))
    assert result.value.dtype == np.float32
    assert (result.mutated_args, result.aliased_args) == ((0,), (0,))
    assert np.array_equal(x, np.zeros(3)), "the judge's own array must not change"


def test_many_calls_in_one_request(student: Start) -> None:
    worker = student(GOOD)
    results = worker.call_many([("good", (i,)) for i in range(50)])
    assert [r.value for r in results if isinstance(r, CallResult)] == list(range(1, 51))


def values(outcomes: list[Outcome]) -> list[Any]:
    return [o.value if isinstance(o, CallResult) else type(o) for o in outcomes]


def test_requests_sent_ahead_are_answered_in_any_order_they_are_asked_for(student: Start) -> None:
    worker = student("seen = []\ndef note(x):\n    seen.append(x)\n    return list(seen)\n")
    first, second, third = ([("note", (i,))] for i in range(3))
    for calls in (first, second, third):
        worker.ask(calls)
    assert values(worker.call_many(second)) == [[0, 1]]
    assert values(worker.call_many([("note", (9,))])) == [[0, 1, 2, 9]]
    assert values(worker.call_many(third)) == [[0, 1, 2]]
    assert values(worker.call_many(first)) == [[0]]
    assert values(worker.call_many(first)) == [[0, 1, 2, 9, 0]], "each is answered once"


@pytest.mark.parametrize("bad", ["import os; os._exit(3)", "while True: pass", "raise MemoryError"])
def test_what_was_asked_ahead_survives_the_death_of_the_process(student: Start, bad: str) -> None:
    worker = student(f"{GOOD}def bad(x):\n    {bad}\n", LIMITS)
    asked = [[("good", (1,))], [("bad", (1,)), ("good", (2,))], [("good", (3,))]]
    for calls in asked:
        worker.ask(calls)
    before, at, after = (values(worker.call_many(calls)) for calls in asked)
    assert (before, after) == ([2], [4])
    assert issubclass(at[0], errors.StudentError)


def test_asking_ahead_of_a_file_that_does_not_load_is_told_when_called(student: Start) -> None:
    worker = student("import os; os._exit(1)")
    calls = [("good", (1,))]
    worker.ask(calls)
    assert values(worker.call_many(calls)) == [errors.Crashed]


def test_generators_of_numbers_and_of_batches(student: Start) -> None:
    worker = student("def draw(rng):\n    while True:\n        yield rng.random()\n")
    limits = Limits(iterator_items=5)
    worker = student("def draw(rng):\n    while True:\n        yield rng.random()\n", limits)
    value = worker.call("draw", Seed(3)).value
    assert isinstance(value, Iterated)
    assert not value.complete
    assert value.items == np.random.default_rng(3).random(5).tolist()


def test_a_shared_generator_goes_on_where_it_stopped(student: Start) -> None:
    worker = student("def draw(rng):\n    return rng.random()\n")
    seeds = [Seed(1, 0), Seed(1, 0), Seed(1)]
    first, second, fresh = worker.call_many([("draw", (seed,)) for seed in seeds])
    assert isinstance(first, CallResult)
    assert isinstance(second, CallResult)
    assert isinstance(fresh, CallResult)
    assert first.value == fresh.value != second.value


FAILURES = {
    "raises": ("def bad(x):\n    return x / undefined\n", errors.StudentException),
    "exits": ("import sys\ndef bad(x):\n    sys.exit(0)\n", errors.StudentException),
    "os_exit": ("import os\ndef bad(x):\n    os._exit(0)\n", errors.Crashed),
    "hangs": ("def bad(x):\n    while True: pass\n", errors.CallTimeout),
    "eats_exceptions": (
        "def bad(x):\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass\n",
        errors.CallTimeout,
    ),
    "ignores_signals": (
        "import signal\nfor s in (signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU):\n"
        "    signal.signal(s, signal.SIG_IGN)\ndef bad(x):\n    while True: pass\n",
        errors.CallTimeout,
    ),
    "stops_itself": (
        "import os, signal\ndef bad(x):\n    os.kill(os.getpid(), signal.SIGSTOP)\n",
        errors.CallTimeout,
    ),
    "segfaults": (
        "import ctypes\ndef bad(x):\n    ctypes.string_at(0)\n",
        errors.Crashed,
    ),
    "recursion": ("def bad(x):\n    return bad(x)\n", errors.StudentException),
    "memory": (
        "import numpy as np\ndef bad(x):\n    return np.ones(10**12)\n",
        errors.OutOfMemory,
    ),
    "memory_bit_by_bit": (
        "def bad(x):\n    kept = []\n    while True:\n        kept.append(bytearray(10**8))\n",
        errors.OutOfMemory,
    ),
    "missing": ("", errors.MissingFunction),
    "not_callable": ("bad = 3\n", errors.MissingFunction),
    "writes_to_every_descriptor": (
        "import os\ndef bad(x):\n    for fd in range(3, 20):\n"
        "        try: os.write(fd, b'ok' * 50)\n"
        "        except OSError: pass\n    return x\n",
        errors.Tampered,
    ),
    "closes_every_descriptor": (
        "import os, time\ndef bad(x):\n    os.closerange(3, 64)\n    time.sleep(60)\n",
        (errors.Tampered, errors.CallTimeout, errors.Crashed),
    ),
    "forks_and_both_return": (
        "import os\ndef bad(x):\n    os.fork()\n    return x\n",
        (errors.Tampered, errors.StudentException, type(None)),
    ),
    "exception_without_words": (
        "class E(Exception):\n    def __str__(self): raise RuntimeError\n"
        "def bad(x):\n    raise E\n",
        errors.StudentException,
    ),
    "huge_exception": ("def bad(x):\n    raise ValueError('x' * 10**7)\n", errors.StudentException),
    "huge_result": (
        "import numpy as np\ndef bad(x):\n    return np.ones(10**7)\n",
        (errors.BadReturn, errors.OutOfMemory),
    ),
    "endless_nest": (
        "def bad(x):\n    a = []\n    a.append(a)\n    return a\n",
        errors.BadReturn,
    ),
    "reads_input": ("def bad(x):\n    return input()\n", errors.StudentException),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_has_its_own_class_and_the_next_call_works(student: Start, name: str) -> None:
    source, expected = FAILURES[name]
    start = time.monotonic()
    worker = student(GOOD + source, PATIENT if "memory" in name or "huge" in name else LIMITS)
    error = None
    try:
        worker.call("bad", 1)
    except errors.StudentError as raised:
        error = raised
    assert isinstance(error, expected), error
    for words in error.text.values() if error else ():
        assert 0 < len(words) < 1000
    if name == "forks_and_both_return":  # the second answer may come only now
        worker.call_many([("good", (1,))])
    assert worker.call("good", 1).value == 2
    assert time.monotonic() - start < 30


def test_only_the_students_own_lines_are_in_the_trace(student: Start) -> None:
    worker = student("import numpy as np\ndef bad(x):\n    return np.linalg.inv(x)\n")
    with pytest.raises(errors.StudentException) as caught:
        worker.call("bad", np.zeros((2, 2)))
    (step,) = caught.value.trace
    assert step == {"file": "submission.py", "line": 3, "text": "return np.linalg.inv(x)"}


def test_a_syntax_error_names_its_line(student: Start) -> None:
    worker = student("def good(x):\n    return x\n\ndef bad(x)\n    return x\n")
    with pytest.raises(errors.MissingFunction):
        worker.call("good", 1)
    (error,) = worker.load_errors
    assert isinstance(error, errors.SyntaxFailure)
    assert "submission.py:4" in error.text["en"]


@pytest.mark.parametrize(
    ("last", "word"),
    [("raise ValueError('no')", "ValueError"), ("import sys; sys.exit(1)", "SystemExit")],
)
def test_what_stands_before_a_failing_line_is_kept(student: Start, last: str, word: str) -> None:
    worker = student(GOOD + last)
    assert worker.call("good", 1).value == 2
    assert word in worker.load_errors[0].text["en"]


def test_a_file_that_never_loads_fails_every_call_at_once(student: Start) -> None:
    worker = student("while True: pass\n", Limits(load_seconds=1.0))
    start = time.monotonic()
    for _ in range(5):
        with pytest.raises(errors.CallTimeout):
            worker.call("good", 1)
    assert time.monotonic() - start < 5


def test_the_submission_has_a_deadline_of_its_own(student: Start) -> None:
    source = "import time\ndef slow():\n    time.sleep(0.3)\n"
    worker = student(source, Limits(call_seconds=5.0, submission_seconds=1.5))
    outcomes = worker.call_many([("slow", ())] * 20)
    assert isinstance(outcomes[-1], errors.SubmissionTimeout)
    assert len(outcomes) < 8


def test_megabytes_of_output_harm_nobody(student: Start) -> None:
    source = "import sys\ndef loud(x):\n    print('x' * 10**7)\n    print('y', file=sys.stderr)\n"
    worker = student(source + GOOD)
    worker.call("loud", 1)
    assert worker.call("good", 1).value == 2
    assert len(worker.output) <= worker.limits.kept_output_bytes


def test_a_flood_of_output_is_stopped(student: Start) -> None:
    worker = student(
        "def loud(x):\n    while True: print('x' * 10**6)\n" + GOOD,
        Limits(call_seconds=10.0, output_bytes=10**7),
    )
    with pytest.raises(errors.OutputFlood):
        worker.call("loud", 1)
    assert worker.call("good", 1).value == 2


def test_output_cannot_be_mistaken_for_an_answer(student: Start) -> None:
    source = "import os\ndef fake(x):\n    os.write(1, b'dfg1' + bytes(12))\n    return x\n"
    assert student(source).call("fake", 5).value == 5


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_children_and_threads_do_not_outlive_the_submission(student: Start, tmp_path: Path) -> None:
    marker = tmp_path / "alive"
    source = f"""
import os, threading, time
def leave(x):
    threading.Thread(target=time.sleep, args=(60,)).start()
    if os.fork() == 0:
        while True:
            open({str(marker)!r}, "a").close()
            os.utime({str(marker)!r})
            time.sleep(0.02)
    return x
"""
    worker = student(source, Limits(processes=50), "none")  # the marker is outside
    worker.call("leave", 1)
    time.sleep(0.3)
    worker.close()
    stamp = marker.stat().st_mtime_ns
    time.sleep(0.3)
    assert marker.stat().st_mtime_ns == stamp


def test_the_worker_sees_no_environment_grader_or_library(
    student: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_SECRET", "course-secret")
    source = """
import os, sys, importlib.util
def environment():
    return sorted(os.environ)
def modules():
    return sorted(m for m in sys.modules if m.startswith(("grader", "densefit", "hypothesis")))
def found(name):
    return importlib.util.find_spec(name) is not None
def here():
    return [p for p in sys.path if "grader" in p], os.listdir(".")
"""
    worker = student(source)
    assert "GRADER_SECRET" not in worker.call("environment").value
    assert worker.call("modules").value == []
    assert [worker.call("found", n).value for n in ("densefit", "grader", "click")] == [False] * 3
    assert worker.call("here").value == ([], [])


def test_descriptors_are_not_inherited(student: Start) -> None:
    with Path(os.devnull).open() as extra:
        os.set_inheritable(extra.fileno(), True)
        source = """
import os
def held():
    found = []
    for number in range(64):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            pass
    return found
"""
        held = student(source).call("held").value
    assert len(held) <= 6


@pytest.mark.skipif(os.name != "posix", reason="resource limits")
def test_files_have_a_size_limit(student: Start) -> None:
    source = "def fill():\n    with open('f', 'wb') as f:\n        f.write(bytes(2000))\n"
    with pytest.raises(errors.StudentError):
        student(source, Limits(file_bytes=1000)).call("fill")


def test_the_private_folder_is_removed(student: Start) -> None:
    worker = student("import os\ndef where():\n    return os.getcwd()\n", isolation="none")
    folder = Path(worker.call("where").value)
    assert folder.is_dir()
    worker.close()
    assert not folder.exists()


def test_patching_the_judges_tools_inside_the_worker_gains_nothing(student: Start) -> None:
    source = """
import numpy as np, json, struct
np.allclose = lambda *a, **k: True
json.dumps = lambda *a, **k: '{"id": 0, "value": 42, "mutated": [], "aliased": []}'
def f(x):
    return x
"""
    worker = student(source)
    (outcome,) = worker.call_many([("f", (1,))])
    if isinstance(outcome, CallResult):
        assert outcome.value in (1, 42)
    else:
        assert isinstance(outcome, (errors.Tampered, errors.Crashed))
