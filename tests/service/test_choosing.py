"""An activity that does not say which assignment it is; and everybody who opens one at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "alembic", "python_multipart")

import relu_assignment
from grader.assignment import OWN, find_assignment, known_assignments
from grader.service import operating
from grader.store.models import AuditEntry, Enrolment
from grader.store.service import Link
from lti_browser import fields, launch
from lti_platform import MEMBERSHIP, LtiPlatform, Person, running_platform
from web_service import Service, running_service


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A further assignment, in a folder of one's own."""
    made = relu_assignment.make(tmp_path / "assignments" / "relu")
    monkeypatch.setenv(OWN, str(made.parent))
    return made.name


@pytest.fixture
def service(tmp_path: Path, address: str) -> Iterator[Service]:
    with running_service(tmp_path, database=address) as service:
        yield service


@pytest.fixture
def platform(service: Service) -> Iterator[LtiPlatform]:
    with running_platform("moodle") as platform:
        platform.add(Person("t-1", "先生", [MEMBERSHIP + "Instructor"]))
        for number in range(12):
            platform.add(Person(f"s-{number}", f"学生 {number}"))
        address = f"/lti/register/{operating.registration_link(service.store)}"
        query = {
            "openid_configuration": f"{platform.origin}/.well-known/openid-configuration",
            "registration_token": platform.registration_token,
        }
        assert service.client().get(address, params=query).status_code == 200
        yield platform


def test_assignments_of_ones_own_come_first(own: str, tmp_path: Path) -> None:
    assert {own, "assignment4"} <= set(known_assignments())
    assert find_assignment(own).folder.parent == tmp_path / "assignments"


def test_the_teacher_chooses_once_for_everybody(
    service: Service, platform: LtiPlatform, own: str
) -> None:
    early = service.client()
    told = launch(early, platform, "s-0", "by-hand")
    assert told.status_code == 400
    assert "Ask your teacher to open it once" in told.text

    teacher = service.client()
    assert launch(teacher, platform, "t-1", "by-hand").headers["location"] == "/lti/pick"
    page = teacher.get("/lti/pick")
    assert "counts for everybody who opens it" in page.text.replace("\n", " ")
    csrf = fields(page.text)["csrf"]
    assert teacher.post("/lti/pick", data={"csrf": csrf, "assignment": "none"}).status_code == 404
    chosen = teacher.post("/lti/pick", data={"csrf": csrf, "assignment": own})
    there = chosen.headers["location"]
    assert there.startswith("/dashboard/")
    assert teacher.get(there).status_code == 200

    number = there.rpartition("/")[2]
    student = launch(service.client(), platform, "s-0", "by-hand")
    assert student.headers["location"] == f"/assignment/{number}"
    assert launch(teacher, platform, "t-1", "by-hand").headers["location"] == there
    with service.store.reading() as session:
        (link,) = session.scalars(select(Link)).all()
        assert link.assignment.slug == own
        assert link.line_items is not None
        actions = session.scalars(select(AuditEntry.action)).all()
        assert actions.count("choose assignment") == 1


def test_a_choice_made_meanwhile_by_another_teacher_stays(
    service: Service, platform: LtiPlatform, own: str
) -> None:
    platform.add(Person("t-2", "助手", [MEMBERSHIP + "Instructor"]))
    there = []
    teachers = [service.client(), service.client()]
    for who, teacher in zip(("t-1", "t-2"), teachers, strict=True):
        launch(teacher, platform, who, "by-hand")
    for teacher, slug in zip(teachers, (own, "assignment4"), strict=True):
        csrf = fields(teacher.get("/lti/pick").text)["csrf"]
        chosen = teacher.post("/lti/pick", data={"csrf": csrf, "assignment": slug})
        there.append(chosen.headers["location"])
    assert there[0] == there[1]


def test_a_whole_class_may_open_a_new_course_at_once(
    service: Service, platform: LtiPlatform
) -> None:
    """Nobody was there before: each adds the course, the activity and themselves."""
    platform.links["link-1"] = {"custom": {"assignment": "assignment4"}}

    def come(number: int) -> int:
        return launch(service.client(), platform, f"s-{number % 8}", "link-1").status_code

    with ThreadPoolExecutor(12) as together:
        assert list(together.map(come, range(16))) == [303] * 16
    with service.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Enrolment)) == 8
        assert session.scalar(select(func.count()).select_from(Link)) == 1
