"""A real Dask cluster of processes gives what one process gives, though its workers are killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic", "yaml", "distributed")

import relu_assignment
from grader.batch import roll
from grader.sandbox import isolation
from grader.store import open_store

from .conftest import SHOWN, command, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or bool(isolation.plan("auto").missing), reason="needs every wall"
    ),
]
DASK = str(Path(sys.executable).with_name("dask"))


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        self.folder = folder
        self.processes = [self._start("scheduler", "--port", self.address.rpartition(":")[2])]

    def add_worker(self) -> subprocess.Popen[bytes]:
        self.processes.append(self._start("worker", self.address, "--no-nanny", "--nthreads", "1"))
        return self.processes[-1]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        call = [DASK, *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(call, cwd=self.folder, **quiet)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    yield running
    for process in reversed(running.processes):
        process.kill()
        process.wait()


def results(folder: Path) -> dict[str, tuple[str, list[tuple[str, float]]]]:
    """Seed and checks of everybody: all that must not depend on where it was computed."""
    store = open_store(folder / "grades.db")
    lines = roll.call(store, "course", "relu")
    store.close()
    documents = {line.key: line.document for line in lines if line.document is not None}
    assert len(documents) == len(lines)
    return {
        key: (str(d["seed"]), [(c["status"], c["points"]) for c in d["checks"]])
        for key, d in documents.items()
    }


def test_workers_killed_at_random_change_nothing(
    relu: Path, cluster: Cluster, tmp_path: Path
) -> None:
    relu_assignment.moodle_zip(tmp_path / "d.zip", 16)
    alone = run("batch", relu, tmp_path / "d.zip", "-o", tmp_path / "alone")
    assert alone.returncode == 0, alone.stderr
    workers = [cluster.add_worker(), cluster.add_worker()]
    call = command("batch", relu, tmp_path / "d.zip", "-o", tmp_path / "many")
    process = subprocess.Popen(
        [*call, "--scheduler", cluster.address],
        env=os.environ | SHOWN,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    for pause in (4.0, 1.5, 2.5):
        threading.Event().wait(pause)
        workers.append(cluster.add_worker())
        victim = workers.pop(0)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    assert results(tmp_path / "many") == results(tmp_path / "alone")


def test_no_scheduler_is_explained(relu: Path, tmp_path: Path) -> None:
    relu_assignment.moodle_zip(tmp_path / "d.zip", 1)
    call = ("batch", relu, tmp_path / "d.zip", "-o", tmp_path / "out", "--lang", "en")
    done = run(*call, "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 3
    assert "There is no Dask scheduler at tcp://127.0.0.1:1" in done.stderr
