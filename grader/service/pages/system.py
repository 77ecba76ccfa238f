"""What is not of a course: language, health, metrics, the description of the API."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy import text as sql
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from grader.i18n import LANGUAGES
from grader.lti.http import LOOPBACK
from grader.service.context import LANGUAGE_COOKIE
from grader.service.openapi import description
from grader.service.routing import Call
from grader.store import Queue
from grader.store.service import OutgoingScore

YEAR = 31536000


def health(call: Call) -> Response:
    """Whether the database answers and takes files."""
    with call.context.store.reading() as session:
        session.execute(sql("SELECT 1"))
    call.context.store.files.folder.mkdir(parents=True, exist_ok=True)
    return JSONResponse({"status": "ok"})


def metrics(call: Call) -> Response:
    """Counts for Prometheus; for this machine and its network only, as proxies hide it."""
    client = call.request.client
    if client is None or client.host not in LOOPBACK:
        raise HTTPException(404)
    states = select(OutgoingScore.state, func.count()).group_by(OutgoingScore.state)
    with call.context.store.reading() as session:
        scores = {state: float(count) for state, count in session.execute(states)}
    jobs = Queue(call.context.store).counts()
    gauges = {
        "grader_jobs": {name: float(count) for name, count in jobs.items()},
        "grader_scores": {name: float(count) for name, count in scores.items()},
    }
    return PlainTextResponse(
        call.request.app.state.metrics.text(gauges), media_type="text/plain; version=0.0.4"
    )


def language(call: Call) -> Response:
    """Choose a language, and go on where one was."""
    chosen = call.field("language")
    if chosen not in LANGUAGES:
        raise HTTPException(400)
    back = call.field("back")
    safe = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    answer = RedirectResponse(safe, 303)
    secure = "; Secure; SameSite=None; Partitioned" if call.context.settings.secure else ""
    answer.headers.append(
        "Set-Cookie", f"{LANGUAGE_COOKIE}={chosen}; Path=/; Max-Age={YEAR}{secure}"
    )
    return answer


def api(call: Call) -> Response:
    """The description of the JSON addresses (OpenAPI 3.1)."""
    return JSONResponse(description(call.context.settings.origin))
