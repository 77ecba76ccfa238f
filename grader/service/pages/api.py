"""The same data as JSON, for scripts: with a session's token as bearer."""

from __future__ import annotations

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from grader.service import owned, progress
from grader.service.routing import Call
from grader.store.grades import Grade, grades
from grader.store.models import Submission

PAGE = 100
LARGEST_ID = 2**31 - 1


def me(call: Call) -> Response:
    """Who is asking, and in which course."""
    visit = call.visit
    return JSONResponse(
        {
            "user": {"id": visit.user.id, "name": visit.user.name},
            "course": {"id": visit.course.id, "title": visit.course.title},
            "role": visit.role,
        }
    )


def assignments(call: Call) -> Response:
    """The assignments of the course."""
    with call.context.store.reading() as session:
        found = owned.assignments(session, call.visit)
    return JSONResponse([{"id": a.id, "slug": a.slug, "title": a.title} for a in found])


def submissions(call: Call) -> Response:
    """The attempts at an assignment: a student's own, or for teachers everybody's; newest first."""
    visit = call.visit
    before = _number(call.request.query_params.get("before", str(LARGEST_ID)))
    with call.context.store.reading() as session:
        found = owned.assignment(session, visit, _number(call.request.path_params["assignment"]))
        wanted = select(Submission).where(
            Submission.assignment_id == found.id, Submission.id < before
        )
        if not visit.teaches:
            wanted = wanted.where(Submission.user_id == visit.user.id)
        attempts = session.scalars(wanted.order_by(Submission.id.desc()).limit(PAGE)).all()
        states = progress.states(session, [attempt.id for attempt in attempts])
        graded = grades(session, attempts)
        listed = [_as_json(grade, states[grade.submission.id]) for grade in graded]
    return JSONResponse(listed)


def submission(call: Call) -> Response:
    """One attempt."""
    with call.context.store.reading() as session:
        number = _number(call.request.path_params["submission"])
        found = owned.submission(session, call.visit, number)
        (grade,) = grades(session, [found])
        (state,) = progress.states(session, [found.id]).values()
    return JSONResponse(_as_json(grade, state))


def _number(words: str) -> int:
    if not (words.isascii() and words.isdigit()) or int(words[:12]) > LARGEST_ID or not int(words):
        raise HTTPException(400 if "-" in words or not words.isdigit() else 404)
    return int(words)


def _as_json(grade: Grade, state: str) -> dict[str, object]:
    attempt = grade.submission
    return {
        "id": attempt.id,
        "user": attempt.user_id,
        "number": attempt.number,
        "filename": attempt.filename,
        "received_at": attempt.received_at.isoformat(),
        "late": attempt.late,
        "state": state,
        "points": grade.points,
        "max_points": grade.grading.max_score if grade.grading else None,
        "reason": grade.reason,
    }
