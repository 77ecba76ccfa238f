"""Starts the processes, and ends them when told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click
import uvicorn

from grader.lti.http import Http
from grader.sandbox.isolation import Mode
from grader.service import demo
from grader.service.app import create_app
from grader.service.delivery import Delivery
from grader.service.middleware import log_to_stderr
from grader.service.settings import Settings
from grader.service.worker import Worker
from grader.store import Store

GRACE = 10
NICE = 10  # on a machine that does both, a page is answered before the next submission is graded


def run_web(store: Store, settings: Settings, host: str, port: int) -> None:
    """Serve until a signal comes."""
    if settings.demo:
        _greet(settings, demo.prepare(store))
    else:
        log_to_stderr()
    # uvicorn raises the signal once more when it is done: the worker beside it must end too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with _worker_beside(store) if settings.demo else nullcontext():
        uvicorn.run(
            create_app(store, settings),
            host=host,
            port=port,
            access_log=False,  # ours has no queries and no secrets
            log_config=None,
            proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            limit_concurrency=2000,
        )


def run_worker(store: Store, processes: int, isolation: Mode, *, insecure: bool) -> None:
    """Grade until a signal comes."""
    log_to_stderr()
    if hasattr(os, "nice"):
        os.nice(NICE)
    delivery = Delivery(store, Http(insecure=insecure))
    worker = Worker(store, processes, isolation, delivery)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


@contextmanager
def _worker_beside(store: Store) -> Iterator[None]:
    """A worker in a process of its own; the web process never runs a student's code."""
    database = store.engine.url.database or ""
    command = [sys.executable, "-m", "grader.cli", "worker", "--isolation", "auto"]
    beside = subprocess.Popen([*command, "--database", database, "--processes", "2"])
    try:
        yield
    finally:
        beside.terminate()
        try:
            beside.wait(GRACE)
        except subprocess.TimeoutExpired:
            beside.kill()


def _greet(settings: Settings, secrets: tuple[str, str, str]) -> None:
    teacher, student, class_ = (f"{settings.url('/join')}#{secret}" for secret in secrets)
    click.echo(f"\nteacher / 先生      {teacher}")
    click.echo(f"student / 学生      {student}")
    click.echo(f"class / クラス      {class_}\n")
    click.echo("Ctrl-C ends it; the example class stays in the folder demo.\n")
