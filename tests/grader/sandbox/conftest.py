"""A machine with secrets on it, and the attacker's knowledge of where they are."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import pytest

from grader.sandbox import isolation
from source_tree import ROOT

RESULT = '{"score": 0}'


@dataclass
class Machine:
    """Where the secrets are, and what became of them."""

    folder: Path
    canary: str
    port: int
    connections: list[str] = field(default_factory=list)

    def knowledge(self) -> dict[str, str]:
        """What stands for ``@NAME@`` in an attack."""
        return {
            "ROOT": str(ROOT),
            "SITE": str(Path(numpy.__file__).parents[1]),
            "HOME": str(self.folder / "home"),
            "SECRET": str(self.folder / "home" / "secret.txt"),
            "OTHERS": str(self.folder / "others"),
            "RESULT": str(self.folder / "result.json"),
            "MARKER": str(self.folder / "marker"),
            "PORT": str(self.port),
        }

    def disturbed(self) -> list[str]:
        """What an attack has read, written or reached outside of its process."""
        found = [f"connection from {peer}" for peer in self.connections]
        if (self.folder / "result.json").read_text("utf-8") != RESULT:
            found.append("result.json")
        if (self.folder / "marker").exists():
            found.append("marker")
        return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Secrets in the environment, in files, in an open descriptor, and behind a port."""
    canary = "CANARY-" + secrets.token_hex(8)
    folder = tmp_path / "machine"
    (folder / "others" / "student").mkdir(parents=True)
    (folder / "home" / ".hypothesis" / "examples").mkdir(parents=True)
    (folder / "home" / ".hypothesis" / "examples" / "one").write_text(canary)
    secret = folder / "home" / "secret.txt"
    secret.write_text(canary)
    (folder / "others" / "student" / "submission.py").write_text(f"# {canary}\n")
    (folder / "result.json").write_text(RESULT)
    monkeypatch.setenv("GRADER_SECRET", canary)
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.chdir(folder / "home")
    with secret.open() as inherited, socket.create_server(("127.0.0.1", 0)) as server:
        os.set_inheritable(inherited.fileno(), True)
        found = Machine(folder, canary, server.getsockname()[1])
        listener = threading.Thread(target=_listen, args=(server, found))
        listener.start()
        yield found
        with socket.create_connection(("127.0.0.1", found.port)) as last:
            last.sendall(b"end")
        listener.join()


def _listen(server: socket.socket, machine: Machine) -> None:
    while True:
        connection, peer = server.accept()
        with connection:
            if connection.recv(16) == b"end":
                return
        machine.connections.append(str(peer))


@pytest.fixture
def walls() -> None:
    """Skip where the machine lacks a strong layer."""
    missing = isolation.plan("auto").missing
    if missing:
        pytest.skip(f"this machine lacks: {', '.join(missing)}; install bubblewrap")
