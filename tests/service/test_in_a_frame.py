"""In a frame of the platform's page, where the browser keeps no cookie of ours.

The platform and the service are on different sites here (127.0.0.1 and localhost), and Chromium
blocks third-party cookies. What the state of a login needs is kept by the platform's storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "playwright")
needs.need_program("chromium")

from playwright.sync_api import Browser, BrowserContext, FrameLocator, expect

from lti_platform import MEMBERSHIP, LtiPlatform, Person, running_platform
from lti_storage import FRAME
from real_browser import FRAMES_IN_PLACE, NO_THIRD_PARTY_COOKIES, PATIENCE_MS, chromium
from supervised import Installation, installation, running

pytestmark = pytest.mark.slow

HANDED_IN = "import numpy as np\n\n\ndef relu_forward(z):\n    return np.maximum(z, 0)\n"
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Course:
    """A platform with the service registered, and a browser that blocks third-party cookies."""

    place: Installation
    platform: LtiPlatform
    browser: Browser

    def clicked(self, user: str, link: str) -> tuple[BrowserContext, FrameLocator]:
        """Somebody opens an activity, and the tool appears in a frame."""
        context = self.browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(f"{self.platform.origin}/open?user={user}&link={link}&frame=1")
        return context, page.frame_locator("#tool")


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    with (
        installation(postgresql=False, host="localhost") as place,
        running_platform("canvas") as platform,
        chromium(NO_THIRD_PARTY_COOKIES, *FRAMES_IN_PLACE) as browser,
    ):
        platform.add(Person("t-1", "先生", [MEMBERSHIP + "Instructor"]))
        platform.add(Person("s-1", "山田 太郎"))
        with running(place.start_web(), place.start_worker(1)):
            course = Course(place, platform, browser)
            _register(course)
            _deep_link(course)
            yield course


def _register(course: Course) -> None:
    page = course.browser.new_page()
    query = (
        f"openid_configuration={course.platform.origin}/.well-known/openid-configuration"
        f"&registration_token={course.platform.registration_token}"
    )
    page.goto(f"{course.place.run('platform')}?{query}")
    expect(page.locator("#lti-close")).to_be_visible()
    page.close()


def _deep_link(course: Course) -> None:
    """The teacher picks in the frame as well, and the platform gets its answer from there."""
    course.platform.storage_target = "_parent"
    context, tool = course.clicked("t-1", "deep-link")
    tool.get_by_label("assignment4").check()
    tool.locator("button.primary").click()
    expect(tool.locator("#made")).to_have_text("1")
    context.close()


def _cookies_of_ours(course: Course, context: BrowserContext) -> list[str]:
    return [str(cookie.get("name")) for cookie in context.cookies(course.place.address)]


@pytest.mark.parametrize("target", ["_parent", FRAME])
def test_hand_in_and_read_the_report_without_any_cookie(course: Course, target: str) -> None:
    course.platform.storage_target = target
    context, tool = course.clicked("s-1", "link-1")
    tool.locator("#upload details").first.locator("summary").click()
    tool.locator("textarea[name=pasted]").fill(HANDED_IN)
    tool.locator("#send").click()
    expect(tool.locator("#standing, #report").first).to_be_visible()
    expect(tool.locator("#report .big strong")).to_have_text("5 / 125")
    tool.get_by_role("button", name="日本語").click()
    expect(tool.locator("#report h2").first).to_have_text("採点結果")
    assert _cookies_of_ours(course, context) == []
    context.close()


def test_the_storage_was_asked(course: Course) -> None:
    course.platform.storage_target = "_parent"
    context, tool = course.clicked("s-1", "link-1")
    expect(tool.locator("#upload")).to_be_visible()
    assert context.pages[0].evaluate("asked") == ["lti.put_data", "lti.get_data"]
    context.close()


def test_without_storage_a_window_of_its_own_is_offered(course: Course) -> None:
    course.platform.storage_target = None
    context, tool = course.clicked("s-1", "link-1")
    expect(tool.get_by_role("link", name="Open in a new window")).to_be_visible()
    context.close()


@pytest.mark.parametrize("target", ["_parent", "no_such_frame"])
def test_storage_that_knows_nothing_lets_nobody_in(course: Course, target: str) -> None:
    course.platform.storage_target, course.platform.lying = target, True
    try:
        context, tool = course.clicked("s-1", "link-1")
        expect(tool.locator("h1")).to_be_visible()
        expect(tool.get_by_role("link", name="Open in a new window")).to_be_visible()
        expect(tool.locator("#upload")).to_have_count(0)
        context.close()
    finally:
        course.platform.lying = False
