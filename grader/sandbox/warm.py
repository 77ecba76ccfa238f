"""The judge's side of ``nursery.py``: a process with NumPy loaded, and the workers it forks."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from grader.errors import NotChecked
from grader.i18n import text
from grader.sandbox import filesystem, namespaces
from grader.sandbox.children import unwrapped
from grader.sandbox.launch import OPTIONS, environment
from grader.sanitise import clean

START_SECONDS = 60.0  # for Python and NumPy on a busy machine


class Forked:
    """A worker that the nursery forked."""

    def __init__(self, status: socket.socket, pipes: tuple[int, int, int]) -> None:
        self.stdin: IO[bytes] = os.fdopen(pipes[0], "wb", buffering=0)
        self.stdout: IO[bytes] = os.fdopen(pipes[1], "rb", buffering=0)
        self.stderr: IO[bytes] = os.fdopen(pipes[2], "rb", buffering=0)
        self._status = status
        self._process: int | None = None
        self._code: int | None = None
        self._ended = False
        self._lock = threading.Lock()

    def wait(self, seconds: float) -> int | None:
        """The exit code; 1 if the fork never became a worker."""
        end = time.monotonic() + seconds
        with self._lock:
            while not self._ended:
                if not select.select([self._status], [], [], max(0.0, end - time.monotonic()))[0]:
                    return None
                self._hear()
            return 1 if self._code is None else unwrapped(self._code)

    def process(self) -> int | None:
        """The number of the first process of its namespace, once the nursery has said it."""
        with self._lock:
            if self._process is None and not self._ended and self._told():
                self._hear()
            return None if self._process is None else _number(self._process)

    def kill(self) -> None:
        """Kill the first process of its namespace, and with it the kernel kills all others."""
        with self._lock:
            if self._process is None and not self._ended:
                self._status.settimeout(START_SECONDS)
                self._hear()
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def _told(self) -> bool:
        return bool(select.select([self._status], [], [], 0.0)[0])

    def _hear(self) -> None:
        """The next message: whom to kill, or the exit code, or the end of both."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._status, 16, 1)
        except OSError:
            message, descriptors = b"", []
        if descriptors:
            self._process = descriptors[0]
            return
        self._code = int(message) if message else self._code
        self._ended = True
        self._close()

    def _close(self) -> None:
        self._status.close()
        if self._process is not None:
            os.close(self._process)
            self._process = None


def _number(descriptor: int) -> int | None:
    """The number of the process that a descriptor stands for; None when it has ended."""
    try:
        lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
    except OSError:
        return None
    found = [int(line.partition(":")[2]) for line in lines if line.startswith("Pid:")]
    return found[0] if found and found[0] > 0 else None


class Nursery:
    """The warmed process; safe to use from several threads. Close it, or leave the ``with``."""

    def __init__(self, numpy: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="grader-")
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
        try:
            self._process = self._start(numpy, theirs.fileno(), proc)
        finally:
            theirs.close()
            os.close(proc)
        self._await_ready()

    def _start(self, numpy: str, control: int, proc: int) -> subprocess.Popen[bytes]:
        configuration = {
            "numpy": filesystem.NUMPY,
            "control": control,
            "proc": proc,
            "home": filesystem.HOME,
            "helpers": filesystem.HELPERS,
        }
        worker = [filesystem.python(), *OPTIONS, filesystem.NURSERY, json.dumps(configuration)]
        view = filesystem.of_nursery(numpy)
        return subprocess.Popen(
            namespaces.nursery_command(view, self._folder, worker),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env=environment(filesystem.HOME),
            pass_fds=(control, proc),
            start_new_session=True,
        )

    def _await_ready(self) -> None:
        self._control.settimeout(START_SECONDS)
        try:
            ready = self._control.recv(1) == b"r"
        except OSError:
            ready = False
        self._control.settimeout(None)
        if ready:
            return
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        said = self._process.communicate()[1].decode("utf-8", "replace")
        self.close()
        raise NotChecked(
            text(
                "The sandbox could not start Python and NumPy. It said: {said}",
                said=clean(said.strip(), 300) or "-",
            )
        )

    def fork(self) -> Forked:
        """A fresh worker, which waits for its first frame; OSError when the nursery is gone."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
        handed = [stdin[0], stdout[1], stderr[1]]
        try:
            with self._lock:
                socket.send_fds(self._control, [b"f"], [*handed, theirs.fileno()])
        except OSError:
            ours.close()
            for descriptor in (stdin[1], stdout[0], stderr[0]):
                os.close(descriptor)
            raise
        finally:
            theirs.close()
            for descriptor in handed:
                os.close(descriptor)
        return Forked(ours, (stdin[1], stdout[0], stderr[0]))

    def alive(self) -> bool:
        """Whether it can still fork."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it and all of its workers."""
        self._control.close()
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


_shared: dict[tuple[int, str], Nursery] = {}
_shared_lock = threading.Lock()


def shared(numpy: str) -> Nursery:
    """The nursery of this process, started when first needed and again should it have died."""
    key = (os.getpid(), numpy)  # a fork of the judge has its own
    with _shared_lock:
        if key not in _shared or not _shared[key].alive():
            _shared[key] = Nursery(numpy)
            atexit.register(_shared[key].close)
        return _shared[key]
