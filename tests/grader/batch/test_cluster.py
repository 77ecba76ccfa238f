"""A real Dask cluster of processes gives what one process gives, though its workers are killed."""

from __future__ import annotations

import ast
import os
import re
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

from sqlalchemy import select

import relu_assignment
from grader.batch import roll
from grader.sandbox import isolation
from grader.store import open_store
from grader.store.models import Grading
from source_tree import ROOT

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

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        call = [DASK, *arguments, "--host", "127.0.0.1", "--no-dashboard"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(call, cwd=self.folder, **quiet)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    yield running
    running.stop()


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


def test_a_killed_scheduler_loses_and_repeats_nothing(
    relu: Path, cluster: Cluster, tmp_path: Path
) -> None:
    """The batch ends with a sentence; called again with another cluster it goes on."""
    expected = relu_assignment.moodle_zip(tmp_path / "d.zip", 40)
    cluster.add_worker()
    call = command("batch", relu, tmp_path / "d.zip", "-o", tmp_path / "out", "--lang", "en")
    process = subprocess.Popen(
        [*call, "--scheduler", cluster.address],
        env=os.environ | SHOWN,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    graded = wait_for_some(tmp_path / "out")
    assert 0 < graded < len(expected)
    cluster.processes[0].kill()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 3, errors
    assert "The cluster's scheduler went away" in errors
    assert "Traceback" not in errors
    before = gradings(tmp_path / "out")
    other = Cluster(tmp_path)
    other.add_worker()
    try:
        again = run(*call[1:], "--scheduler", other.address)
    finally:
        other.stop()
    assert again.returncode == 0, again.stderr
    after = gradings(tmp_path / "out")
    assert len(after) == len(set(after)) == len(expected)
    assert after[: len(before)] == before
    store = open_store(tmp_path / "out" / "grades.db")
    lines = roll.call(store, "course", "relu")
    store.close()
    assert {line.key: line.grade.points for line in lines} == expected


def gradings(folder: Path) -> list[int]:
    """The submissions that have a result, in the order they got it."""
    store = open_store(folder / "grades.db")
    with store.reading() as session:
        found = list(session.scalars(select(Grading.submission_id).order_by(Grading.id)))
    store.close()
    return found


def wait_for_some(folder: Path) -> int:
    """Until a batch has some results; how many."""
    pause = threading.Event()
    for _ in range(600):
        if (folder / "grades.db").is_file() and (found := len(gradings(folder))):
            return found
        pause.wait(0.1)
    raise AssertionError("nothing was graded within a minute")


def test_slurm_starts_workers_as_the_documentation_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The job script that ``docs/batch.md`` tells to make; no Slurm is needed for that."""
    needs.need("dask_jobqueue")
    from dask_jobqueue import SLURMCluster

    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```py\n(.*?)```", (ROOT / "docs/batch.md").read_text("utf-8"), re.S)
    (call,) = (node for node in ast.walk(ast.parse(code)) if is_call(node, "SLURMCluster"))
    options = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
    local = {"dashboard": False, "host": "127.0.0.1"}
    with SLURMCluster(**options, scheduler_options=local) as cluster:
        script = cluster.job_script()
    assert "#SBATCH --cpus-per-task=16" in script
    assert "#SBATCH -p" in script
    assert "--nthreads 1" in script
    assert "--nworkers 16" in script
    assert "module load" in script
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def test_no_scheduler_is_explained(relu: Path, tmp_path: Path) -> None:
    relu_assignment.moodle_zip(tmp_path / "d.zip", 1)
    call = ("batch", relu, tmp_path / "d.zip", "-o", tmp_path / "out", "--lang", "en")
    done = run(*call, "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 3
    assert "There is no Dask scheduler at tcp://127.0.0.1:1" in done.stderr
