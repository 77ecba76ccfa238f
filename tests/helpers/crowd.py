"""A class that hands in at the same time, as browsers do: page, upload, live progress, report.

An upload that is not acknowledged is sent again with the same word, as the page's script does.
Every student has an address of their own behind the proxy.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from sqlalchemy import func, select

from grader.service import sessions
from grader.service.settings import Settings
from grader.store import Store
from grader.store.models import Grading, Job, Submission
from grader.store.people import Person, assignment, course, enrol, user
from grader.store.service import Link, PlatformRow
from lti_platform import LtiPlatform
from lti_platform import Person as PlatformPerson

LINE_ITEM = "lineitem"
WORD = re.compile(r'name="word" value="([^"]+)"')
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
PAUSE = 0.5
TIMEOUT = 30.0
DONE, FAILED = '"state": "done"', '"state": "failed"'


@dataclass(frozen=True)
class Student:
    subject: str
    token: str
    address: str


@dataclass
class Crowd:
    """The students of one course, and what each request of theirs took."""

    address: str
    assignment: int
    students: Sequence[Student]
    seconds: dict[str, list[float]] = field(default_factory=dict)
    repeated: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)

    async def hand_in(self, sources: Sequence[str], within: float, patience: float) -> None:
        """Everybody once, at moments spread over ``within`` seconds.

        Then they wait for their report, and leave after ``patience`` seconds without one.
        """
        drawn = random.Random(0)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)

        async def one(number: int, student: Student) -> None:
            await asyncio.sleep(drawn.uniform(0, within))
            location = await self._upload(client, student, sources[number % len(sources)])
            with suppress(TimeoutError):
                await asyncio.wait_for(self._report(client, student, location), patience)

        async with httpx.AsyncClient(
            base_url=self.address, timeout=TIMEOUT, limits=limits
        ) as client:
            await asyncio.gather(*(one(i, student) for i, student in enumerate(self.students)))

    async def _upload(self, client: httpx.AsyncClient, student: Student, source: str) -> str:
        there = f"/assignment/{self.assignment}"
        page = await self._ask("page", client, student, "GET", there)
        word, csrf = _found(WORD, page.text), _found(CSRF, page.text)
        upload = await self._ask(
            "upload",
            client,
            student,
            "POST",
            there,
            data={"word": word, "csrf": csrf},
            files={"files": ("submission.py", f"{source}\n# {student.subject}\n".encode())},
            headers={"Accept": "application/json"},
        )
        answer = upload.json()
        self.acknowledged[student.subject] = answer["submission"]
        return str(answer["location"])

    async def _report(self, client: httpx.AsyncClient, student: Student, location: str) -> None:
        """Wait for the news that it is graded, and read the report."""
        start = time.monotonic()
        await self._ask("page", client, student, "GET", location)
        while not await self._is_done(client, student, location):
            await asyncio.sleep(PAUSE)
        self.seconds.setdefault("until graded", []).append(time.monotonic() - start)
        await self._ask("page", client, student, "GET", location)

    async def _is_done(self, client: httpx.AsyncClient, student: Student, location: str) -> bool:
        try:
            async with client.stream(
                "GET", f"{location}/events", headers=_headers(student), timeout=None
            ) as news:
                lines = [line async for line in news.aiter_lines()]
            assert not any(FAILED in line for line in lines), f"{location} was not checked"
            return any(DONE in line for line in lines)
        except httpx.HTTPError:
            return False

    async def _ask(
        self,
        kind: str,
        client: httpx.AsyncClient,
        student: Student,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **more: object,
    ) -> httpx.Response:
        """Until it is answered; a refusal is an error of the test."""
        while True:
            start = time.monotonic()
            try:
                answer = await client.request(
                    method, path, headers={**_headers(student), **(headers or {})}, **more
                )  # type: ignore[arg-type]
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500:
                assert answer.status_code in (200, 201), f"{path}: {answer.status_code}"
                self.seconds.setdefault(kind, []).append(time.monotonic() - start)
                return answer
            self.repeated += 1
            await asyncio.sleep(PAUSE)


def _headers(student: Student) -> dict[str, str]:
    return {"Authorization": f"Bearer {student.token}", "X-Forwarded-For": student.address}


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found is not None, page[:500]
    return found[1]


def enrolled(store: Store, address: str, count: int, platform: LtiPlatform | None = None) -> Crowd:
    """A class as its launches would have left it, and its column in the platform's gradebook."""
    made = []
    with store.writing() as session:
        within = course(session, "crowd", "A large class")
        task = assignment(session, within, "assignment4", "A multilayer perceptron from scratch")
        provider = _linked(session, platform, task.id, address) if platform else "test"
        for number in range(count):
            subject = f"s-{number}"
            person = user(session, Person(provider, subject, f"Student {number}"))
            enrol(session, within, person)
            token = sessions.start(session, person, within, "student", timedelta(hours=2))
            made.append(Student(subject, token, f"10.0.{number // 250}.{number % 250 + 1}"))
            if platform:
                platform.add(PlatformPerson(subject, person.name))
        number = task.id
    return Crowd(address, number, made)


def _linked(session, platform: LtiPlatform, task: int, address: str) -> str:  # type: ignore[no-untyped-def]
    tool = Settings(address, "").tool
    platform.tool = {"jwks_uri": tool.jwks, "redirect_uris": [tool.launch]}
    row = PlatformRow(
        issuer=platform.issuer,
        client_id=platform.client_id,
        authorization_endpoint=f"{platform.origin}/auth",
        token_endpoint=f"{platform.origin}/token",
        jwks_uri=f"{platform.origin}/jwks",
    )
    session.add(row)
    session.flush()
    item = platform.add_line_item({"resourceId": "assignment4", "scoreMaximum": 125})
    session.add(
        Link(
            platform_id=row.id,
            deployment_id="1",
            resource_link_id="link-1",
            assignment_id=task,
            line_item=item["id"],
        )
    )
    return f"lti:{row.id}"


def state(store: Store) -> dict[str, object]:
    """What the database holds: attempts, their jobs by state, and gradings."""
    with store.reading() as session:
        jobs = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())  # type: ignore[arg-type]
        return {
            "submissions": session.scalar(select(func.count()).select_from(Submission)),
            "gradings": session.scalar(select(func.count()).select_from(Grading)),
            "graded": session.scalar(select(func.count(Grading.submission_id.distinct()))),
            "jobs": jobs,
        }


async def under_fire(
    work: Awaitable[None], kills: Sequence[tuple[float, Callable[[], object]]]
) -> None:
    """Let the crowd ``work``, while something is killed at each of some moments."""

    async def kill(after: float, what: Callable[[], object]) -> None:
        await asyncio.sleep(after)
        await asyncio.to_thread(what)

    await asyncio.gather(work, *(kill(after, what) for after, what in kills))
