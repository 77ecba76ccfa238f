"""The service as it is deployed: web and worker as processes of their own, restarted when they die.

What systemd or a container runtime would do is done by a thread for each process: it waits for the
process and starts it again. ``kill`` is ``kill -9``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

import postgres
from web_service import free_port

PAUSE = 0.3
PATIENCE = 60.0


class Supervised:
    """A process that comes back: ``starts`` counts how often it was started."""

    def __init__(self, command: list[str], folder: Path, name: str, env: dict[str, str]) -> None:
        self.command, self.folder, self.env = command, folder, env
        self.log = folder / f"{name}.log"
        self.starts = 0
        self._ending = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """kill -9, and return when another process runs in its place."""
        before = self.starts
        os.kill(self.pid, signal.SIGKILL)
        eventually(lambda: self.starts > before, f"{self.log.stem} did not come back")

    def end(self) -> int:
        """Ask it to end as a service manager does; its exit code."""
        self._ending.set()
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._thread.join()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            made = subprocess.Popen(
                self.command, cwd=self.folder, env=self.env, stdout=log, stderr=log
            )
        self.starts += 1
        return made

    def _watch(self) -> None:
        while True:
            self._process.wait()
            if self._ending.wait(PAUSE):
                return
            self._process = self._start()


def eventually(true: Callable[[], object], otherwise: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds; fail with a sentence when it takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)


@dataclass
class Installation:
    """A database, a folder of files, and the processes of the service on them."""

    folder: Path
    database: str
    server: postgres.Server | None = None
    host: str = "127.0.0.1"
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def run(self, *words: str) -> str:
        """What ``grader service WORDS`` prints."""
        command = [*grader("service", words[0]), *self._place(), *words[1:]]
        done = subprocess.run(
            command, cwd=self.folder, env=self._env(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start_web(self) -> Supervised:
        words = ("--host", self.host, "--port", str(self.port), *self.options)
        web = Supervised([*grader("serve"), *self._place(), *words], *self._named("web"))
        self.wait_for_web()
        return web

    def start_worker(self, processes: int = 2) -> Supervised:
        words = ("--processes", str(processes), "--isolation", "auto")
        return Supervised([*grader("worker"), *self._place(), *words], *self._named("worker"))

    def wait_for_web(self) -> None:
        eventually(self._healthy, "the web process does not answer")

    def kill_database(self) -> None:
        """kill -9 of PostgreSQL, which then recovers from its log."""
        assert self.server is not None
        self.server.kill()
        self.server.start()

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def _place(self) -> list[str]:
        return ["--database", self.database, "--files", str(self.files)]

    def _named(self, name: str) -> tuple[Path, str, dict[str, str]]:
        return self.folder, name, self._env()

    def _env(self) -> dict[str, str]:
        return {**os.environ, "GRADER_ADDRESS": self.address, "PYTHONUNBUFFERED": "1"}


def grader(*words: str) -> list[str]:
    return [sys.executable, "-m", "grader.cli", *words]


@contextmanager
def installation(*, postgresql: bool = True, **more: object) -> Iterator[Installation]:
    """A fresh folder and database; the processes are started by whoever needs them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-service-")))
        server = stack.enter_context(postgres.server()) if postgresql else None
        database = server.new_database() if server else str(folder / "grader.db")
        yield Installation(folder, database, server, **more)  # type: ignore[arg-type]


@contextmanager
def running(*processes: Supervised) -> Iterator[None]:
    """End the processes at the end, as a service manager would."""
    try:
        yield
    finally:
        for process in processes:
            process.end()
