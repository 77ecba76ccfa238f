"""The whole path with real parts, while web, worker and database are each killed with kill -9.

PostgreSQL, the web process and the worker run as they are deployed; a platform registers them,
a teacher deep-links the assignment, thirty students hand in with Chromium, and at the end the
platform's gradebook holds exactly what each of them is worth.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "psycopg", "playwright")
needs.need_program("chromium")

from playwright.sync_api import Browser, Page, expect

from lti_platform import MEMBERSHIP, LtiPlatform, Person, running_platform
from real_browser import PATIENCE_MS, chromium
from source_tree import ROOT
from supervised import Installation, Supervised, eventually, grader, installation, running

pytestmark = pytest.mark.slow

STUDENTS = 30
SUBMISSIONS = ROOT / "tests" / "submissions"
RIGHT = "correct/idiomatic_numpy"
HANDED_IN = (
    RIGHT,
    "wrong/db_mean",
    "correct/einsum",
    "wrong/relu_leaky",
    "wrong/sgd_adds",
    "correct/japanese_names",
    "wrong/dw_transposed",
    "wrong/softmax_over_samples",
)
TWICE = range(1, STUDENTS, 4)  # these hand in something right at their second attempt
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
NAMES = ("山田 太郎", "Zoë Martin", "髙﨑 恵", "O'Neil-Smith, Sam", "<b>Bobby</b>")
GRADEBOOK_SECONDS = 180.0  # a score that was on its way when the worker died waits for a minute


@dataclass(frozen=True)
class HandIn:
    """A file, and what ``grader check`` says on its own that it is worth."""

    path: Path
    points: float
    most: float

    @classmethod
    def of(cls, name: str, folder: Path) -> HandIn:
        """A right program; of a wrong one, its one function after everything that is right."""
        kept = [RIGHT, name] if name.startswith("wrong") else [name]
        texts = [(SUBMISSIONS / one / "submission.py").read_text("utf-8") for one in kept]
        path = folder / f"{name.rpartition('/')[2]}.py"
        path.write_text("\n\n".join(texts), "utf-8")
        command = grader("check", "assignment4", str(path), "--format", "json")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        document = json.loads(done.stdout)
        return cls(path, document["score"], document["max_score"])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[HandIn]:
    folder = tmp_path_factory.mktemp("handed-in")
    made = [HandIn.of(name, folder) for name in HANDED_IN]
    assert len({one.points for one in made}) > 3, "else a mix-up would go unseen"
    return made


@dataclass
class Stage:
    """Everything that runs, and what may be killed."""

    place: Installation
    web: Supervised
    worker: Supervised
    platform: LtiPlatform
    browser: Browser

    def open(self, number: int, link: str, **context: object) -> Page:
        """Somebody clicks an activity, in a browser of their own."""
        page = self.browser.new_context(**context).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{self.platform.origin}/open?user=s-{number}&link={link}")
        return page


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with installation() as place, running_platform("moodle") as platform, chromium() as browser:
        for number in range(1, STUDENTS + 1):
            name = f"{NAMES[number % len(NAMES)]} {number}"
            platform.add(Person(f"s-{number}", name, number=f"26A{number:03}"))
        platform.add(Person("s-0", "先生", [MEMBERSHIP + "Instructor"]))
        web, worker = place.start_web(), place.start_worker()
        with running(web, worker):
            yield Stage(place, web, worker, platform, browser)


def register(stage: Stage) -> None:
    """The platform's administrator pastes the address that the operator was printed."""
    page = stage.browser.new_page()
    configuration = f"{stage.platform.origin}/.well-known/openid-configuration"
    token = stage.platform.registration_token
    query = f"openid_configuration={configuration}&registration_token={token}"
    page.goto(f"{stage.place.run('platform')}?{query}")
    expect(page.locator("#lti-close")).to_be_visible()
    page.close()


def deep_link(stage: Stage) -> None:
    page = stage.open(0, "deep-link", locale="ja-JP")
    page.get_by_label("assignment4").check()
    page.locator("button.primary").click()
    expect(page.locator("#made")).to_have_text("1")
    page.context.close()


def hand_in(page: Page, path: Path, how: str, meanwhile: Callable[[], None] | None = None) -> None:
    """Choose a file or paste it; ``meanwhile`` happens while the upload is on its way."""
    if how == "paste":
        page.locator("#upload details").first.locator("summary").click()
        page.locator("textarea[name=pasted]").fill(path.read_text("utf-8"))
    else:
        page.locator("input[type=file]").set_input_files(path)
    page.locator("#send").click()
    if meanwhile is not None:
        meanwhile()
    page.wait_for_url("**/submission/*")


def faults(stage: Stage) -> Mapping[int, Callable[[Page], None]]:
    """What dies right before which student sends."""
    assert stage.place.server is not None
    server = stage.place.server
    return {
        8: lambda page: stage.worker.kill(),
        15: lambda page: server.kill(),
        22: lambda page: stage.web.kill(),
    }


def test_every_score_arrives_although_everything_was_killed(
    stage: Stage, files: list[HandIn]
) -> None:
    register(stage)
    deep_link(stage)
    stage.platform.faults += ["lost answer", 503]
    pages = _first_attempts(stage, files)
    counts = {number: files[number % len(files)] for number in pages}
    for number, page in pages.items():
        _read_report(page, counts[number])
    for number in TWICE:
        counts[number] = files[0]
        pages[number].locator("p > a.button").click()
        hand_in(pages[number], files[0].path, "file")
    for number in TWICE:
        _read_report(pages[number], files[0])

    wanted = {f"s-{number}": one.points / one.most for number, one in counts.items()}
    book = stage.platform
    eventually(
        lambda: {user: book.grade(user) for user in wanted} == wanted,
        "the gradebook is not what it should be",
        GRADEBOOK_SECONDS,
    )
    assert {user for _, user in book.scores} == set(wanted)
    assert len(book.line_items) == 1
    assert (stage.web.starts, stage.worker.starts) == (2, 2)
    _teacher_sees_all(stage)


def _first_attempts(stage: Stage, files: list[HandIn]) -> dict[int, Page]:
    """One student after another opens, hands in, and leaves the page open to wait."""
    pages: dict[int, Page] = {}
    deadly = faults(stage)
    for number in range(1, STUDENTS + 1):
        phone = PHONE if number % 3 == 0 else {}
        page = stage.open(number, "link-1", locale=("en-GB", "ja-JP")[number % 2], **phone)
        expect(page.locator("html")).to_have_attribute("lang", ("en", "ja")[number % 2])
        if number in deadly:
            deadly[number](page)
        how = "paste" if number % 5 == 0 else "file"
        back = _database_back(stage, page) if number == 15 else None
        hand_in(page, files[number % len(files)].path, how, back)
        pages[number] = page
    return pages


def _database_back(stage: Stage, page: Page) -> Callable[[], None]:
    """The page says that it tries again; then the database comes back."""

    def start() -> None:
        trying = page.locator("#upload").get_attribute("data-unreachable")
        expect(page.locator("#news")).to_have_text(trying or "")
        assert stage.place.server is not None
        stage.place.server.start()

    return start


def _read_report(page: Page, worth: HandIn) -> None:
    """It appears by itself, by server-sent events: nobody reloads."""
    shown = page.locator("#report .big strong")
    expect(shown).to_have_text(f"{worth.points:g} / {worth.most:g}", timeout=PATIENCE_MS)
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, "the page scrolls sideways"


def _teacher_sees_all(stage: Stage) -> None:
    page = stage.open(0, "link-1", locale="en-GB")
    rows = page.locator("#students tbody tr")
    expect(rows).to_have_count(STUDENTS)
    expect(rows.filter(has_text="arrived")).to_have_count(STUDENTS)
    page.context.close()
