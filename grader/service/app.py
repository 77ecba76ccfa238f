"""Puts the web process together: routes, errors, static files, guard."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from grader.errors import GraderError
from grader.lti.errors import LaunchRefused, LtiError
from grader.service.context import Context
from grader.service.metrics import Metrics
from grader.service.middleware import Guard
from grader.service.progress import Board
from grader.service.routes import ENTRIES
from grader.service.routing import Call
from grader.service.settings import Settings
from grader.service.words import error_words, words
from grader.store import Store

log = logging.getLogger("grader.service")
STATIC = Path(__file__).with_name("static")


def create_app(store: Store, settings: Settings) -> ASGIApp:
    """The application for ``store``; what it remembers of requests is of this process only."""
    context, metrics = Context(store, settings), Metrics()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        context.http.close()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            *(entry.route(context) for entry in ENTRIES),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        exception_handlers={
            HTTPException: _handler(context),
            GraderError: _handler(context),
            Exception: _handler(context),
        },
    )
    app.state.board, app.state.metrics = Board(store), metrics
    return Guard(app, context, metrics)


def _handler(context: Context):  # type: ignore[no-untyped-def]
    async def answer(request: Request, error: Exception) -> Response:
        return _explain(context, request, error)

    return answer


def _explain(context: Context, request: Request, error: Exception) -> Response:
    """A sentence for every error, as a page or for scripts as JSON; never a traceback."""
    headers = error.headers if isinstance(error, HTTPException) else None
    status, title, detail = _words_for(error)
    if status == 500:
        log.error("unexpected", exc_info=error)
    if isinstance(error, LtiError):
        log.warning("refused", extra={"fields": {"detail": error.detail}})
    call = Call(request, context, None, FormData())
    accepted = request.headers.get("accept", "")
    if request.url.path.startswith("/api/") or "application/json" in accepted:
        return JSONResponse({"error": title[call.language]}, status, headers)
    back = words(call.language)["start"] if status in (401, 404) else None
    answer = call.page("message.html", status, title=title, words=detail, link=back)
    answer.headers.update(headers or {})
    return answer


def _words_for(error: Exception) -> tuple[int, dict[str, str], dict[str, str] | None]:
    if isinstance(error, LaunchRefused):
        return 400, error.text, None
    if isinstance(error, LtiError):
        return 502, error.text, None
    if isinstance(error, GraderError):
        return 400, error.text, None
    status = error.status_code if isinstance(error, HTTPException) else 500
    return status, *error_words(status)
