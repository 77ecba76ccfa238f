"""A PostgreSQL server of our own: a temporary folder, a free port, gone at the end.

PostgreSQL refuses to run as root; there, its commands run as the user ``postgres``, whom Debian's
package makes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import needs

USER = "postgres"
RETRIES = 20


class Server:
    """A running server; may be killed and started again, as a crash would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"postgresql://{USER}@127.0.0.1:{self.port}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        words = ("start", "-w", "-t", "120", "-l", str(self.folder / "log"), "-o", options)
        for _ in range(RETRIES):
            with suppress(AssertionError):  # a killed server's last process still holds its memory
                return self._control(*words)
            time.sleep(1)
        self._control(*words)

    def stop(self) -> None:
        self._control("stop", "-w", "-m", "immediate")

    def kill(self) -> None:
        """kill -9: what was committed is there after the next start, and nothing else."""
        pid = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        # Asked for first: once their parent is dead, nothing says whose children they were.
        children = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True, check=False)
        for process in (pid, *children.stdout.split()):
            with suppress(ProcessLookupError):
                os.kill(int(process), 9)

    def new_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"test_{uuid4().hex}"
        _as_postgres(
            [_program("createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name]
        )
        return f"{self.url}/{name}"

    def _control(self, *arguments: str) -> None:
        _as_postgres([_program("pg_ctl"), "-D", str(self.folder / "data"), *arguments])


@contextmanager
def server() -> Iterator[Server]:
    """A server that runs as long as the block does."""
    needs.need("psycopg")
    if _find("initdb") is None:
        needs.need_program("initdb")
    folder = Path(tempfile.mkdtemp(prefix="densefit-postgres-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        data = str(folder / "data")
        initialise = [_program("initdb"), "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8"]
        _as_postgres([*initialise, "--no-locale", "--no-sync"])
        running = Server(folder)
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find(program: str) -> str | None:
    """On the PATH, or where Debian puts it: outside of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return shutil.which(program) or (str(found[-1]) if found else None)


def _program(name: str) -> str:
    found = _find(name)
    assert found is not None, f"{name} is not installed"
    return found


def _as_postgres(command: list[str]) -> None:
    if os.getuid() == 0:
        command = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--", *command]
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would stay open in the server
        stderr=subprocess.PIPE,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
