"""Access tokens for a platform's services (Security §4.1)."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable

from grader.lti.claims import Platform
from grader.lti.errors import PlatformUnreachable
from grader.lti.http import Http
from grader.lti.keys import ToolKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = 60
MARGIN = 30.0  # a token about to expire is not used any more


def assertion(platform: Platform, key: ToolKey, now: float) -> str:
    """Who we are, signed: ``iss`` and ``sub`` our client_id, the token address as audience."""
    return key.sign(
        {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.authorization_server or platform.token_endpoint,
            "iat": int(now),
            "exp": int(now) + ASSERTION_LIFETIME,
            "jti": secrets.token_urlsafe(24),
        }
    )


class AccessTokens:
    """Tokens by platform and scopes, each used until shortly before it expires."""

    def __init__(
        self, http: Http, key: Callable[[], ToolKey], clock: Callable[[], float] = time.time
    ) -> None:
        self._http = http
        self._key = key
        self._clock = clock
        self._known: dict[tuple[str, str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, platform: Platform, scopes: Iterable[str]) -> str:
        """A token for ``scopes``, asked for when none is left."""
        name = (platform.issuer, platform.client_id, " ".join(sorted(scopes)))
        with self._lock:
            token, expires = self._known.get(name, ("", 0.0))
            if self._clock() >= expires - MARGIN:
                token, lifetime = self._ask(platform, name[2])
                self._known[name] = token, self._clock() + lifetime
        return token

    def forget(self, platform: Platform) -> None:
        """Drop the platform's tokens: one was refused before its time."""
        with self._lock:
            for name in [n for n in self._known if n[:2] == (platform.issuer, platform.client_id)]:
                del self._known[name]

    def _ask(self, platform: Platform, scope: str) -> tuple[str, float]:
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(platform, self._key(), self._clock()),
            "scope": scope,
        }
        answer = self._http.post_form(platform.token_endpoint, fields)
        data = answer.json() if answer.ok else None
        if not isinstance(data, dict) or not isinstance(data.get("access_token"), str):
            raise PlatformUnreachable(f"the token address answered {answer.status}", answer.status)
        lifetime = data.get("expires_in", 3600)
        return data["access_token"], float(lifetime) if isinstance(lifetime, int | float) else 60.0
