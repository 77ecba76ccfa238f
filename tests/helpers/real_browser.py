"""Debian's Chromium, driven by Playwright: every context is a browser of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import needs

needs.need("playwright")
needs.need_program("chromium")

from playwright.sync_api import Browser, sync_playwright

# No sandbox, as root has none; and nothing that calls home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A frame of another site stays in the process of its page: Playwright can lose sight of a frame
# that moves to another process during a navigation. Cookies and origins are the same either way.
FRAMES_IN_PLACE = (
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process",
)
NO_THIRD_PARTY_COOKIES = "--test-third-party-cookie-phaseout"
PATIENCE_MS = 60_000


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*FLAGS, *flags]
        )
        try:
            yield browser
        finally:
            browser.close()
