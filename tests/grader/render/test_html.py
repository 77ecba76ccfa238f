"""The page: what it says, that it holds all it needs, and that nothing in it can act."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import results
from grader.i18n import LANGUAGES
from grader.render import html, words

VOID = {"meta", "img", "br", "link", "input", "wbr"}


class Page(HTMLParser):
    """The tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(html.render(results.EVERYTHING, request.param))


def test_it_holds_all_it_needs_and_cannot_act(page: Page) -> None:
    assert page.open == []
    assert not {"script", "iframe", "form", "link", "object", "base"} & {t for t, _ in page.tags}
    for _, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/"))
    (policy,) = (a["content"] for a in page.all("meta") if "http-equiv" in a)
    assert policy == html.content_security_policy()


def test_the_policy_allows_its_own_style_sheet_and_no_other() -> None:
    page = html.render(results.EVERYTHING, "en")
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in html.content_security_policy()
    assert "url(" not in style
    assert "@import" not in style


def test_words_of_the_submission_stay_words(page: Page) -> None:
    assert page.words.count(results.HOSTILE) == 4


def test_links_lead_somewhere_and_names_are_unique(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"] for a in page.all("a")} <= {f"#{name}" for name in ids}
    for _, attributes in page.tags:
        assert set((attributes.get("aria-labelledby") or "").split()) <= set(ids)


def test_headings_leave_out_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_pictures_say_in_words_what_they_show(page: Page) -> None:
    (image,) = page.all("img")
    assert image["alt"] == "Both losses fall, then one rises."
    source = image["src"] or ""
    assert base64.b64decode(source.partition(",")[2]).decode() == results.SVG


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["9.6 / 24", "Our own mistake.", "2 days late", "timed out", "a[0]", "Draw it"]),
        ("ja", ["9.6 / 24", "Our own mistake.", "2 日の遅れ", "採点の記録", "あなたの値"]),
    ],
)
def test_it_says_what_there_is_to_say(language: str, expected: list[str]) -> None:
    page = Page(html.render(results.EVERYTHING, language))
    assert [word for word in expected if word not in page.words] == []
    assert page.all("html")[0]["lang"] == language


def test_every_check_has_its_row() -> None:
    page = Page(html.render(results.EVERYTHING, "en"))
    rows = [a for a in page.all("tr") if a.get("class")]
    assert len(rows) == len(results.EVERYTHING.checks)
    spans = [int(a["rowspan"] or 1) for a in page.all("th") if "rowspan" in a]
    assert sum(spans) == len(rows)


@pytest.mark.parametrize(("language", "name"), [("en", "Curve 1"), ("ja", "曲線 1")])
def test_the_parts_of_a_curve_share_a_row_named_in_the_readers_language(
    language: str, name: str
) -> None:
    parts = [
        replace(results.PASSED, function="diagnosis", name=f"curve_1.{part}")
        for part in ("verdict", "remedy")
    ]
    page = Page(html.render(results.result(*parts), language))
    assert name in page.words
    assert "curve_1" not in page.words
    assert len([a for a in page.all("tr") if a.get("class")]) == 1


def test_full_marks_say_so_and_show_no_mistakes() -> None:
    page = Page(html.render(results.result(results.PASSED), "en"))
    assert "Every check passed." in page.words
    assert page.all("article") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_checks_alone_are_no_full_marks(language: str) -> None:
    graded = results.result(results.PASSED, results.HIDDEN)
    whole, public = html.render(graded, language), html.render(graded.public(), language)
    full = words.verdict(results.result(results.PASSED))[language]
    assert full in whole
    assert full not in public
    assert "4 / 8" in public
    assert words.verdict(graded.public())[language] in public
    assert "8 / 8" in whole
