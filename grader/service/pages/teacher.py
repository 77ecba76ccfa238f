"""What a teacher does: look at the class, at one submission, decide, export, push to the LMS."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from grader.errors import GraderError
from grader.service import owned, uploads
from grader.service.charts import Chart, learning_curves
from grader.service.delivery import counting_grades, queue_scores
from grader.service.roster import refresh
from grader.service.routing import Call
from grader.service.statistics import class_statistics
from grader.service.variants import variants_of
from grader.store import Queue, Store
from grader.store.audit import record
from grader.store.grades import Grade, OverrideRefused, latest_submissions, override, withdraw
from grader.store.models import Assignment, Enrolment, Job, Submission, User
from grader.store.service import Link, OutgoingScore
from grader.submission import read_submission

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def dashboard(call: Call) -> Response:
    """The class at one assignment."""
    with call.context.store.reading() as session:
        found = owned.assignment(session, call.visit, call.number("assignment"))
        counted = counting_grades(session, found.id)
        latest = {s.user_id: s for s in latest_submissions(session, found.id)}
        people = _people(session, found)
        scores = _scores(session, found)
        waiting = _waiting(session, found)
        others = owned.assignments(session, call.visit)
    by_user = {grade.submission.user_id: grade for grade in counted}
    return call.page(
        "dashboard.html",
        assignment=found,
        assignments=others,
        statistics=class_statistics(counted),
        rows=[(u, latest.get(u.id), by_user.get(u.id), scores.get(u.id)) for u in people],
        variants=_variants(call, found, people),
        waiting=waiting,
        linked=bool(scores) or _is_linked(call.context.store, found),
        pushed=sum(score.state == "sent" for score in scores.values()),
        refused=[score for score in scores.values() if score.state == "refused"],
    )


def curves(call: Call) -> Response:
    """The learning curves that were handed in, side by side."""
    store = call.context.store
    with store.reading() as session:
        found = owned.assignment(session, call.visit, call.number("assignment"))
        attempts = latest_submissions(session, found.id)
        named = [(attempt, attempt.user.name or f"#{attempt.user_id}") for attempt in attempts]
    functions = call.context.assignment(found.slug).functions
    charts = [c for attempt, name in named for c in _charts(store, attempt, name, functions)]
    return call.page("curves.html", assignment=found, charts=charts, attempts=len(named))


def _charts(
    store: Store, attempt: Submission, name: str, functions: tuple[str, ...]
) -> list[Chart]:
    """Drawn from what was handed in; reading parses text, and runs nothing of it."""
    try:
        with tempfile.TemporaryDirectory(prefix="grader-") as folder:
            path = Path(folder) / uploads.safe_name(attempt.filename)
            path.write_bytes(store.files.read(attempt.digest))
            histories = read_submission(path, functions).attachments
    except (GraderError, OSError):
        return []
    link = f"/submission/{attempt.id}"
    found = (learning_curves(source, name, link) for source in histories.values())
    return [chart for chart in found if chart is not None]


def regrade(call: Call) -> Response:
    """Grade one submission anew."""
    with call.context.store.writing() as session:
        found = owned.submission(session, call.visit, call.number("submission"))
        _again(session, call, [found])
    return RedirectResponse(f"/submission/{found.id}", 303)


def regrade_all(call: Call) -> Response:
    """Grade everybody's newest attempt anew."""
    with call.context.store.writing() as session:
        found = owned.assignment(session, call.visit, call.number("assignment"))
        _again(session, call, latest_submissions(session, found.id))
    return RedirectResponse(f"/dashboard/{found.id}", 303)


def _again(session: Session, call: Call, found: list[Submission]) -> None:
    queue, course = Queue(call.context.store), call.visit.course.id
    for one in found:
        known = select(func.count()).select_from(Job).where(Job.submission_id == one.id)
        again = session.scalar(known) or 0
        queue.add(session, one.id, key=f"regrade:{one.id}:{again}", priority=-1)
        record(session, call.visit.actor, "regrade", one, course_id=course)


def decide(call: Call) -> Response:
    """Points by hand, with a reason; or back to the graded ones."""
    try:
        points = float(call.field("points") or "nan")
    except ValueError:
        points = float("nan")
    try:
        with call.context.store.writing() as session:
            found = owned.submission(session, call.visit, call.number("submission"))
            if call.field("withdraw"):
                withdraw(session, found, call.visit.actor)
            else:
                reason = call.field("reason")[:2000]
                override(session, found, points, reason, call.visit.actor)
            session.flush()
            queue_scores(session, found.assignment_id, [found.user_id])
    except OverrideRefused as error:
        return call.page("message.html", 400, title=error.text, words=None, link=None)
    return RedirectResponse(f"/submission/{found.id}", 303)


def push(call: Call) -> Response:
    """Send every score to the LMS once more."""
    with call.context.store.writing() as session:
        found = owned.assignment(session, call.visit, call.number("assignment"))
        count = queue_scores(session, found.id, again=True)
        details = {"course_id": call.visit.course.id, "scores": count}
        record(session, call.visit.actor, "push scores", found, **details)
    return RedirectResponse(f"/dashboard/{found.id}#scores", 303)


def roster(call: Call) -> Response:
    """Read from the LMS who is in the course."""
    with call.context.store.reading() as session:
        found = owned.assignment(session, call.visit, call.number("assignment"))
    refresh(call.context, found.id, call.visit.actor)
    return RedirectResponse(f"/dashboard/{found.id}", 303)


def export(call: Call) -> Response:
    """The class as CSV, with a BOM so that spreadsheets read Japanese names."""
    visit = call.visit
    with call.context.store.writing() as session:
        found = owned.assignment(session, visit, call.number("assignment"))
        counted = {g.submission.user_id: g for g in counting_grades(session, found.id)}
        people = _people(session, found)
        about = {"course_id": visit.course.id, "people": len(people)}
        record(session, visit.actor, "export", found, **about)
    variants = _variants(call, found, people)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    headings = ["name", "student_number", "email", "attempt", "points", "max", "reason"]
    writer.writerow(headings + (["experiment"] if variants else []))
    for user in people:
        row = _row(user, counted.get(user.id))
        row += [str(variants[user.id])] if variants else []
        writer.writerow([harmless(cell) for cell in row])
    headers = {"Content-Disposition": f'attachment; filename="{found.slug}.csv"'}
    data = buffer.getvalue().encode("utf-8-sig")
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


def _variants(call: Call, found: Assignment, people: list[User]) -> dict[int, int]:
    """Whose personal experiment is which; nothing where there are none, or no assignment."""
    context = call.context
    try:
        known = context.assignment(found.slug)
    except GraderError:
        return {}
    ids = [user.id for user in people]
    return variants_of(context.store, known, call.visit.course.slug, ids)


def _row(user: User, grade: Grade | None) -> list[str]:
    about = [user.name, user.student_number or "", user.email or ""]
    if grade is None:
        return [*about, "", "", "", ""]
    most = f"{grade.grading.max_score:g}" if grade.grading else ""
    number = str(grade.submission.number)
    return [*about, number, f"{grade.points:g}", most, grade.reason or ""]


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.startswith(FORMULA) else cell


def _people(session: Session, found: Assignment) -> list[User]:
    """The students of the course, and whoever handed in."""
    students = select(Enrolment.user_id).where(
        Enrolment.course_id == found.course_id, Enrolment.role == "student"
    )
    authors = select(Submission.user_id).where(Submission.assignment_id == found.id)
    wanted = select(User).where(User.id.in_(students) | User.id.in_(authors))
    return list(session.scalars(wanted.order_by(User.name, User.id)))


def _scores(session: Session, found: Assignment) -> dict[int, OutgoingScore]:
    wanted = select(OutgoingScore).join(Link).where(Link.assignment_id == found.id)
    return {score.user_id: score for score in session.scalars(wanted)}


def _waiting(session: Session, found: Assignment) -> int:
    wanted = (
        select(func.count())
        .select_from(Job)
        .join(Submission)
        .where(Submission.assignment_id == found.id, Job.state.in_(("queued", "running")))
    )
    return session.scalar(wanted) or 0


def _is_linked(store: Store, found: Assignment) -> bool:
    with store.reading() as session:
        linked = select(Link.id).where(Link.assignment_id == found.id, Link.line_item.is_not(None))
        return session.scalar(linked.limit(1)) is not None
