"""The table of routes: every address of the service, and for whom it is."""

from __future__ import annotations

from grader.service.pages import api, local, lti, student, system, teacher
from grader.service.routing import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("/healthz", "GET", "public", system.health),
    Entry("/metrics", "GET", "public", system.metrics),
    Entry("/language", "POST", "public", system.language, foreign=True),
    Entry("/join", "GET", "public", local.join),
    Entry("/join", "POST", "public", local.joined),
    Entry("/leave", "POST", "member", local.leave),
    Entry("/lti/login", "GET", "public", lti.login, foreign=True),
    Entry("/lti/login", "POST", "public", lti.login, foreign=True),
    Entry("/lti/launch", "POST", "public", lti.launch, foreign=True),
    Entry("/lti/jwks", "GET", "public", lti.keys),
    Entry("/lti/register/{token:str}", "GET", "public", lti.registration),
    Entry("/lti/pick", "GET", "teacher", lti.pick),
    Entry("/lti/pick", "POST", "teacher", lti.picked),
    Entry("/", "GET", "member", student.home),
    Entry("/assignment/{assignment:int}", "GET", "member", student.assignment),
    Entry("/assignment/{assignment:int}", "POST", "member", student.hand_in, uploads=True),
    Entry("/submission/{submission:int}", "GET", "member", student.submission),
    Entry("/submission/{submission:int}/file", "GET", "member", student.download),
    Entry("/submission/{submission:int}/result.json", "GET", "member", student.result),
    Entry("/submission/{submission:int}/events", "GET", "member", student.news),
    Entry("/submission/{submission:int}/regrade", "POST", "teacher", teacher.regrade),
    Entry("/submission/{submission:int}/override", "POST", "teacher", teacher.decide),
    Entry("/dashboard/{assignment:int}", "GET", "teacher", teacher.dashboard),
    Entry("/dashboard/{assignment:int}/curves", "GET", "teacher", teacher.curves),
    Entry("/dashboard/{assignment:int}/export.csv", "GET", "teacher", teacher.export),
    Entry("/dashboard/{assignment:int}/regrade", "POST", "teacher", teacher.regrade_all),
    Entry("/dashboard/{assignment:int}/push", "POST", "teacher", teacher.push),
    Entry("/dashboard/{assignment:int}/roster", "POST", "teacher", teacher.roster),
    Entry("/invitation", "POST", "teacher", local.class_link),
    Entry("/api/openapi.json", "GET", "public", system.api),
    Entry("/api/me", "GET", "member", api.me),
    Entry("/api/assignments", "GET", "member", api.assignments),
    Entry("/api/assignments/{assignment}/submissions", "GET", "member", api.submissions),
    Entry("/api/submissions/{submission}", "GET", "member", api.submission),
)
