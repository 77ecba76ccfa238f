"""Where a submission stands: its place in the queue, and news of it as server-sent events.

One query every half second serves everybody who is waiting, however many they are.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from grader.store import Store
from grader.store.models import QUEUED, RUNNING, Job

TICK = 0.5
NEAR, FAR = 10, 3.0  # whoever has many before them is told less often
LONGEST = 900.0
KEEP_ALIVE = 15.0


@dataclass(frozen=True)
class Standing:
    """``state`` is that of the job; ``ahead`` counts the submissions graded before this one."""

    state: str
    ahead: int = 0


class Board:
    """The active jobs, read again when what is known is older than a tick."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, Standing] = {}
        self._read_at = 0.0
        self._lock = asyncio.Lock()

    async def standing(self, submission_id: int) -> Standing:
        """Where this submission's newest job stands."""
        async with self._lock:
            if time.monotonic() - self._read_at > TICK:
                self._known = await run_in_threadpool(active, self._store)
                self._read_at = time.monotonic()
        if submission_id in self._known:
            return self._known[submission_id]
        return await run_in_threadpool(standing, self._store, submission_id)


def active(store: Store) -> dict[int, Standing]:
    """Every submission that is waiting or being graded."""
    jobs = (
        select(Job.submission_id, Job.state)
        .where(Job.state.in_((QUEUED, RUNNING)))
        .order_by(Job.priority.desc(), Job.id)
    )
    found: dict[int, Standing] = {}
    with store.reading() as session:
        waiting = 0
        for submission_id, state in session.execute(jobs):
            found[submission_id] = Standing(state, waiting if state == QUEUED else 0)
            waiting += state == QUEUED
    return found


def standing(store: Store, submission_id: int) -> Standing:
    """Where one submission stands, with its place in the queue only if it has one."""
    newest = select(Job.state).where(Job.submission_id == submission_id).order_by(Job.id.desc())
    with store.reading() as session:
        return Standing(session.scalar(newest.limit(1)) or "failed")


def states(session: Session, submission_ids: Sequence[int]) -> dict[int, str]:
    """The state of each submission's newest job, all in one query."""
    if not submission_ids:
        return {}
    jobs = select(Job.submission_id, Job.state).where(Job.submission_id.in_(submission_ids))
    newest = {number: state for number, state in session.execute(jobs.order_by(Job.id))}  # noqa: C416
    return {number: newest.get(number, "failed") for number in submission_ids}


async def events(board: Board, submission_id: int) -> AsyncIterator[str]:
    """News of a submission until it is graded, in the form of ``text/event-stream``."""
    last, start, spoken = None, time.monotonic(), time.monotonic()
    yield "retry: 1000\n\n"
    while time.monotonic() - start < LONGEST:
        try:
            now = await board.standing(submission_id)
        except DBAPIError:  # the database is restarting: the browser waits with us
            now = last or Standing(QUEUED)
        if now != last:
            yield f"event: standing\ndata: {json.dumps(asdict(now))}\n\n"
            last, spoken = now, time.monotonic()
        if now.state not in (QUEUED, RUNNING):
            return
        if time.monotonic() - spoken > KEEP_ALIVE:
            yield ": still here\n\n"
            spoken = time.monotonic()
        await asyncio.sleep(TICK if now.ahead < NEAR else FAR)
