"""However workers die, are slow or race each other, each job gives one result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic")

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import func, select

from grader.i18n import plain
from grader.store import Lease, Queue, Store, open_store
from grader.store.models import DONE, FAILED, QUEUED, RUNNING, Grading, Job
from grader.store.queue import LEASE, Outcome

from . import rows

MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(store: Store, clock: Clock) -> Queue:
    return Queue(store, clock=clock)


def results(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(Grading)) or 0


def done() -> Outcome:
    return Outcome(rows.document(), "here")


def test_a_job_is_done_once(store: Store, queue: Queue) -> None:
    rows.jobs(store, queue, 1)
    (lease,) = queue.claim("a")
    assert lease.seed is not None
    assert lease.seed >= 2**63  # larger than a column of integers
    assert queue.claim("b") == []
    assert queue.finish(lease, done())
    assert not queue.finish(lease, done())
    assert results(store) == 1
    assert queue.counts() == {QUEUED: 0, RUNNING: 0, DONE: 1, FAILED: 0}


def test_asking_twice_is_one_job(store: Store, queue: Queue) -> None:
    number = rows.submission(store)
    with store.writing() as session:
        first = queue.add(session, number, key="grade:1")
        assert queue.add(session, number, key="grade:1").id == first.id


def test_higher_priority_comes_first_then_the_older(store: Store, queue: Queue) -> None:
    ids = rows.jobs(store, queue, 3)
    with store.writing() as session:
        session.get_one(Job, ids[2]).priority = 1
    assert [lease.job_id for lease in queue.claim("a", 9)] == [ids[2], ids[0], ids[1]]


def test_the_job_of_a_dead_worker_is_claimed_again(
    store: Store, queue: Queue, clock: Clock
) -> None:
    rows.jobs(store, queue, 1)
    (lost,) = queue.claim("dead")
    clock.now += LEASE + MINUTE
    (lease,) = queue.claim("alive")
    assert lease.attempt == 2
    assert not queue.finish(lost, done())
    assert not queue.heartbeat(lost)
    assert not queue.fail(lost, plain("late"))
    assert queue.finish(lease, done())
    assert results(store) == 1


def test_a_heartbeat_keeps_the_job(store: Store, queue: Queue, clock: Clock) -> None:
    rows.jobs(store, queue, 1)
    (lease,) = queue.claim("slow")
    for _ in range(5):
        clock.now += MINUTE
        assert queue.heartbeat(lease)
        assert queue.claim("other") == []
    assert queue.finish(lease, done())


def test_what_kills_every_worker_is_given_up(store: Store, queue: Queue, clock: Clock) -> None:
    (job,) = rows.jobs(store, queue, 1)
    for _ in range(3):
        assert len(queue.claim("dies")) == 1
        clock.now += LEASE + MINUTE
    assert queue.claim("dies") == []
    with store.reading() as session:
        found = session.get_one(Job, job)
        assert found.state == FAILED
        assert found.error is not None
        assert "3" in found.error["en"]
        assert "3" in found.error["ja"]


def test_a_failure_is_tried_again_after_a_pause(store: Store, queue: Queue, clock: Clock) -> None:
    rows.jobs(store, queue, 1)
    for expected in (QUEUED, QUEUED, FAILED):
        (lease,) = queue.claim("a")
        assert queue.fail(lease, plain("no memory"), retry=True)
        assert queue.counts()[expected] == 1
        assert queue.claim("a") == []
        clock.now += MINUTE
    assert queue.claim("a") == []


def test_what_was_killed_from_outside_is_free_at_once(store: Store, queue: Queue) -> None:
    rows.jobs(store, queue, 2)
    (lost,) = queue.claim("killed")
    (other,) = queue.claim("alive")
    assert set(queue.owners()) == {"killed", "alive"}
    assert queue.release(["killed"]) == 1
    (lease,) = queue.claim("alive")
    assert (lease.job_id, lease.attempt) == (lost.job_id, 1)
    assert queue.finish(lease, done())
    assert queue.finish(other, done())


def test_only_among_the_jobs_asked_for(store: Store, queue: Queue) -> None:
    ids = rows.jobs(store, queue, 3)
    (lease,) = queue.claim("a", 9, among=Job.id == ids[1])
    assert lease.job_id == ids[1]
    assert queue.counts(Job.id == ids[1])[RUNNING] == 1


def test_threads_that_race_share_the_jobs(store: Store) -> None:
    queue = Queue(store)
    rows.jobs(store, queue, 24)
    taken: list[int] = []

    def work(name: str) -> None:
        while leases := queue.claim(name, 2):
            for lease in leases:
                taken.append(lease.job_id)
                assert queue.finish(lease, done())

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 24 == results(store)


WORKER = """
import sys, time
from grader.store import Queue, open_store
from grader.store.queue import Outcome
from datetime import timedelta
queue = Queue(open_store(sys.argv[1], sys.argv[2]), lease=timedelta(seconds=0.5))
print("ready", flush=True)
while queue.counts()["done"] < int(sys.argv[3]):
    for lease in queue.claim(sys.argv[4], 2):
        time.sleep(0.01)
        document = {"seed": 1, "score": 1, "max_score": 1, "seconds": 0}
        queue.finish(lease, Outcome(document, sys.argv[4]))
"""


@pytest.mark.slow
def test_processes_killed_at_any_moment_lose_and_repeat_nothing(
    address: str, tmp_path: Path
) -> None:
    store = open_store(address, tmp_path)
    queue = Queue(store)
    ids = rows.jobs(store, queue, 60)
    with store.writing() as session:
        for number in ids:
            session.get_one(Job, number).max_attempts = 1000

    def start(name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, address, str(tmp_path), "60", name],
            stdout=subprocess.PIPE,
        )

    workers = [start("a"), start("b")]
    for kill in range(6):
        assert workers[0].stdout is not None
        workers[0].stdout.readline()
        threading.Event().wait(0.02 * kill)
        os.kill(workers[0].pid, signal.SIGKILL)
        _reap(workers.pop(0))
        workers.append(start(f"w{kill}"))
    for worker in workers:
        assert worker.wait(120) == 0
        _reap(worker)
    assert results(store) == 60
    assert queue.counts()[DONE] == 60
    store.close()


def _reap(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdout is not None
    worker.stdout.close()
    worker.wait()


class Model(RuleBasedStateMachine):
    """Claims, finishes, failures, deaths and time in any order, against a model in memory."""

    store: Store

    @initialize(count=integers(1, 4))
    def start(self, count: int) -> None:
        self.clock = Clock()
        self.queue = Queue(self.store, clock=self.clock)
        with self.store.writing() as session:
            for row in session.scalars(select(Job)):
                session.delete(row)
        self.jobs = set(rows.jobs(self.store, self.queue, count))
        self.leases: list[Lease] = []
        self.finished: dict[int, int] = {}

    @rule(owner=sampled_from("ab"), limit=integers(1, 3))
    def claim(self, owner: str, limit: int) -> None:
        leases = self.queue.claim(owner, limit)
        assert not {lease.job_id for lease in leases} & set(self.finished)
        self.leases += leases

    @rule(which=integers(0, 9))
    def finish(self, which: int) -> None:
        if self.leases:
            lease = self.leases[which % len(self.leases)]
            if self.queue.finish(lease, done()):
                self.finished[lease.job_id] = self.finished.get(lease.job_id, 0) + 1

    @rule(which=integers(0, 9), retry=booleans())
    def fail(self, which: int, retry: bool) -> None:
        if self.leases:
            self.queue.fail(self.leases[which % len(self.leases)], plain("x"), retry=retry)

    @rule(minutes=integers(1, 4))
    def wait(self, minutes: int) -> None:
        self.clock.now += minutes * MINUTE

    @rule(owner=sampled_from("ab"))
    def die(self, owner: str) -> None:
        self.queue.release([owner])

    @invariant()
    def one_result_for_each_finished_job(self) -> None:
        if not hasattr(self, "jobs"):
            return
        assert set(self.finished.values()) <= {1}
        with self.store.reading() as session:
            graded = session.scalars(select(Grading.job_id)).all()
        assert sorted(graded) == sorted(self.finished)
        assert sum(self.queue.counts().values()) == len(self.jobs)


def test_any_order_of_events(tmp_path: Path) -> None:
    store = open_store(tmp_path / "model.db")
    machine = type("Machine", (Model,), {"store": store})
    machine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
    try:
        machine.TestCase("runTest").runTest()
    finally:
        store.close()
