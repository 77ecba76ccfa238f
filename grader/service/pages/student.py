"""What a student does: hand in, wait, read the report, look at earlier attempts."""

from __future__ import annotations

from pathlib import PurePosixPath

from sqlalchemy import select
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from grader.service import owned, progress, uploads
from grader.service.reports import Report, public
from grader.service.routing import Call
from grader.service.variants import Variant, variant_of
from grader.store.grades import Grade, grades
from grader.store.models import Job, Submission


def home(call: Call) -> Response:
    """The course's assignments, or at once the only one."""
    with call.context.store.reading() as session:
        found = owned.assignments(session, call.visit)
    if len(found) == 1:
        there = "dashboard" if call.visit.teaches else "assignment"
        return RedirectResponse(f"/{there}/{found[0].id}", 303)
    return call.page("course.html", assignments=found)


def assignment(call: Call, refusal: dict[str, str] | None = None) -> Response:
    """The form to hand in, and the attempts so far."""
    visit = call.visit
    with call.context.store.reading() as session:
        found = owned.assignment(session, visit, call.number("assignment"))
        attempts = session.scalars(
            select(Submission)
            .where(Submission.assignment_id == found.id, Submission.user_id == visit.user.id)
            .order_by(Submission.number.desc())
        ).all()
        states = progress.states(session, [attempt.id for attempt in attempts])
        rows = [(grade, states[grade.submission.id]) for grade in grades(session, attempts)]
    most = call.context.settings.limits.upload_bytes
    return call.page(
        "assignment.html",
        400 if refusal else 200,
        assignment=found,
        title=call.context.assignment(found.slug).title,
        functions=call.context.assignment(found.slug).functions,
        rules=call.context.assignment(found.slug).attempts,
        attempts=rows,
        variant=_variant(call, found.slug, visit.user.id),
        refusal=refusal,
        word=uploads.word(),
        megabytes=most >> 20,
    )


def _variant(call: Call, slug: str, user_id: int) -> Variant | None:
    """The personal experiment of the author, who is in the visitor's course."""
    context = call.context
    return variant_of(context.store, context.assignment(slug), call.visit.course.slug, user_id)


def hand_in(call: Call) -> Response:
    """Take an upload; a script gets JSON, a plain form the next page."""
    visit, limits = call.visit, call.context.settings.limits
    with call.context.store.reading() as session:
        found = owned.assignment(session, visit, call.number("assignment"))
    try:
        files = [item for item in call.form.getlist("files") if isinstance(item, UploadFile)]
        parts = [uploads.Part(item.filename or "", item.file.read()) for item in files]
        part = uploads.packed(parts, call.field("pasted"), limits.upload_bytes)
        made = uploads.accept(
            call.context.store,
            found.id,
            visit.user.id,
            part,
            call.field("word"),
            limits.waiting_per_person,
        )
    except uploads.UploadRefused as error:
        if _by_script(call):
            return JSONResponse({"error": error.text[call.language]}, 400)
        return assignment(call, error.text)
    if _by_script(call):
        return JSONResponse({"submission": made, "location": f"/submission/{made}"}, 201)
    return RedirectResponse(f"/submission/{made}", 303)


def _by_script(call: Call) -> bool:
    return "application/json" in call.request.headers.get("accept", "")


def submission(call: Call) -> Response:
    """One attempt: its place in the queue, or its report."""
    with call.context.store.reading() as session:
        found = owned.submission(session, call.visit, call.number("submission"))
        (grade,) = grades(session, [found])
        job = session.scalars(
            select(Job).where(Job.submission_id == found.id).order_by(Job.id.desc()).limit(1)
        ).first()
        assigned = found.assignment
        author = found.user.name
    board = progress.active(call.context.store)
    now = board.get(found.id) or progress.Standing(job.state if job else "failed")
    return call.page(
        "submission.html",
        submission=found,
        author=author,
        grade=grade,
        report=_report(call, grade),
        variant=_variant(call, assigned.slug, found.user_id),
        standing=now,
        error=job.error if job and job.state == "failed" else None,
        assignment=assigned,
    )


def _report(call: Call, grade: Grade) -> Report | None:
    if grade.grading is None:
        return None
    return Report.of(grade.grading.document, teacher=call.visit.teaches)


def download(call: Call) -> Response:
    """The file as it was handed in; never shown by the browser, always saved."""
    with call.context.store.reading() as session:
        found = owned.submission(session, call.visit, call.number("submission"))
    try:
        data = call.context.store.files.read(found.digest)
    except FileNotFoundError as error:
        raise HTTPException(404) from error
    suffix = PurePosixPath(found.filename).suffix
    headers = {"Content-Disposition": f'attachment; filename="attempt-{found.number}{suffix}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


def result(call: Call) -> Response:
    """The result as JSON (``result_schema.json``)."""
    with call.context.store.reading() as session:
        found = owned.submission(session, call.visit, call.number("submission"))
        (grade,) = grades(session, [found])
    if grade.grading is None:
        raise HTTPException(404)
    document = grade.grading.document
    return JSONResponse(document if call.visit.teaches else public(document))


def news(call: Call) -> Response:
    """Live progress, as server-sent events."""
    with call.context.store.reading() as session:
        found = owned.submission(session, call.visit, call.number("submission"))
    stream = progress.events(call.request.app.state.board, found.id)
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )
