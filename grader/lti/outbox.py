"""What becomes of a score after each answer: pure decisions, so that every case is a test.

A score is posted at least once, for one (line item, user) at a time, and each post carries a later
timestamp than the one before. Platforms refuse differently: Moodle answers 409 to a second score of
the same second and to everything after one from the future, Canvas 400 to an earlier timestamp;
after a time-out nobody knows. So after 409, 400 or silence the platform's *result* is read, and
what stands there decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

STEP = 1.0  # seconds between the timestamps of two posts: platforms keep whole seconds
MAX_AHEAD = 3600.0  # how far a timestamp may run ahead of the platform's clock
FIRST_WAIT = 2.0
LONGEST_WAIT = 900.0
PATIENCE = 12  # refusals after which a person has to look

Verdict = Literal["done", "compare", "retry", "refused"]


@dataclass(frozen=True)
class Next:
    """What to do: ``state`` of the score, the next timestamp, and when to try again."""

    state: Literal["sent", "waiting", "refused"]
    last_timestamp: float
    retry_after: float = 0.0
    reason: str = ""


def timestamp(now: float, last: float | None) -> float:
    """``max(now, last + 1 s)``."""
    return now if last is None else max(now, last + STEP)


def judge(status: int | None) -> Verdict:
    """What an answer's status means; None is no answer at all."""
    if status is None or status in (401, 403, 408, 425, 429) or status >= 500:
        return "retry"
    if 200 <= status < 300:
        return "done"
    if status in (400, 409):
        return "compare"
    return "refused"  # 404: the column is gone; 422: not a student of the course


def after(
    status: int | None,
    sent: float,
    tries: int,
    *,
    stands: bool = False,
    headers: dict[str, str] | None = None,
    now: float,
) -> Next:
    """The decision after a post with the timestamp ``sent`` was answered with ``status``.

    ``stands`` says that the platform's result already is this score. ``tries`` counts the posts
    so far, this one included.
    """
    headers = {name.lower(): value for name, value in (headers or {}).items()}
    verdict = judge(status)
    if verdict == "done" or stands:
        return Next("sent", sent)
    if verdict == "refused":
        return Next("refused", sent, reason=f"http-{status}")
    if verdict == "retry":
        wait = max(backoff(tries), _retry_after(headers))
        return Next("waiting", sent, wait, reason=f"http-{status}" if status else "no-answer")
    if tries >= PATIENCE:
        return Next("refused", sent, reason=f"http-{status}")
    ahead = min(2.0**tries, MAX_AHEAD)
    platform_now = _date(headers) or now
    later = min(max(sent, platform_now) + ahead, max(now, platform_now) + MAX_AHEAD)
    return Next("waiting", max(sent, later - STEP), backoff(tries), reason=f"http-{status}")


def backoff(tries: int) -> float:
    """Seconds to wait after that many posts: doubled each time up to a quarter of an hour."""
    return float(min(FIRST_WAIT * 2.0 ** min(max(tries - 1, 0), 20), LONGEST_WAIT))


def stands(result: dict[str, Any] | None, given: float, maximum: float) -> bool:
    """Whether the gradebook's result is this score, as a share of whatever maximum it keeps."""
    if result is None or result.get("resultScore") is None:
        return False
    try:
        got = float(result["resultScore"]) / float(result.get("resultMaximum") or maximum)
    except (TypeError, ValueError, ZeroDivisionError):
        return False
    return math.isclose(got, given / maximum, abs_tol=1e-4)


def _retry_after(headers: dict[str, str]) -> float:
    try:
        return min(max(float(headers.get("retry-after", 0)), 0.0), LONGEST_WAIT)
    except ValueError:
        return 0.0


def _date(headers: dict[str, str]) -> float | None:
    """The platform's clock, from its ``Date`` header."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None
