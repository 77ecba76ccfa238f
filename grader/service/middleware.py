"""Around every request: headers that forbid, limits, counting, one line of log."""

from __future__ import annotations

import json
import logging
import secrets
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.service import frames
from grader.service.context import Context
from grader.service.metrics import Metrics

log = logging.getLogger("grader.service")
FORM_OVERHEAD = 1 << 20

# Scripts and styles are our files only.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action {forms}; base-uri 'none'; object-src 'none'; "
    "frame-ancestors {frames}"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # "no-referrer" would make our own forms say Origin: null
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Adds the headers, refuses what is too large or too often, and logs without secrets.

    The log has the path but neither its query nor headers nor forms: those hold tokens.
    """

    def __init__(self, app: ASGIApp, context: Context, metrics: Metrics) -> None:
        self.app = app
        self.context = context
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, seen = time.perf_counter(), {"status": 500}
        scope["request_id"] = secrets.token_hex(8)

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                self._add_headers(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, headed)
            else:
                await self.app(scope, _limited(receive, self._largest), headed)
        except TooLarge:
            await PlainTextResponse("too large", 413)(scope, receive, headed)
        finally:
            self._note(scope, seen["status"], time.perf_counter() - start)

    @property
    def _largest(self) -> int:
        return self.context.settings.limits.upload_bytes + FORM_OVERHEAD

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > self._largest:
            return PlainTextResponse("too large", 413)
        quiet = scope["path"].startswith("/static/") or scope["path"] == "/healthz"
        if not quiet and not self._may_come(scope):
            return PlainTextResponse("too many requests", 429, {"Retry-After": "60"})
        return None

    def _may_come(self, scope: Scope) -> bool:
        """By address as well: a cookie is easily invented for every request."""
        address = (scope.get("client") or "?")[0]
        return self.context.addresses.allow(address) and self.context.requests.allow(
            _who(scope, address)
        )

    def _add_headers(self, scope: Scope, headers: MutableHeaders) -> None:
        forms = scope.get("form_action", "'self'")
        framing = scope.get(frames.SCOPE, frames.NOBODY)
        policy = POLICY.format(forms=forms, frames=framing)
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("Cache-Control", "no-store")
        headers["X-Request-Id"] = scope["request_id"]
        for name, value in HEADERS.items():
            headers[name] = value
        if self.context.settings.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route")
        name = getattr(route, "path", "") or "other"
        self.metrics.observe(name, scope["method"], status, seconds)
        log.info(
            "request",
            extra={
                "fields": {
                    "id": scope["request_id"],
                    "method": scope["method"],
                    "route": name,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                }
            },
        )


class TooLarge(Exception):
    """A body that told no length, or a wrong one, and went beyond the limit."""


def _limited(receive: Receive, largest: int) -> Receive:
    left = largest

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge
        return message

    return counted


def _who(scope: Scope, address: str) -> str:
    """Who comes: their session where there is one, since a university may share one address."""
    headers = Headers(scope=scope)
    secret = headers.get("authorization") or headers.get("cookie") or ""
    return f"{address} {hash(secret)}" if secret else f"{address}"


class JsonLines(logging.Formatter):
    """One JSON object for each line of the log."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message and fields."""
        entry: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def log_to_stderr() -> None:
    """Structured logs, as systemd and containers collect them."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)  # they log addresses with their queries
