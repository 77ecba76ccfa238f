"""The worker: claims jobs, grades them in the sandbox, delivers scores. No web here.

A thread for each core; each has judges of its own (:class:`grader.pool.GradingPool`), warm for
every assignment it has met, and one more thread keeps leases alive. Whatever happens to the
database, the loop goes on when it is back: a job that was being graded meanwhile is finished if
its lease still holds, and graded again otherwise.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from grader import policy
from grader.assignment import find_assignment
from grader.errors import GraderError
from grader.i18n import Text, text
from grader.pool import GradingPool, available_cores
from grader.pool import Job as PoolJob
from grader.sandbox.isolation import Mode
from grader.service.delivery import Delivery
from grader.service.uploads import safe_name
from grader.service.variants import variant_of
from grader.store import Lease, Queue, Store
from grader.store.models import Submission
from grader.store.queue import Outcome, this_process
from grader.store.secret import installation_secret

log = logging.getLogger("grader.worker")
LEASE = timedelta(seconds=60)
BEAT = 10.0
IDLE = 0.3
DATABASE_PAUSE = 1.0
SWEEP = 20.0


@dataclass
class Worker:
    """Threads that grade until :meth:`stop`."""

    store: Store
    processes: int = 0
    isolation: Mode = "required"
    delivery: Delivery | None = None
    lease: timedelta = LEASE
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.queue = Queue(self.store, lease=self.lease)
        self._held: dict[str, Lease] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        """Work until told to stop."""
        self._patiently(self._take_over)
        loops = [self._beat, self._deliver]
        loops += [self._grade_jobs] * (self.processes or available_cores())
        threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        self.stopping.wait()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Finish what is being graded, claim nothing more."""
        self.stopping.set()

    def _take_over(self) -> None:
        """Free what dead processes of this machine still hold: nobody need wait for the lease."""
        me = this_process()
        here = me.rpartition(":")[0]
        # In a container that was started again, the dead worker had this process's very name.
        dead = [owner for owner in self.queue.owners() if owner == me or _is_dead(owner, here)]
        if dead and self.queue.release(dead):
            log.info("took over", extra={"fields": {"owners": dead}})

    def _grade_jobs(self) -> None:
        pools: dict[str, GradingPool] = {}
        try:
            while not self.stopping.is_set():
                if not self._patiently(lambda: self._grade_one(pools)):
                    self.stopping.wait(IDLE)
        finally:
            for pool in pools.values():
                pool.close()

    def _grade_one(self, pools: dict[str, GradingPool]) -> bool:
        leases = self.queue.claim(this_process())
        for lease in leases:
            with self._lock:
                self._held[lease.token] = lease
            try:
                self._grade(lease, pools)
            finally:
                with self._lock:
                    del self._held[lease.token]
        return bool(leases)

    def _grade(self, lease: Lease, pools: dict[str, GradingPool]) -> None:
        with self.store.reading() as session:
            submission = session.get(Submission, lease.submission_id)
            if submission is None:  # deleted at its author's request, and its job with it
                return
            # all are needed below, when the session is closed
            slug, _ = submission.assignment.slug, (submission.user, submission.assignment.course)
        try:
            document, error = self._judged(submission, slug, lease.seed, pools)
        except (OSError, GraderError) as problem:
            document, error = None, _sentence(problem)
        if document is None:
            log.warning("not checked", extra={"fields": {"submission": lease.submission_id}})
            self._surely(lambda: self.queue.fail(lease, error, retry=True))
            return
        self._surely(lambda: self.queue.finish(lease, Outcome(document, this_process())))
        if self.delivery is not None:
            self._surely(lambda: self.delivery.enqueue(submission.id))  # type: ignore[union-attr]

    def _judged(
        self, submission: Submission, slug: str, seed: int | None, pools: dict[str, GradingPool]
    ) -> tuple[dict[str, object] | None, Text]:
        if slug not in pools:
            secret = installation_secret(self.store)
            pools[slug] = GradingPool(slug, processes=1, isolation=self.isolation, secret=secret)
        found, course = find_assignment(slug), submission.assignment.course.slug
        variant = variant_of(self.store, found, course, submission.user_id)
        with tempfile.TemporaryDirectory(prefix="grader-") as folder:
            path = Path(folder) / safe_name(submission.filename)
            path.write_bytes(self.store.files.read(submission.digest))
            job = PoolJob(path, seed, variant=None if variant is None else variant.number)
            (graded,) = pools[slug].grade_all([job])
        if graded.result is None:
            return None, graded.refusal or text("It could not be checked.")
        ruled = policy.apply(
            graded.result,
            found,
            submitted=submission.received_at,
            student=submission.user.student_number,
        )
        return ruled.as_dict(), {}

    def _beat(self) -> None:
        while not self.stopping.wait(BEAT):
            with self._lock:
                held = list(self._held.values())
            for lease in held:
                self._patiently(lambda lease=lease: self.queue.heartbeat(lease))  # type: ignore[misc]

    def _deliver(self) -> None:
        """Send what waits; now and then look for scores that a crash kept from being queued."""
        if self.delivery is None:
            return
        since_sweep = SWEEP
        while not self.stopping.is_set():
            if since_sweep >= SWEEP:
                self._patiently(self.delivery.sweep)
                since_sweep = 0.0
            if not self._patiently(self.delivery.send_due):
                self.stopping.wait(IDLE)
                since_sweep += IDLE

    def _patiently(self, work: object) -> object:
        """Do it; while the database is away, wait a moment and say that nothing was done."""
        try:
            return work()  # type: ignore[operator]
        except DBAPIError as error:
            log.warning("database", extra={"fields": {"error": type(error).__name__}})
            self.stopping.wait(DATABASE_PAUSE)
        except Exception:
            log.exception("unexpected")
            self.stopping.wait(DATABASE_PAUSE)
        return None

    def _surely(self, work: object) -> None:
        """Do it, and again until the database has answered: no grading is thrown away."""
        while True:
            try:
                work()  # type: ignore[operator]
                return
            except DBAPIError:
                if self.stopping.wait(DATABASE_PAUSE):
                    return


def _sentence(problem: Exception) -> Text:
    if isinstance(problem, GraderError):
        return problem.text
    return text("It could not be checked: {raised}.", raised=str(problem))


def _is_dead(owner: str, here: str) -> bool:
    host, _, pid = owner.rpartition(":")
    if host != here or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
