"""The queue of jobs: claim with a lease, keep it alive, finish exactly once.

A worker may die at any instant. Before its claim nothing has happened; after it the job is
``running`` until its lease ends, then anyone may claim it again; the result and the state ``done``
are one transaction. A worker that was only slow finds that its lease has gone to another, and its
result is dropped: one job, one result.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from grader.i18n import Text, text
from grader.store.database import Store
from grader.store.models import DONE, FAILED, QUEUED, RUNNING, Grading, Job

LEASE = timedelta(minutes=2)
RETRY = timedelta(seconds=5)  # doubled with each attempt


@dataclass(frozen=True)
class Lease:
    """A claimed job, and the token that proves the claim."""

    job_id: int
    submission_id: int
    seed: int | None
    attempt: int
    token: str


@dataclass(frozen=True)
class Outcome:
    """What a job gave: a document of ``result_schema.json``, and who made it."""

    document: dict[str, Any]
    worker: str | None = None


def this_process() -> str:
    """The name under which this process holds leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Queue:
    """The jobs of a store; ``clock`` is for tests, the database's counts otherwise."""

    def __init__(
        self,
        store: Store,
        *,
        lease: timedelta = LEASE,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.store = store
        self.lease = lease
        self._clock = clock

    def _now(self, session: Session) -> datetime:
        return self._clock() if self._clock else self.store.now(session)

    def add(
        self,
        session: Session,
        submission_id: int,
        *,
        key: str,
        kind: str = "grade",
        seed: int | None = None,
        priority: int = 0,
    ) -> Job:
        """Ask for work, in the caller's transaction; the job of this ``key`` if there is one."""
        found = session.scalar(select(Job).where(Job.key == key))
        if found is not None:
            return found
        job = Job(
            submission_id=submission_id,
            kind=kind,
            key=key,
            seed=None if seed is None else str(seed),
            priority=priority,
            not_before=self._now(session),
        )
        session.add(job)
        session.flush()
        return job

    def claim(
        self,
        owner: str,
        limit: int = 1,
        kind: str = "grade",
        among: ColumnElement[bool] | None = None,
    ) -> list[Lease]:
        """Take up to ``limit`` jobs: the highest priority first, then the oldest."""
        with self.store.writing() as session:
            now = self._now(session)
            self._give_up(session, now)
            chosen = (
                select(Job.id)
                .where(Job.kind == kind, _claimable(now))
                .order_by(Job.priority.desc(), Job.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            if among is not None:
                chosen = chosen.where(among)
            ids = session.scalars(chosen).all()
            jobs = session.scalars(select(Job).where(Job.id.in_(ids))).all()
            jobs = sorted(jobs, key=lambda job: (-job.priority, job.id))
            return [self._grant(job, owner, now) for job in jobs]

    def _grant(self, job: Job, owner: str, now: datetime) -> Lease:
        job.state, job.error = RUNNING, None
        job.attempts += 1
        job.started_at = now
        job.lease_owner, job.lease_token = owner, secrets.token_hex(16)
        job.lease_until = now + self.lease
        seed = None if job.seed is None else int(job.seed)
        return Lease(job.id, job.submission_id, seed, job.attempts, job.lease_token)

    def _give_up(self, session: Session, now: datetime) -> None:
        """What stopped the grader every time is reported, not tried for ever."""
        lost = select(Job).where(Job.state == RUNNING, Job.lease_until < now)
        poisonous = lost.where(Job.attempts >= Job.max_attempts)
        for job in session.scalars(poisonous.with_for_update(skip_locked=True)):
            _end(job, FAILED, now)
            job.error = text(
                "The grader stopped {attempts} times while it worked on this submission.",
                attempts=job.attempts,
            )

    def heartbeat(self, lease: Lease) -> bool:
        """Hold a job for longer; False when the lease has gone to another."""
        with self.store.writing() as session:
            until = self._now(session) + self.lease
            held = update(Job).where(_held(lease)).values(lease_until=until)
            return bool(session.execute(held).rowcount)  # type: ignore[attr-defined]

    def finish(self, lease: Lease, outcome: Outcome) -> bool:
        """Write the result and end the job; False, and nothing written, without the lease."""
        with self.store.writing() as session:
            job = session.scalar(select(Job).where(_held(lease)).with_for_update())
            if job is None:
                return False
            _end(job, DONE, self._now(session))
            document = outcome.document
            session.add(
                Grading(
                    job_id=job.id,
                    submission_id=job.submission_id,
                    seed=str(document["seed"]),
                    score=document["score"],
                    max_score=document["max_score"],
                    seconds=document["seconds"],
                    worker=outcome.worker,
                    document=document,
                )
            )
            return True

    def fail(self, lease: Lease, error: Text, *, retry: bool = False) -> bool:
        """End the job without a result, or with ``retry`` queue it again after a pause."""
        with self.store.writing() as session:
            job = session.scalar(select(Job).where(_held(lease)).with_for_update())
            if job is None:
                return False
            now = self._now(session)
            again = retry and job.attempts < job.max_attempts
            _end(job, QUEUED if again else FAILED, now)
            job.not_before = now + RETRY * 2 ** (job.attempts - 1)
            job.error = dict(error)
            return True

    def release(self, owners: Sequence[str]) -> int:
        """Queue again what processes held that were killed from outside: no job is to blame."""
        with self.store.writing() as session:
            lost = select(Job).where(Job.state == RUNNING, Job.lease_owner.in_(owners))
            jobs = session.scalars(lost.with_for_update()).all()
            for job in jobs:
                _end(job, QUEUED, self._now(session))
                job.attempts -= 1
            return len(jobs)

    def try_again(self, jobs: Sequence[int]) -> int:
        """Queue what could not be checked once more; what has nothing to grade stays failed."""
        with self.store.writing() as session:
            failed = select(Job).where(Job.id.in_(jobs), Job.state == FAILED)
            again = [j for j in session.scalars(failed) if (j.error or {}).get("exit_code") != "2"]
            for job in again:
                _end(job, QUEUED, self._now(session))
                job.attempts = 0
                job.not_before = self._now(session)
            return len(again)

    def submissions(self, jobs: Sequence[int]) -> list[int]:
        """The submissions that jobs are about."""
        with self.store.reading() as session:
            return list(session.scalars(select(Job.submission_id).where(Job.id.in_(jobs))))

    def owners(self) -> list[str]:
        """Who holds leases."""
        with self.store.reading() as session:
            named = select(Job.lease_owner).where(Job.state == RUNNING).distinct()
            return [owner for owner in session.scalars(named) if owner]

    def counts(self, among: ColumnElement[bool] | None = None) -> dict[str, int]:
        """How many jobs are in each state."""
        with self.store.reading() as session:
            grouped = select(Job.state, func.count()).group_by(Job.state)
            if among is not None:
                grouped = grouped.where(among)
            counted = {state: count for state, count in session.execute(grouped)}  # noqa: C416
        return {state: counted.get(state, 0) for state in (QUEUED, RUNNING, DONE, FAILED)}


def _claimable(now: datetime) -> ColumnElement[bool]:
    waiting = and_(Job.state == QUEUED, Job.not_before <= now)
    return or_(waiting, and_(Job.state == RUNNING, Job.lease_until < now))


def _held(lease: Lease) -> ColumnElement[bool]:
    return and_(Job.id == lease.job_id, Job.state == RUNNING, Job.lease_token == lease.token)


def _end(job: Job, state: str, now: datetime) -> None:
    job.state = state
    job.finished_at = None if state == QUEUED else now
    job.lease_owner = job.lease_token = job.lease_until = None
