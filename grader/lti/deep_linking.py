"""Deep linking: the teacher picks an assignment, and the platform makes a link of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from grader.lti.claims import DL, LTI, VERSION, Launch
from grader.lti.keys import ToolKey

LIFETIME = 300


@dataclass(frozen=True)
class Choice:
    """What the teacher picked: a link to an assignment, with a column in the gradebook."""

    slug: str
    title: str
    text: str
    url: str
    max_score: float

    def content_item(self) -> dict[str, Any]:
        """The choice as an ``ltiResourceLink`` with its line item (DL §3.2)."""
        return {
            "type": "ltiResourceLink",
            "title": self.title,
            "text": self.text,
            "url": self.url,
            "custom": {"assignment": self.slug},
            "lineItem": {
                "scoreMaximum": self.max_score,
                "label": self.title,
                "resourceId": self.slug,
            },
        }


def response(launch: Launch, choices: list[Choice], key: ToolKey, now: float) -> str:
    """The signed answer for the form field ``JWT`` (DL §4.5); no choice means cancelled.

    ``data`` goes back if, and only if, it came (DL §4.4.1).
    """
    claims: dict[str, Any] = {
        "iss": launch.client_id,
        "aud": launch.issuer,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "nonce": secrets.token_urlsafe(24),
        LTI + "deployment_id": launch.deployment_id,
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": VERSION,
        DL + "content_items": [choice.content_item() for choice in choices],
    }
    if "data" in launch.deep_linking:
        claims[DL + "data"] = launch.deep_linking["data"]
    return key.sign(claims)


def return_url(launch: Launch) -> str:
    """Where the browser posts the answer to (DL §4.4.1)."""
    return str(launch.deep_linking["deep_link_return_url"])
