"""What a worker finds when it starts."""

from __future__ import annotations

import subprocess
import sys

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "alembic", "python_multipart")

from grader.service.worker import Worker
from grader.store import Queue
from grader.store.queue import this_process
from web_service import Service


def test_what_dead_processes_of_this_machine_held_is_free_at_once(service: Service) -> None:
    """One that is gone, and one whose name this process has got: the next life of a container."""
    host = this_process().rpartition(":")[0]
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    owners = [f"{host}:{gone.pid}", this_process(), f"{host}:1", f"another-{host}:{gone.pid}"]
    queue = Queue(service.store)
    for owner in owners:
        service.submission(service.roles["student"], graded=False)
        assert len(queue.claim(owner)) == 1
    Worker(service.store)._take_over()
    assert set(queue.owners()) == set(owners[2:])
