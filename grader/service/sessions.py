"""Who is asking: a cookie, or where browsers keep none in frames, a bearer token from our script.

A session is one person in one course. The token is a secret: the database has its SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session, joinedload
from starlette.requests import Request
from starlette.responses import Response

from grader.service.settings import Settings
from grader.store import Store
from grader.store.models import Course, User, utc_now
from grader.store.service import WebSession

TEACHING = ("teacher", "assistant")


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is in."""

    user: User
    course: Course
    role: str
    csrf: str
    launch: dict[str, Any] | None
    by_cookie: bool
    framed: bool = False

    @property
    def teaches(self) -> bool:
        """Whether this is a teacher or assistant of the course."""
        return self.role in TEACHING

    @property
    def actor(self) -> str:
        """The name in the audit log."""
        return f"user:{self.user.id}"


def hashed(secret: str) -> str:
    """What the database knows of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def cookie_name(settings: Settings) -> str:
    """``__Host-`` binds a cookie to this host and to https."""
    return "__Host-grader" if settings.secure else "grader"


def start(
    session: Session,
    user: User,
    course: Course,
    role: str,
    lifetime: timedelta,
    launch: dict[str, Any] | None = None,
    *,
    framed: bool = False,
) -> str:
    """Let somebody in; the secret token, which is told once. ``framed``: by a platform's launch."""
    now, token = utc_now(), secrets.token_urlsafe(32)
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    session.add(
        WebSession(
            token_hash=hashed(token),
            user_id=user.id,
            course_id=course.id,
            role=role,
            csrf=secrets.token_urlsafe(24),
            launch=launch,
            framed=framed,
            expires_at=now + lifetime,
        )
    )
    return token


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Give the token to the browser; in a frame it needs SameSite=None and Partitioned (CHIPS)."""
    cookie = f"{cookie_name(settings)}={token}; Path=/; HttpOnly; Max-Age={_seconds(settings)}"
    cookie += "; Secure; SameSite=None; Partitioned" if settings.secure else "; SameSite=Lax"
    response.headers.append("Set-Cookie", cookie)


def _seconds(settings: Settings) -> int:
    return int(settings.session.total_seconds())


def find(store: Store, settings: Settings, request: Request) -> Visit | None:
    """The visit that the request's token belongs to."""
    bearer = request.headers.get("authorization", "").partition("Bearer ")[2]
    token = bearer or request.cookies.get(cookie_name(settings), "")
    if not token:
        return None
    both = (joinedload(WebSession.user), joinedload(WebSession.course))  # asked at every request
    with store.reading() as session:
        found = session.get(WebSession, hashed(token), options=both)
        if found is None or found.expires_at < utc_now():
            return None
        return Visit(
            found.user,
            found.course,
            found.role,
            found.csrf,
            found.launch,
            by_cookie=not bearer,
            framed=found.framed,
        )


def finish(store: Store, settings: Settings, request: Request) -> None:
    """End the session of this request."""
    token = request.cookies.get(cookie_name(settings), "")
    with store.writing() as session:
        session.execute(delete(WebSession).where(WebSession.token_hash == hashed(token)))
