"""``grader serve --demo``: the first minute of a teacher, clicked through in a browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import needs

needs.need("starlette", "uvicorn", "sqlalchemy", "alembic", "httpx", "playwright")
needs.need_program("chromium")

import httpx
from playwright.sync_api import Page, expect

from real_browser import PATIENCE_MS, chromium
from supervised import eventually, grader
from web_service import free_port

pytestmark = pytest.mark.slow

GRADED = 180.0  # seconds for the example class on a busy machine
LINK = r"^{who} .*?(http://localhost:\d+/join#\S+)$"
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Demo:
    """The demo as it was started by hand, and what it printed."""

    process: subprocess.Popen[bytes]
    printed: Path

    def link(self, who: str) -> str:
        pattern = re.compile(LINK.format(who=who), re.MULTILINE)
        eventually(lambda: pattern.search(self.printed.read_text("utf-8")), f"no link for a {who}")
        found = pattern.search(self.printed.read_text("utf-8"))
        assert found is not None
        return found[1]


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    printed = folder / "printed.txt"
    with printed.open("wb") as log:
        process = subprocess.Popen(
            grader("serve", "--demo", "--port", str(free_port())),
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
    started = Demo(process, printed)
    try:
        health = started.link("teacher").partition("/join")[0] + "/healthz"
        eventually(lambda: answers(health), "the demo does not answer")
        yield started
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_context(locale="en-GB").new_page()


def test_a_teacher_looks_around(demo: Demo, page: Page) -> None:
    page.goto(demo.link("teacher"))
    numbers = page.locator("dl.numbers")
    expect(numbers).to_contain_text("/ 8")  # one has not handed in

    def all_graded() -> bool:
        page.reload()
        return "7 / 8" in " ".join(numbers.inner_text().split())

    eventually(all_graded, "the example class was not graded", GRADED)
    expect(page.locator("#students tbody tr")).to_have_count(8)
    expect(page.get_by_role("heading", name="Commonest misconceptions")).to_be_visible()
    page.get_by_role("link", name="Learning curves side by side").click()
    charts = page.locator("main svg")
    eventually(lambda: charts.count() == 7, "nobody's learning curves are drawn")
    page.go_back()
    page.get_by_role("link", name="山田 太郎").click()
    expect(page.locator("main")).to_contain_text("dense_forward")


def test_a_student_sees_their_own_class(demo: Demo, page: Page) -> None:
    page.goto(demo.link("student"))
    page.wait_for_url("**/assignment/*")
    expect(page.locator("main")).to_contain_text("submission")
    assert "Zoë" not in page.content()


def test_it_ends_when_told_to_and_takes_its_worker_along(demo: Demo) -> None:
    demo.link("class")
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(demo.process.pid)], capture_output=True, text=True
    ).stdout.split()
    assert children
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(60) == 0, demo.printed.read_text("utf-8")
    for child in children:
        eventually(lambda child=child: not Path(f"/proc/{child}").exists(), "the worker goes on")
    assert "Traceback" not in demo.printed.read_text("utf-8")
