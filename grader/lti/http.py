"""Requests to a platform: with a time-out, a size limit, over TLS, following no redirect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from grader.lti.errors import PlatformUnreachable

TIMEOUT = httpx.Timeout(10, connect=5)
MAX_BYTES = 2 << 20
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Answer:
    """A platform's answer, whatever its status."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; raises :class:`PlatformUnreachable` when it is something else."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise PlatformUnreachable("the answer is not JSON", self.status) from error


class Http:
    """The one way out. ``insecure`` allows plain http to this machine, for trying things out."""

    def __init__(self, *, insecure: bool = False, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False)
        self._insecure = insecure

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        """GET ``url``."""
        return self._send("GET", url, headers=headers)

    def post_json(
        self, url: str, data: Any, media_type: str, headers: dict[str, str] | None = None
    ) -> Answer:
        """POST ``data`` as JSON of ``media_type``."""
        body = json.dumps(data).encode()
        return self._send(
            "POST", url, content=body, headers={"Content-Type": media_type, **(headers or {})}
        )

    def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        """POST a form."""
        return self._send("POST", url, data=fields)

    def _send(self, method: str, url: str, **how: Any) -> Answer:
        self._insist_on_tls(url)
        try:
            with self._client.stream(method, url, **how) as response:
                body = _limited(response)
                return Answer(response.status_code, dict(response.headers), body)
        except httpx.HTTPError as error:
            where = urlsplit(url).netloc
            raise PlatformUnreachable(f"{where}: {type(error).__name__}") from error

    def _insist_on_tls(self, url: str) -> None:
        parts = urlsplit(url)
        local = self._insecure and parts.scheme == "http" and parts.hostname in LOOPBACK
        if not (parts.scheme == "https" and parts.hostname) and not local:
            raise PlatformUnreachable(f"{parts.scheme}://{parts.netloc} is not an https address")


def _limited(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise PlatformUnreachable(f"the answer is longer than {MAX_BYTES} bytes")
    return bytes(body)


def origin(url: str) -> str:
    """Scheme, host and port of ``url``, as browsers write an origin."""
    parts = urlsplit(url)
    port = parts.port
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "")
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
