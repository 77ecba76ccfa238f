"""What every page has at hand: the store, the settings, templates, and the way to platforms."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from grader.assignment import Assignment, find_assignment, known_assignments
from grader.errors import GraderError
from grader.i18n import LANGUAGES
from grader.lti.http import Http
from grader.lti.keys import PlatformKeys, ToolKey, generate_key
from grader.service.rates import Rate
from grader.service.sessions import Visit
from grader.service.settings import Settings
from grader.service.words import words
from grader.store import Store
from grader.store.models import Assignment as AssignmentRow
from grader.store.service import SigningKey

if TYPE_CHECKING:
    from grader.service.routing import Call

FOLDER = Path(__file__).parent
LANGUAGE_COOKIE = "language"


class Context:
    """The parts of one web process, made once."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.http = Http(insecure=not settings.secure)
        self.platform_keys = PlatformKeys(self.http)
        self.requests = Rate(settings.limits.requests_per_minute)
        self.addresses = Rate(settings.limits.requests_per_address)
        self.uploads = Rate(settings.limits.uploads_per_minute)
        self._known: dict[str, Assignment] = {}

    @cached_property
    def templates(self) -> Environment:
        """The templates; everything is escaped, and a missing name is an error."""
        environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals["version"] = _version()
        return environment

    def page(self, call: Call, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the visitor's language."""
        language = call.language
        html = self.templates.get_template(template).render(
            say=words(language),
            language=language,
            visitor=call.visitor,
            settings=self.settings,
            path=call.request.url.path,
            nonce=secrets.token_urlsafe(8),
            of=_of(language),
            named=lambda row: self.named(row, language),
            **values,
        )
        return HTMLResponse(html, status)

    def language(self, request: Request, visitor: Visit | None) -> str:
        """Chosen, else the LMS's, else the browser's first that we speak."""
        chosen = request.cookies.get(LANGUAGE_COOKIE) or request.headers.get("x-language")
        wished = [chosen, visitor.user.language if visitor else None]
        wished += request.headers.get("accept-language", "").split(",")
        for tag in wished:
            short = (tag or "").strip()[:2].lower()
            if short in LANGUAGES:
                return short
        return "en"

    def assignment(self, slug: str) -> Assignment:
        """An assignment of the grader."""
        if slug not in self._known:
            self._known[slug] = find_assignment(slug)
        return self._known[slug]

    def assignments(self) -> list[Assignment]:
        """Every assignment a teacher may pick."""
        return [self.assignment(slug) for slug in known_assignments()]

    def named(self, row: AssignmentRow, language: str) -> str:
        """A course's name for an assignment; the grader's own names are translated."""
        try:
            title = self.assignment(row.slug).title
        except GraderError:  # no longer on this machine
            return row.title
        return title[language] if row.title in title.values() else row.title

    def signing_key(self) -> ToolKey:
        """The newest of our keys."""
        return signing_keys(self.store)[0]


def signing_keys(store: Store) -> list[ToolKey]:
    """Our keys, newest first; the first one is made when it is needed."""
    newest = select(SigningKey).order_by(SigningKey.created_at.desc())
    with store.reading() as session:
        rows = session.scalars(newest).all()
    if not rows:
        fresh = generate_key()
        with store.writing() as session:
            if not session.scalars(newest).first():
                session.add(SigningKey(kid=fresh.kid, pem=fresh.pem))
        with store.reading() as session:
            rows = session.scalars(newest).all()
    return [ToolKey(row.kid, row.pem) for row in rows]


def _of(language: str) -> Callable[[dict[str, str] | None], str]:
    return lambda message: (message or {}).get(language) or (message or {}).get("en", "")


def _version() -> str:
    """Part of the address of static files, so that a new release is never served an old one."""
    files = sorted((FOLDER / "static").iterdir())
    return str(int(max(path.stat().st_mtime for path in files)))
