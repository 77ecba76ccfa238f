"""Every route × every role: made from the table of routes, so that a new route must be entered."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy")

from grader.service.routes import ENTRIES
from grader.service.routing import Entry
from web_service import Service

OPEN, MINE, TAUGHT, COURSE = "open", "mine", "taught", "course"
# Who may: anybody; the author and their teachers; the course's teachers; the course's members.
RULES: dict[str, str] = {
    "GET /healthz": OPEN,
    "GET /metrics": OPEN,
    "POST /language": OPEN,
    "GET /join": OPEN,
    "POST /join": OPEN,
    "POST /leave": COURSE,
    "GET /lti/login": OPEN,
    "POST /lti/login": OPEN,
    "POST /lti/launch": OPEN,
    "GET /lti/jwks": OPEN,
    "GET /lti/register/{token:str}": OPEN,
    "GET /lti/pick": TAUGHT,
    "POST /lti/pick": TAUGHT,
    "GET /": COURSE,
    "GET /assignment/{assignment:int}": COURSE,
    "POST /assignment/{assignment:int}": COURSE,
    "GET /submission/{submission:int}": MINE,
    "GET /submission/{submission:int}/file": MINE,
    "GET /submission/{submission:int}/result.json": MINE,
    "GET /submission/{submission:int}/events": MINE,
    "POST /submission/{submission:int}/regrade": TAUGHT,
    "POST /submission/{submission:int}/override": TAUGHT,
    "GET /dashboard/{assignment:int}": TAUGHT,
    "GET /dashboard/{assignment:int}/curves": TAUGHT,
    "GET /dashboard/{assignment:int}/export.csv": TAUGHT,
    "POST /dashboard/{assignment:int}/regrade": TAUGHT,
    "POST /dashboard/{assignment:int}/push": TAUGHT,
    "POST /dashboard/{assignment:int}/roster": TAUGHT,
    "POST /invitation": TAUGHT,
    "GET /api/openapi.json": OPEN,
    "GET /api/me": COURSE,
    "GET /api/assignments": COURSE,
    "GET /api/assignments/{assignment}/submissions": COURSE,
    "GET /api/submissions/{submission}": MINE,
}
ROLES = ("nobody", "student", "other student", "teacher", "foreign teacher", "foreign student")
ALLOWED = {
    OPEN: set(ROLES),
    MINE: {"student", "teacher"},
    TAUGHT: {"teacher"},
    COURSE: {"student", "other student", "teacher"},
}
# Pages without a course's number in them: of one's own course, whichever it is.
OWN_COURSE = {
    "POST /leave": {"foreign teacher", "foreign student"},
    "GET /": {"foreign teacher", "foreign student"},
    "GET /api/me": {"foreign teacher", "foreign student"},
    "GET /api/assignments": {"foreign teacher", "foreign student"},
    "POST /invitation": {"foreign teacher"},
    "GET /lti/pick": set(),
    "POST /lti/pick": set(),
}
REFUSED = {401, 403, 404}


def test_every_route_has_an_entry_here() -> None:
    assert {entry.name for entry in ENTRIES} == set(RULES)


def test_the_table_says_the_same_as_the_guard() -> None:
    wanted = {OPEN: "public", TAUGHT: "teacher", MINE: "member", COURSE: "member"}
    assert {e.name: e.access for e in ENTRIES} == {n: wanted[r] for n, r in RULES.items()}


@dataclass
class Place:
    service: Service
    submission: int
    assignment: int

    def ask(self, entry: Entry, role: str) -> httpx.Response:
        path = entry.path.replace(":int}", "}").replace(":str}", "}")
        path = path.format(submission=self.submission, assignment=self.assignment, token="t" * 20)
        if role == "nobody":
            client, csrf = self.service.client(), ""
        else:
            fresh = self.service.enter(role, _course(role), _role(role))
            client, csrf = fresh.client, fresh.csrf
        with client:
            if entry.method == "GET":
                return client.get(path)
            fields = {"csrf": csrf, "language": "en", "points": "1", "reason": "x"}
            return client.post(path, data={**fields, "pasted": "x = 1"})


def _course(role: str) -> str:
    return "course-y" if role.startswith("foreign") else "course-x"


def _role(role: str) -> str:
    return "teacher" if "teacher" in role else "student"


@pytest.fixture(scope="module")
def place(service: Service) -> Place:
    student = service.roles["student"]
    return Place(service, service.submission(student), service.assignment(student.course_id))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_who_may(place: Place, entry: Entry, role: str) -> None:
    allowed = role in ALLOWED[RULES[entry.name]] | OWN_COURSE.get(entry.name, set())
    place.service.grade()
    answer = place.ask(entry, role)
    if entry.name in ("GET /lti/pick", "POST /lti/pick", "GET /lti/register/{token:str}"):
        assert answer.status_code in REFUSED  # needs a deep-linking launch, or the operator's link
    elif entry.name == "POST /join":
        assert answer.status_code == 404  # without an invitation
    elif allowed:
        assert answer.status_code not in REFUSED, answer.text
        assert answer.status_code < 500, answer.text
    else:
        assert answer.status_code in REFUSED
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.method == "POST" and not e.foreign])
def test_forms_without_our_word_are_refused(place: Place, entry: Entry) -> None:
    path = entry.path.replace(":int}", "}")
    path = path.format(submission=place.submission, assignment=place.assignment)
    teacher = place.service.enter("teacher", "course-x", "teacher")
    for data, headers in (
        ({}, {}),
        ({"csrf": "wrong"}, {}),
        ({"csrf": teacher.csrf}, {"Origin": "https://evil.example"}),
        ({"csrf": teacher.csrf}, {"Origin": "null"}),
    ):
        answer = teacher.client.post(path, data=data, headers=headers)
        assert answer.status_code == 403
