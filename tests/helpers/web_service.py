"""The web service on a free port of this machine, in a thread, with people in two courses."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn
from sqlalchemy import select

from grader.service import sessions
from grader.service.app import create_app
from grader.service.settings import Limits, Settings
from grader.service.uploads import Part, accept, word
from grader.store import Queue, Store, open_store
from grader.store.models import Assignment, Course
from grader.store.people import Person, assignment, course, enrol, user
from grader.store.queue import Outcome
from grader.store.service import WebSession

MANY = 10**6
CHECK = {
    "name": "values",
    "function": "softmax",
    "title": {"en": "values", "ja": "値"},
    "status": "failed",
    "points": 3,
    "max_points": 4,
    "message": {"en": "A value is wrong: <b>&", "ja": "値が違います"},
    "law": None,
    "kind": None,
    "trace": [],
    "counterexample": None,
    "misconception": None,
    "seconds": 0.1,
}
DOCUMENT = {
    "schema": "x",
    "assignment": "assignment4",
    "title": {"en": "values", "ja": "値"},
    "submission": "submission.py",
    "digest": "0" * 64,
    "isolation": {"mode": "auto", "layers": [], "missing": []},
    "versions": {},
    "score": 3,
    "max_score": 4,
    "seed": 7,
    "seconds": 0.5,
    "notes": [],
    "output": "",
    "checks": [CHECK],
}


@dataclass
class Role:
    """Somebody who is in: a client with their cookie, and the word that forms need."""

    client: httpx.Client
    token: str
    csrf: str
    user_id: int
    course_id: int

    def post(self, path: str, data: dict[str, str] | None = None, **more: object) -> httpx.Response:
        return self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **more)  # type: ignore[arg-type]


@dataclass
class Service:
    """A running service and its store."""

    store: Store
    settings: Settings
    roles: dict[str, Role] = field(default_factory=dict)
    clients: list[httpx.Client] = field(default_factory=list)

    def assignment(self, course_id: int) -> int:
        with self.store.reading() as session:
            wanted = select(Assignment.id).where(Assignment.course_id == course_id)
            return int(session.scalars(wanted).one())

    def enter(self, name: str, course_slug: str, role: str) -> Role:
        """Let somebody in, as a launch would."""
        with self.store.writing() as session:
            within = course(session, course_slug)
            assignment(session, within, "assignment4", "A multilayer perceptron from scratch")
            person = user(session, Person("test", name, name))
            enrol(session, within, person, role)
            token = sessions.start(session, person, within, role, timedelta(hours=1))
            session.flush()
            row = session.get(WebSession, sessions.hashed(token))
            assert row is not None
            made = Role(self.client(token), token, row.csrf, person.id, within.id)
        self.roles[name] = made
        return made

    def client(self, token: str | None = None) -> httpx.Client:
        cookies = {sessions.cookie_name(self.settings): token} if token else {}
        origin = self.settings.origin
        made = httpx.Client(base_url=origin, cookies=cookies, timeout=60, verify=False)
        self.clients.append(made)
        return made

    def submission(self, role: Role, source: str = "x = 1\n", *, graded: bool = True) -> int:
        number = self.assignment(role.course_id)
        part = Part("submission.py", source.encode())
        made = accept(self.store, number, role.user_id, part, word(), MANY)
        if graded:
            self.grade()
        return made

    def grade(self, document: dict[str, object] = DOCUMENT) -> None:
        """Give every waiting job a result, without running anything."""
        queue = Queue(self.store)
        for lease in queue.claim("test", 1000):
            assert queue.finish(lease, Outcome(document, "test"))

    def course(self, slug: str) -> Course:
        with self.store.reading() as session:
            return session.scalars(select(Course).where(Course.slug == slug)).one()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_service(
    folder: Path, limits: Limits | None = None, database: str | None = None
) -> Iterator[Service]:
    port = free_port()
    store = open_store(database or folder / "grader.db", folder / "files")
    limits = limits or Limits(MANY, MANY, MANY, MANY, MANY)
    settings = Settings(f"http://127.0.0.1:{port}", str(folder), limits=limits)
    config = uvicorn.Config(
        create_app(store, settings),
        "127.0.0.1",
        port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    service = Service(store, settings)
    try:
        yield service
    finally:
        for client in service.clients:  # first: the server waits for open connections
            client.close()
        server.should_exit = True
        thread.join()
        store.close()
