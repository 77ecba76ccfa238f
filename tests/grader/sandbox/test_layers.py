"""What a worker can see and do behind the walls, whoever puts them up."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import errors
from grader.sandbox import bubblewrap, filesystem, isolation, namespaces, warm
from grader.sandbox.filesystem import View
from grader.sandbox.isolation import STRONG_LAYERS, IsolationUnavailable, Launcher
from grader.sandbox.limits import Limits
from grader.sandbox.process import StudentProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
Start = Callable[..., StudentProcess]


@pytest.fixture(params=["bubblewrap", "namespaces", "nursery"])
def launcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    """Each way to put up the walls that this machine has."""
    there = {
        "bubblewrap": lambda: bubblewrap.program() is not None,
        "namespaces": namespaces.available,
        "nursery": namespaces.available,
    }
    if not there[request.param]():
        pytest.skip(f"this machine has no {request.param}")
    monkeypatch.setattr(isolation, "find_launcher", lambda: request.param)
    found: Launcher = request.param
    return found


def attempts(expressions: list[str]) -> str:
    """A submission whose ``trial(i)`` says how the i-th expression fails, or ``None``."""
    cases = "\n".join(f"    lambda: {expression}," for expression in expressions)
    return f"""
import ctypes, os, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    if libc.syscall(number, *args) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
CASES = [
{cases}
]
def trial(i):
    try:
        CASES[i]()
    except Exception as error:
        return type(error).__name__
"""


REFUSED = {
    "open('/new', 'w')": "OSError",
    "open('/grader/worker.py', 'r+')": "OSError",
    "open(os.__file__, 'a')": "OSError",
    "open(sys.executable, 'r+b')": "OSError",
    "os.listdir('/proc')": "FileNotFoundError",
    "os.listdir('/home')": "FileNotFoundError",
    "open('/etc/passwd')": "FileNotFoundError",
    "__import__('densefit')": "ModuleNotFoundError",
    "__import__('grader')": "ModuleNotFoundError",
    "__import__('click')": "ModuleNotFoundError",
    "socket.socket()": "PermissionError",
    "socket.socket(socket.AF_UNIX)": "PermissionError",
    "os.fork()": "BlockingIOError",
    "threading.Thread(target=print).start()": "RuntimeError",
    "os.setuid(0)": "PermissionError",
    "os.chroot('.')": "PermissionError",
    "os.sched_setaffinity(0, {0})": "PermissionError",
    "os.nice(-1)": "PermissionError",
    "os.memfd_create('x')": "PermissionError",
    "open('big', 'wb').write(bytes(40 << 20))": "OSError",
}
SYSTEM_CALLS = {  # x86-64
    "ptrace": 101,
    "mount": 165,
    "keyctl": 250,
    "unshare": 272,
    "perf_event_open": 298,
    "process_vm_readv": 310,
    "kexec_load": 246,
    "bpf": 321,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "clone3": 435,
}


@pytest.mark.usefixtures("launcher")
def test_what_is_outside_is_out_of_reach(student: Start) -> None:
    worker = student(attempts(list(REFUSED)))
    found = {name: worker.call("trial", i).value for i, name in enumerate(REFUSED)}
    assert found == REFUSED


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
@pytest.mark.usefixtures("launcher")
def test_dangerous_system_calls_are_refused(student: Start) -> None:
    calls = [f"call({number}, 0, 0, 0, 0, 0)" for number in SYSTEM_CALLS.values()]
    worker = student(attempts(calls))
    for i, name in enumerate(SYSTEM_CALLS):
        assert worker.call("trial", i).value in ("PermissionError", "OSError"), name


def test_the_worker_is_nobody_and_alone(student: Start, launcher: Launcher) -> None:
    source = """
import os
def who():
    return os.getuid(), os.getgid(), os.getpid() < 10, os.uname().nodename
def seen():
    return sorted(os.listdir("/grader")), os.listdir("."), os.listdir("/dev")
def packages():
    folder = os.path.dirname(os.__file__) + "/site-packages"
    return os.listdir(folder) if os.path.isdir(folder) else []
"""
    worker = student(source)
    assert worker.call("who").value == (65534, 65534, True, "sandbox")
    grader, home, devices = worker.call("seen").value
    raising = ["enclosure.py", "nursery.py", "submission"] if launcher == "nursery" else []
    raising += ["enclosure.py"] if launcher == "bubblewrap" else []
    assert grader == sorted(["protocol.py", "site", "worker.py", *raising])
    assert home == []
    assert set(devices) == {"null", "urandom"}
    assert worker.call("packages").value == []


@pytest.mark.usefixtures("launcher")
def test_the_home_folder_holds_few_files(student: Start) -> None:
    source = """
import os
def fill():
    made = 0
    try:
        for number in range(20_000):
            os.mkdir(f"d{number}") if number % 2 else open(f"f{number}", "x").close()
            made += 1
    except OSError as error:
        return made, error.errno, os.statvfs(".").f_files
"""
    made, number, room = student(source).call("fill").value
    assert number == errno.ENOSPC
    assert 1000 < made < room == 4096


@pytest.mark.usefixtures("launcher")
def test_no_power_to_undo_the_walls_is_left(student: Start) -> None:
    source = """
import ctypes, time
def remount():
    flags = ctypes.c_ulong(32)
    return ctypes.CDLL(None).mount(b"tmpfs", b"/tmp", None, flags, b"size=1g,nr_inodes=0")
"""
    worker = student(source)
    assert worker.call("remount").value == -1
    workers = [status for status in map(_status, _below(os.getpid())) if status["Seccomp"] == "2"]
    assert workers
    for status in workers:
        assert all(int(status[f"Cap{kind}"], 16) == 0 for kind in ("Eff", "Prm", "Inh", "Amb"))
        assert status["NoNewPrivs"] == "1"


def _below(process: int) -> list[int]:
    """The processes that a process has started, and those that they have started."""
    listed = "".join(p.read_text() for p in Path(f"/proc/{process}/task").glob("*/children"))
    return [found for child in map(int, listed.split()) for found in (child, *_below(child))]


def _status(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.mark.usefixtures("launcher")
def test_the_home_folder_is_small_and_forgotten(student: Start) -> None:
    source = """
import os
def fill():
    try:
        for i in range(100):
            with open(f"f{i}", "wb") as file:
                file.write(bytes(1 << 20))
    except OSError:
        return i
def left():
    return os.listdir(".")
def crash():
    os._exit(1)
"""
    worker = student(source, Limits(home_bytes=8 << 20))
    assert 6 <= worker.call("fill").value <= 8
    with pytest.raises(errors.Crashed):
        worker.call("crash")
    assert worker.call("left").value == []


@pytest.mark.usefixtures("launcher")
def test_a_signal_is_told_through_the_launcher(student: Start) -> None:
    worker = student("import ctypes\ndef bad():\n    ctypes.string_at(0)\n")
    with pytest.raises(errors.Crashed) as caught:
        worker.call("bad")
    assert "SIGSEGV" in caught.value.text["en"]


@pytest.mark.usefixtures("launcher")
def test_processor_time_has_a_limit_of_its_own(student: Start) -> None:
    worker = student("def spin():\n    while True: pass\n", Limits(cpu_seconds=1))
    with pytest.raises(errors.CallTimeout):
        worker.call("spin")


def processes_named(name: str) -> int:
    found = 0
    for entry in Path("/proc").glob("[0-9]*/comm"):
        try:
            found += entry.read_text().strip() == name
        except OSError:
            continue
    return found


@pytest.mark.usefixtures("launcher")
def test_children_die_with_the_namespace(student: Start) -> None:
    name = f"left{os.getpid()}"
    source = f"""
import ctypes, os, time
def leave():
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, b"{name}")
        time.sleep(60)
"""
    worker = student(source, Limits(processes=20))
    worker.call("leave")
    deadline = time.monotonic() + 5
    while processes_named(name) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_named(name) == 1
    worker.close()
    while processes_named(name) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_named(name) == 0


@pytest.mark.usefixtures("launcher")
def test_own_modules_are_there_and_read_only(tmp_path: Path) -> None:
    from grader.submission import read_submission

    (tmp_path / "mine.py").write_text("def twice(x):\n    return 2 * x\n")
    (tmp_path / "submission.py").write_text(
        "import mine\ndef f(x):\n    return mine.twice(x)\ndef g():\n    open(mine.__file__, 'a')\n"
    )
    with StudentProcess(read_submission(tmp_path, ["f", "g"])) as worker:
        assert worker.call("f", 4).value == 8
        with pytest.raises(errors.StudentException):
            worker.call("g")


@pytest.mark.usefixtures("launcher")
def test_a_sandbox_that_cannot_start_is_not_the_submissions_fault(
    student: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filesystem, "of_python", lambda numpy: View(()))
    monkeypatch.setattr(warm, "_shared", {})
    with pytest.raises(errors.NotChecked):
        student("def f():\n    return 1\n").call("f")


def test_required_refuses_without_strong_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "find_launcher", lambda: None)
    with pytest.raises(IsolationUnavailable) as refused:
        isolation.plan("required")
    assert refused.value.missing == STRONG_LAYERS
    assert isolation.plan("auto").missing == STRONG_LAYERS


@pytest.mark.usefixtures("launcher")
def test_the_plan_says_what_is_in_force() -> None:
    planned = isolation.plan("required")
    assert set(STRONG_LAYERS) <= set(planned.layers)
    assert planned.missing == ()
    assert isolation.plan("none").missing == STRONG_LAYERS


@pytest.mark.skipif(os.geteuid() != 0, reason="the kernel counts the processes of all but root")
def test_root_is_told_that_its_processes_are_not_counted() -> None:
    assert isolation.plan("auto", Limits(processes=5)).missing[-1:] == ("process limit",)
