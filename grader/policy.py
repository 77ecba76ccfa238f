"""What a course adds to the points: late days, attempts, points that the teacher sets.

All of it stands in ``assignment.toml``, so that a regrade applies the same rules, and in the
result, so that a student can see how the score came about.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from grader.i18n import Text, text
from grader.result import Lateness

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.result import CheckResult, Result

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Late:
    """``percent_per_day`` of the score is lost for each day begun after the deadline.

    Within the grace nothing is lost; after it the days count from the deadline. After
    ``max_days`` nothing counts any more; without it the loss only ends at the whole score.
    """

    deadline: datetime
    grace_minutes: float = 0
    percent_per_day: float = 0
    max_days: int | None = None

    def days(self, submitted: datetime) -> int:
        """Days begun after the deadline; 0 within the grace."""
        over = submitted - self.deadline
        if over <= timedelta(minutes=self.grace_minutes):
            return 0
        return math.ceil(over / DAY)

    def percent(self, submitted: datetime) -> float:
        """What is lost of the score, from 0 to 100."""
        days = self.days(submitted)
        if self.max_days is not None and days > self.max_days:
            return 100
        return min(100, days * self.percent_per_day)


@dataclass(frozen=True)
class Attempts:
    """At most ``limit`` submissions, ``wait_minutes`` apart; the best or the last one counts."""

    limit: int | None = None
    counts: Literal["best", "last"] = "best"
    wait_minutes: float = 0

    def refusal(self, earlier: Sequence[datetime], now: datetime) -> Text | None:
        """Why no other submission may be made now; None if one may."""
        if self.limit is not None and len(earlier) >= self.limit:
            return text("All {limit} attempts are used.", limit=self.limit)
        ready = max(earlier, default=now) + timedelta(minutes=self.wait_minutes)
        if earlier and now < ready:
            minutes = math.ceil((ready - now) / timedelta(minutes=1))
            return text("The next attempt is possible in {minutes} minutes.", minutes=minutes)
        return None

    def counted(self, scores: Sequence[float]) -> int:
        """The position of the score that counts, of scores in the order handed in."""
        if not scores:
            raise ValueError("counted() needs at least one score")
        if self.counts == "last":
            return len(scores) - 1
        return max(range(len(scores)), key=lambda i: (scores[i], i))


@dataclass(frozen=True)
class Override:
    """Points that the teacher sets for one check, for everybody or for one student."""

    function: str
    name: str
    points: float
    reason: Text
    student: str | None = None


def apply(
    result: Result,
    assignment: Assignment,
    *,
    submitted: datetime | None = None,
    student: str | None = None,
) -> Result:
    """The result under the assignment's rules; without ``submitted`` it is never late.

    Rules that were applied before are taken back first: what counts is the last call's.
    """
    checks = tuple(_overridden(check, assignment.overrides, student) for check in result.checks)
    return replace(result, checks=checks, late=_lateness(assignment.late, submitted))


def _overridden(
    check: CheckResult, overrides: Sequence[Override], student: str | None
) -> CheckResult:
    """The check with the points set for it; what is set for this student goes before the rest."""
    mine = [
        override
        for override in overrides
        if (override.function, override.name) == (check.function, check.name)
        and override.student in (None, student)
    ]
    graded = check.graded_points
    if graded is not None:  # as it was before other overrides
        check = replace(check, points=graded, graded_points=None, override=None)
    if not mine:
        return check
    chosen = max(mine, key=lambda override: override.student is not None)
    return replace(check, points=chosen.points, graded_points=check.points, override=chosen.reason)


def _lateness(policy: Late | None, submitted: datetime | None) -> Lateness | None:
    if policy is None or submitted is None:
        return None
    if submitted.tzinfo is None:
        raise ValueError("submitted needs a time zone")
    return Lateness(
        deadline=policy.deadline.isoformat(),
        submitted=submitted.isoformat(),
        days=policy.days(submitted),
        percent=policy.percent(submitted),
    )
