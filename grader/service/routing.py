"""The table of routes and its one guard: who may come, how often, and that a form is ours.

Every route says for whom it is. There is no route without: the table is what the application is
built from, and what the test of authorisation goes through, role by role.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.service import frames, sessions
from grader.service.context import Context
from grader.service.sessions import Visit

Access = Literal["public", "member", "teacher"]
Page = Callable[["Call"], Response]
MAX_FILES = 20
MAX_FIELDS = 40


@dataclass(frozen=True)
class Call:
    """What a page is asked: the request, by whom, with which form."""

    request: Request
    context: Context
    visitor: Visit | None
    form: FormData

    @property
    def visit(self) -> Visit:
        """The visit, on pages that are not public."""
        if self.visitor is None:
            raise HTTPException(401)
        return self.visitor

    @property
    def language(self) -> str:
        """The language the visitor chose, or the one their browser asks for."""
        return self.context.language(self.request, self.visitor)

    def number(self, name: str) -> int:
        """A number in the path."""
        return int(self.request.path_params[name])

    def field(self, name: str) -> str:
        """A field of the form; empty when it is missing or a file."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the visitor's language."""
        return self.context.page(self, template, status, **values)


@dataclass(frozen=True)
class Entry:
    """A route: where, how, for whom. ``foreign`` forms come from another site: a platform's."""

    path: str
    method: str
    access: Access
    page: Page
    foreign: bool = False
    uploads: bool = False

    def route(self, context: Context) -> Route:
        """The route for Starlette."""
        return Route(self.path, _guarded(self, context), methods=[self.method], name=self.name)

    @property
    def name(self) -> str:
        """Method and path: what the log and the tests call it."""
        return f"{self.method} {self.path}"


def _guarded(entry: Entry, context: Context) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await _answer(entry, context, request)
        except DBAPIError as error:  # the database is restarting: nothing was acknowledged
            if not error.connection_invalidated and not _gone(error):
                raise
            raise HTTPException(503, headers={"Retry-After": "2"}) from error

    return endpoint


def _gone(error: DBAPIError) -> bool:
    return type(error).__name__ in ("OperationalError", "InterfaceError")


async def _answer(entry: Entry, context: Context, request: Request) -> Response:
    visitor = await run_in_threadpool(_visitor, entry, context, request)
    if entry.access != "public":
        visit = _admitted(entry, visitor)
        if entry.uploads and not context.uploads.allow(visit.actor):
            raise HTTPException(429, headers={"Retry-After": "60"})
    if entry.method != "POST":
        return await run_in_threadpool(entry.page, Call(request, context, visitor, FormData()))
    part = context.settings.limits.upload_bytes
    async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=part) as form:
        if not entry.foreign:
            _insist_on_our_form(visitor, request, form, context)
        return await run_in_threadpool(entry.page, Call(request, context, visitor, form))


def _visitor(entry: Entry, context: Context, request: Request) -> Visit | None:
    """Who asks; and whether a platform may show them the answer in a frame.

    It may when they came from one, on the way in, and to say that they are no longer in.
    """
    visitor = sessions.find(context.store, context.settings, request)
    known = visitor.framed if visitor else entry.access != "public"
    if entry.foreign or known:
        further = context.settings.framed_by
        request.scope[frames.SCOPE] = frames.platforms(context.store, further)
    return visitor


def _admitted(entry: Entry, visitor: Visit | None) -> Visit:
    if visitor is None:
        raise HTTPException(401)
    if entry.access == "teacher" and not visitor.teaches:
        raise HTTPException(403)
    return visitor


def _insist_on_our_form(
    visitor: Visit | None, request: Request, form: FormData, context: Context
) -> None:
    """Against requests that another site sends in somebody's name (CSRF): origin and token."""
    origin = request.headers.get("origin")
    if origin not in (None, context.settings.origin):
        raise HTTPException(403)
    if visitor is not None:
        sent = form.get("csrf")
        if not isinstance(sent, str) or not hmac.compare_digest(sent, visitor.csrf):
            raise HTTPException(403)
