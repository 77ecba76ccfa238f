"""Brings scores into the LMS's gradebook, at least once and in the end the right one.

``enqueue`` writes down what is to stand there; ``send_due`` posts one score at a time for a (link,
person) and lets :mod:`grader.lti.outbox` decide what the answer means. Both are transactions of
their own: a process that dies between a post and its record posts once more, with a later
timestamp. ``sweep`` finds grades that never reached the outbox, for the same reason.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.assignment import Assignment as GraderAssignment
from grader.assignment import find_assignment
from grader.errors import AssignmentError
from grader.i18n import text
from grader.lti import outbox
from grader.lti.ags import GradeService, Score
from grader.lti.claims import Platform
from grader.lti.errors import PlatformUnreachable
from grader.lti.http import Http
from grader.lti.tokens import AccessTokens
from grader.policy import Attempts
from grader.service.context import signing_keys
from grader.store import Store
from grader.store.grades import Grade, counting, grades
from grader.store.models import Assignment, Grading, Identity, Submission, utc_now
from grader.store.service import Link, OutgoingScore, PlatformRow

log = logging.getLogger("grader.delivery")
CLAIM = timedelta(seconds=60)  # nobody else posts this score meanwhile
COMMENT = text(
    "{points} of {most} points. Open the activity to read the report.",
    points="{points}",
    most="{most}",
)


def as_platform(row: PlatformRow) -> Platform:
    """A registered platform, as the protocol's functions want it."""
    return Platform(
        row.issuer,
        row.client_id,
        row.authorization_endpoint,
        row.token_endpoint,
        row.jwks_uri,
        row.authorization_server,
        row.id,
    )


def provider(platform_id: int) -> str:
    """The name of a platform as a provider of identities."""
    return f"lti:{platform_id}"


def most_points(assignment: GraderAssignment) -> float:
    """The points there are: of the checks, and of the diagnosis if there is one."""
    return sum(p.points for p in assignment.points) + (assignment.diagnosis_points or 0)


@dataclass(frozen=True)
class Due:
    """A score to be posted now."""

    id: int
    platform: Platform
    line_item: str
    subject: str
    points: float
    max_points: float
    tries: int
    last_timestamp: float | None


class Delivery:
    """The outbox of a store; ``clock`` is for tests."""

    def __init__(self, store: Store, http: Http, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self._http = http
        self._clock = clock
        self._tokens = AccessTokens(http, lambda: signing_keys(store)[0])

    def enqueue(self, submission_id: int) -> None:
        """Write down the score of this submission's author, if an LMS waits for it."""
        with self.store.writing() as session:
            submission = session.get(Submission, submission_id)
            if submission is not None:
                queue_scores(session, submission.assignment_id, [submission.user_id])

    def sweep(self) -> None:
        """Write down every score that is not in the outbox yet."""
        self._complete_links()
        with self.store.writing() as session:
            linked = select(Link.assignment_id).where(Link.line_item.is_not(None)).distinct()
            for assignment_id in session.scalars(linked).all():
                queue_scores(session, assignment_id)

    def _complete_links(self) -> None:
        """Find or make the gradebook's column for links that came without one."""
        lacking = select(Link).where(Link.line_item.is_(None), Link.line_items.is_not(None))
        with self.store.reading() as session:
            links = [
                (
                    link.id,
                    link.line_items,
                    link.resource_link_id,
                    link.assignment,
                    as_platform(link.platform),
                )
                for link in session.scalars(lacking)
            ]
        for number, container, resource, assignment, platform in links:
            service = GradeService(self._http, self._tokens, platform)
            most = most_points(find_assignment(assignment.slug))
            try:
                made = service.ensure_line_item(
                    container or "",
                    resource_id=assignment.slug,
                    label=assignment.title,
                    maximum=most,
                    link_id=resource,
                )
            except PlatformUnreachable as error:
                log.warning("no line item", extra={"fields": {"detail": error.detail}})
                continue
            with self.store.writing() as session:
                row = session.get(Link, number)
                if row is not None:
                    row.line_item = made

    def send_due(self) -> bool:
        """Post one score that is due; False when none is."""
        due = self._claim()
        if due is None:
            return False
        self._record(due, *self._post(due))
        return True

    def _claim(self) -> Due | None:
        with self.store.writing() as session:
            now = utc_now()
            waiting = (
                select(OutgoingScore)
                .where(OutgoingScore.state == "waiting", OutgoingScore.next_at <= now)
                .order_by(OutgoingScore.next_at)
                .limit(1)
                .with_for_update(skip_locked=True, of=OutgoingScore)
            )
            score = session.scalar(waiting)
            if score is None or score.link.line_item is None:
                if score is not None:
                    score.state, score.reason = "refused", "no-line-item"
                return None
            score.next_at = now + CLAIM
            score.tries += 1
            return Due(
                score.id,
                as_platform(score.link.platform),
                score.link.line_item,
                score.subject,
                score.points,
                score.max_points,
                score.tries,
                score.last_timestamp,
            )

    def _post(self, due: Due) -> tuple[outbox.Next, float]:
        """Post, and where the answer says too little, look at what stands in the gradebook."""
        sent = outbox.timestamp(self._clock(), due.last_timestamp)
        comment = COMMENT["en"].format(points=f"{due.points:g}", most=f"{due.max_points:g}")
        score = Score(due.subject, due.points, due.max_points, comment, sent)
        service = GradeService(self._http, self._tokens, due.platform)
        try:
            answer = service.post_score(due.line_item, score)
            status, headers = answer.status, answer.headers
            found = None
            if outbox.judge(status) == "compare":
                found = service.result(due.line_item, due.subject)
        except PlatformUnreachable as error:
            log.warning("platform", extra={"fields": {"detail": error.detail}})
            status, headers, found = None, {}, None
        stands = outbox.stands(found, due.points, due.max_points)
        now = self._clock()
        decided = outbox.after(status, sent, due.tries, stands=stands, headers=headers, now=now)
        return decided, sent

    def _record(self, due: Due, decided: outbox.Next, sent: float) -> None:
        with self.store.writing() as session:
            score = session.get(OutgoingScore, due.id)
            if score is None:
                return
            now = utc_now()
            score.last_timestamp = max(decided.last_timestamp, sent)
            score.reason, score.updated_at = decided.reason, now
            score.next_at = now + timedelta(seconds=decided.retry_after)
            if decided.state == "sent":
                score.sent_points = due.points
            if score.points != due.points:  # a newer grade came while this one was on its way
                score.state, score.tries, score.next_at = "waiting", 0, now
            else:
                score.state = decided.state


def queue_scores(
    session: Session,
    assignment_id: int,
    user_ids: Sequence[int] | None = None,
    *,
    again: bool = False,
) -> int:
    """Bring the outbox up to the grades of an assignment; ``again`` also repeats what was sent."""
    links = session.scalars(select(Link).where(Link.assignment_id == assignment_id)).all()
    counted = counting_grades(session, assignment_id, user_ids) if links else []
    changed = 0
    for link in links:
        subjects = _subjects(session, link)
        for grade in counted:
            subject = subjects.get(grade.submission.user_id)
            if subject is not None and link.line_item is not None:
                changed += _put(session, link, grade, subject, again)
    return changed


def counting_grades(
    session: Session, assignment_id: int, user_ids: Sequence[int] | None = None
) -> list[Grade]:
    """Everybody's grade: the best or the last graded attempt, as the assignment's rules say."""
    wanted = select(Submission).where(Submission.assignment_id == assignment_id)
    if user_ids is not None:
        wanted = wanted.where(Submission.user_id.in_(user_ids))
    attempts = session.scalars(wanted.order_by(Submission.number)).all()
    graded: dict[int, list[Grade]] = {}
    for grade in grades(session, attempts):
        if grade.points is not None:
            graded.setdefault(grade.submission.user_id, []).append(grade)
    rules = _rules(attempts[0].assignment.slug) if attempts else None
    return [counting(rules, own) for own in graded.values()]


@lru_cache(maxsize=64)
def _rules(slug: str) -> Attempts | None:
    """The assignment's rules on attempts; none when it has gone from this machine."""
    try:
        return find_assignment(slug).attempts
    except AssignmentError:
        return None


def _subjects(session: Session, link: Link) -> dict[int, str]:
    named = select(Identity.user_id, Identity.subject).where(
        Identity.provider == provider(link.platform_id)
    )
    return {user_id: row[0] for user_id, *row in session.execute(named)}


def _put(session: Session, link: Link, grade: Grade, subject: str, again: bool) -> int:
    user_id, points = grade.submission.user_id, float(grade.points or 0.0)
    found = session.scalar(
        select(OutgoingScore).where(
            OutgoingScore.link_id == link.id, OutgoingScore.user_id == user_id
        )
    )
    if found is None:
        most = _most(session, grade)
        values: dict[str, Any] = {"points": points, "max_points": most, "subject": subject}
        session.add(OutgoingScore(link_id=link.id, user_id=user_id, **values))
        session.flush()
        return 1
    if found.points == points and not again:
        return 0
    found.points, found.max_points = points, _most(session, grade)
    found.state, found.tries, found.next_at, found.reason = "waiting", 0, utc_now(), ""
    return 1


def _most(session: Session, grade: Grade) -> float:
    if grade.grading is not None:
        return grade.grading.max_score
    other = (
        select(Grading.max_score)
        .join(Submission)
        .join(Assignment)
        .where(Assignment.id == grade.submission.assignment_id)
        .limit(1)
    )
    return session.scalar(other) or max(float(grade.points or 0.0), 1.0)
