"""The page works for whoever cannot see it, cannot use a mouse, has a phone, or a printer."""

from __future__ import annotations

from pathlib import Path

import pytest

import browser
import results
from grader.i18n import LANGUAGES
from grader.render import html

pytestmark = pytest.mark.slow
ALT = 'alt="Both losses fall, then one rises."'


@pytest.fixture(autouse=True)
def _chromium_and_axe() -> None:
    browser.need()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "dark"), [(1000, False), (1000, True), (360, False)])
def test_axe_finds_nothing_wrong(language: str, width: int, dark: bool, tmp_path: Path) -> None:
    page = html.render(results.EVERYTHING, language)
    assert browser.violations(page, tmp_path, width, dark) == []


def test_axe_would_find_something(tmp_path: Path) -> None:
    """Or its silence would say nothing."""
    page = html.render(results.EVERYTHING, "en")
    assert 'alt="Both losses fall, then one rises."' in page
    worse = page.replace('alt="Both losses fall, then one rises."', "").replace(
        "#57606a", "#c9c9c9"
    )
    found = {violation["id"] for violation in browser.violations(worse, tmp_path)}
    assert {"image-alt", "color-contrast"} <= found


def test_dark_colours_are_examined_too(tmp_path: Path) -> None:
    page = html.render(results.EVERYTHING, "en").replace("--soft: #a5b0bb", "--soft: #2a2f36")
    assert "#2a2f36" in page
    assert browser.violations(page, tmp_path, dark=False) == []
    assert {v["id"] for v in browser.violations(page, tmp_path, dark=True)} == {"color-contrast"}


def test_the_page_prints(tmp_path: Path) -> None:
    path, shot = tmp_path / "page.html", tmp_path / "page.pdf"
    path.write_text(html.render(results.EVERYTHING, "ja"), "utf-8")
    browser.chromium("--no-pdf-header-footer", f"--print-to-pdf={shot}", path.as_uri())
    assert shot.read_bytes().startswith(b"%PDF")


def test_the_page_allows_its_own_style_sheet_and_no_script(tmp_path: Path) -> None:
    page = html.render(results.EVERYTHING, "en")
    intruder = "<script>document.body.id = 'intruder'</script></body>"
    path = tmp_path / "page.html"
    for policy, changed in ((True, False), (False, True)):
        open_ = page if policy else browser.POLICY.sub("", page)
        path.write_text(open_.replace("</body>", intruder), "utf-8")
        assert ('id="intruder"' in browser.chromium("--dump-dom", path.as_uri())) == changed
