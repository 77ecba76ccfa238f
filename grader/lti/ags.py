"""Assignment and Grade Services 2.0: line items, scores, results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from grader.lti.claims import SCOPE_LINEITEM, SCOPE_RESULT, SCOPE_SCORE, Platform
from grader.lti.errors import PlatformUnreachable
from grader.lti.http import Answer, Http, origin
from grader.lti.tokens import AccessTokens

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"
MAX_COMMENT = 1000


@dataclass(frozen=True)
class Score:
    """One student's points, as they are to stand in the gradebook."""

    user_id: str
    given: float
    maximum: float
    comment: str
    timestamp: float  # seconds since 1970

    def body(self) -> dict[str, Any]:
        """The score as the platform wants it (AGS, Score publish service).

        Always ``FullyGraded``: anything else wipes the grade in Moodle. Always with points and a
        comment: leaving one out clears it. Canvas is told that no new attempt was made.
        """
        return {
            "userId": self.user_id,
            "scoreGiven": self.given,
            "scoreMaximum": self.maximum,
            "comment": self.comment[:MAX_COMMENT],
            "timestamp": iso_time(self.timestamp),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            CANVAS_SUBMISSION: {"new_submission": False},
        }


def iso_time(seconds: float) -> str:
    """ISO 8601 with sub-seconds and a zone, as the specification demands of timestamps."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def below(line_item: str, name: str, query: Mapping[str, str] | None = None) -> str:
    """The address ``name`` below a line item: added to its path; its query stays."""
    parts = urlsplit(line_item)
    joined = "&".join(part for part in (parts.query, urlencode(query or {})) if part)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", query=joined))


class GradeService:
    """The line items, scores and results of one platform."""

    def __init__(self, http: Http, tokens: AccessTokens, platform: Platform) -> None:
        self._http = http
        self._tokens = tokens
        self._platform = platform

    def post_score(self, line_item: str, score: Score) -> Answer:
        """Send a score; the answer is judged by :mod:`grader.lti.outbox`."""
        headers = self._authorized(SCOPE_SCORE)
        url = below(line_item, "scores")
        answer = self._http.post_json(url, score.body(), SCORE, headers)
        if answer.status == 401:  # revoked before its time: once more with a fresh token
            self._tokens.forget(self._platform)
            answer = self._http.post_json(url, score.body(), SCORE, self._authorized(SCOPE_SCORE))
        return answer

    def result(self, line_item: str, user_id: str) -> dict[str, Any] | None:
        """What stands in the gradebook for this user; None when nothing does."""
        headers = self._authorized(SCOPE_RESULT) | {"Accept": RESULTS}
        answer = self._http.get(below(line_item, "results", {"user_id": user_id}), headers)
        if answer.status == 404:
            return None
        found = _list(answer, "results")
        return next((one for one in found if str(one.get("userId")) == user_id), None)

    def line_items(self, container: str, resource_id: str) -> list[dict[str, Any]]:
        """The columns of the course that belong to ``resource_id``."""
        joint = "&" if urlsplit(container).query else "?"
        url = container + joint + urlencode({"resource_id": resource_id})
        headers = self._authorized(SCOPE_LINEITEM) | {"Accept": LINE_ITEMS}
        found = _list(self._http.get(url, headers), "line items")
        return [one for one in found if one.get("resourceId") == resource_id]

    def ensure_line_item(
        self, container: str, *, resource_id: str, label: str, maximum: float, link_id: str = ""
    ) -> str:
        """The address of the column for ``resource_id``, made when there is none."""
        for item in self.line_items(container, resource_id):
            if not link_id or item.get("resourceLinkId") in (None, "", link_id):
                return self._own(item.get("id"))
        item = {"scoreMaximum": maximum, "label": label, "resourceId": resource_id}
        if link_id:
            item["resourceLinkId"] = link_id
        headers = self._authorized(SCOPE_LINEITEM)
        answer = self._http.post_json(container, item, LINE_ITEM, headers)
        if not answer.ok:
            raise PlatformUnreachable(
                f"a new line item was answered {answer.status}", answer.status
            )
        made = answer.json()
        return self._own(made.get("id") if isinstance(made, dict) else None)

    def _own(self, url: Any) -> str:
        """A line item's address, which must be the platform's: our token goes there."""
        home = {origin(self._platform.token_endpoint), origin(self._platform.issuer)}
        if not isinstance(url, str) or origin(url) not in home:
            raise PlatformUnreachable("a line item without an address on the platform")
        return url

    def _authorized(self, scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens.get(self._platform, [scope])}"}


def _list(answer: Answer, what: str) -> list[dict[str, Any]]:
    if not answer.ok:
        raise PlatformUnreachable(f"{what} were answered {answer.status}", answer.status)
    data = answer.json()
    if not isinstance(data, list):
        raise PlatformUnreachable(f"{what} are not a list")
    return [one for one in data if isinstance(one, dict)]
