"""A score ends right whatever the platform answers: decisions first, then real posts."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.lti import outbox
from grader.lti.ags import GradeService, Score, below, iso_time
from grader.lti.claims import Platform
from grader.lti.errors import PlatformUnreachable
from grader.lti.http import Http
from grader.lti.keys import generate_key
from grader.lti.tokens import AccessTokens
from lti_platform import MEMBERSHIP, LtiPlatform, Person

KEY = generate_key()


@dataclass
class Service:
    """A score being delivered, as the worker does it, with a clock that a test moves."""

    grades: GradeService
    item: str
    now: float
    last: float | None = None
    tries: int = 0

    def deliver(self, given: float, *, user: str = "s-1", most: int = 40) -> outbox.Next:
        done = outbox.Next("waiting", 0.0)
        self.tries = 0
        for _ in range(most):
            self.tries += 1
            sent = outbox.timestamp(self.now, self.last)
            answer = self.grades.post_score(self.item, Score(user, given, 120, "ok", sent))
            compare = outbox.judge(answer.status) == "compare"
            found = self.grades.result(self.item, user) if compare else None
            done = outbox.after(
                answer.status,
                sent,
                self.tries,
                stands=outbox.stands(found, given, 120),
                headers=answer.headers,
                now=self.now,
            )
            self.last = done.last_timestamp
            if done.state != "waiting":
                return done
            self.now += done.retry_after
        return done


@pytest.fixture
def service(platform: LtiPlatform, http: Http) -> Service:
    with_tool(platform, http)
    item = platform.add_line_item({"resourceId": "assignment4", "scoreMaximum": 120})["id"]
    import time

    return Service(grade_service(platform, http), item, time.time())


def with_tool(platform: LtiPlatform, http: Http) -> None:
    """The platform takes our keys from its own server: it needs them somewhere."""
    platform.tool = {"jwks_uri": f"{platform.origin}/jwks", "redirect_uris": ["x"]}
    platform.key = KEY


def grade_service(platform: LtiPlatform, http: Http) -> GradeService:
    registered = Platform(
        platform.issuer,
        platform.client_id,
        f"{platform.origin}/auth",
        f"{platform.origin}/token",
        f"{platform.origin}/jwks",
    )
    return GradeService(http, AccessTokens(http, lambda: KEY), registered)


def test_a_score_arrives(service: Service, platform: LtiPlatform) -> None:
    assert service.deliver(90).state == "sent"
    assert platform.grade("s-1") == 0.75
    body = platform.posts[0]
    assert body["gradingProgress"] == "FullyGraded"
    assert body["comment"]
    assert "." in body["timestamp"]


def test_two_scores_in_the_same_second(service: Service, platform: LtiPlatform) -> None:
    assert service.deliver(60).state == "sent"
    assert service.deliver(90).state == "sent"
    assert platform.grade("s-1") == 0.75
    assert service.tries == 1  # the second timestamp is already a second later


def test_a_same_second_that_was_not_remembered(service: Service, platform: LtiPlatform) -> None:
    service.deliver(60)
    service.last = None  # a restored backup
    assert service.deliver(90).state == "sent"
    assert platform.grade("s-1") == 0.75


def test_the_same_score_again_ends_at_once(service: Service, platform: LtiPlatform) -> None:
    service.deliver(60)
    service.last = None
    assert service.deliver(60).state == "sent"
    assert service.tries == 1
    assert platform.grade("s-1") == 0.5


@pytest.mark.parametrize("fault", [500, 502, 503, 429, 408, "lost answer", 401, 409, 400])
def test_every_fault_passes(service: Service, platform: LtiPlatform, fault: object) -> None:
    platform.faults = [fault] * 3
    assert service.deliver(90).state == "sent"
    assert platform.grade("s-1") == 0.75


def test_a_clock_that_was_ahead(service: Service, platform: LtiPlatform) -> None:
    """A score of half an hour from now stands: timestamps go up until they pass it."""
    service.now += 1800
    service.deliver(30)
    service.now, service.last = service.now - 1800, None
    assert service.deliver(90).state == "sent"
    assert platform.grade("s-1") == 0.75


def test_a_score_of_next_year_is_given_up_and_said_so(
    service: Service, platform: LtiPlatform
) -> None:
    start = service.now
    service.now += 400 * 86400
    service.deliver(30)
    service.now, service.last = start, None
    done = service.deliver(90)
    assert done.state == "refused"
    assert done.reason in ("http-409", "http-400")
    newest = max(outbox.timestamp(service.now, service.last), start)
    assert newest < service.now + outbox.MAX_AHEAD + 2  # ours do not poison the column


def test_a_teacher_has_no_column(service: Service, platform: LtiPlatform) -> None:
    platform.add(Person("t-1", "先生", [MEMBERSHIP + "Instructor"]))
    done = service.deliver(90, user="t-1")
    assert done.state == "refused"
    assert done.reason == ("http-400" if platform.behaviour == "moodle" else "http-422")


def test_a_column_that_was_deleted(service: Service, platform: LtiPlatform) -> None:
    platform.line_items.clear()
    assert service.deliver(90).reason == "http-404"


def test_the_line_item_is_found_or_made(platform: LtiPlatform, http: Http) -> None:
    with_tool(platform, http)
    grades = grade_service(platform, http)
    container = f"{platform.origin}/lineitems?type_id=3"
    what = {"resource_id": "assignment4", "label": "課題4", "maximum": 120}
    made = grades.ensure_line_item(container, **what)  # type: ignore[arg-type]
    assert grades.ensure_line_item(container, **what) == made  # type: ignore[arg-type]
    assert len(platform.line_items) == 1


def test_a_line_item_elsewhere_does_not_get_our_token(platform: LtiPlatform, http: Http) -> None:
    with_tool(platform, http)
    platform.line_items["x"] = {"id": "https://evil.example/1", "resourceId": "a"}
    with pytest.raises(PlatformUnreachable):
        grade_service(platform, http).ensure_line_item(
            f"{platform.origin}/lineitems", resource_id="a", label="a", maximum=1
        )


@given(st.floats(0, 2e9), st.floats(0, 2e9))
def test_timestamps_only_go_up(now: float, last: float) -> None:
    assert outbox.timestamp(now, last) >= max(now, last + 1)


@given(
    statuses=st.lists(st.sampled_from([None, 400, 401, 409, 429, 500, 503]), max_size=40),
    start=st.floats(1e9, 2e9),
)
def test_waits_are_bounded_and_timestamps_stay_near(
    statuses: list[int | None], start: float
) -> None:
    last, now = None, start
    for tries, status in enumerate(statuses, 1):
        sent = outbox.timestamp(now, last)
        assert last is None or sent >= last + 1
        assert sent <= now + outbox.MAX_AHEAD + len(statuses)
        done = outbox.after(status, sent, tries, now=now)
        if done.state == "refused":
            assert status in (400, 409)
            return
        assert done.state == "waiting"
        assert 0 < done.retry_after <= outbox.LONGEST_WAIT
        last, now = done.last_timestamp, now + done.retry_after


def test_retry_after_is_honoured() -> None:
    done = outbox.after(503, 5.0, 1, headers={"Retry-After": "120"}, now=5.0)
    assert done.retry_after == 120


@pytest.mark.parametrize(
    ("result", "same"),
    [
        ({"resultScore": 60, "resultMaximum": 120}, True),
        ({"resultScore": 50, "resultMaximum": 100}, True),
        ({"resultScore": 60}, True),
        ({"resultScore": 61, "resultMaximum": 120}, False),
        ({"resultScore": None, "resultMaximum": 120}, False),
        ({"resultScore": "?", "resultMaximum": 120}, False),
        (None, False),
    ],
)
def test_what_stands_is_compared_as_a_share(result: dict[str, object] | None, same: bool) -> None:
    assert outbox.stands(result, 60, 120) is same


@pytest.mark.parametrize(
    ("item", "scores"),
    [
        ("https://l/2/lineitem?type_id=1", "https://l/2/lineitem/scores?type_id=1"),
        ("https://l/2/lineitem", "https://l/2/lineitem/scores"),
        ("https://l/2/?a=b&c=%20", "https://l/2/scores?a=b&c=%20"),
    ],
)
def test_the_address_of_scores_keeps_the_query(item: str, scores: str) -> None:
    assert below(item, "scores") == scores


def test_timestamps_have_fractions_and_a_zone() -> None:
    assert iso_time(0.25) == "1970-01-01T00:00:00.250+00:00"
