"""JUnit XML that any reader of it understands."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results
from grader.i18n import LANGUAGES, plain
from grader.render import junit
from grader.result import Result


def suite(result: Result, language: str = "en") -> ElementTree.Element:
    found = ElementTree.fromstring(junit.render(result, language).encode()).find("testsuite")
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_is_a_case_and_the_counts_are_right(language: str) -> None:
    found = suite(results.EVERYTHING, language)
    cases = found.findall("testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert names == [(check.function, check.name) for check in results.EVERYTHING.checks]
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(found.get(attribute, "-1")) == len(found.findall(f"testcase/{tag}"))
    assert int(found.get("tests", "-1")) == len(cases)


def test_a_failure_says_what_and_shows_the_call() -> None:
    failure = suite(results.EVERYTHING).find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "The absolute value"
    assert "z = np.array([-1.0, 2.0])" in (failure.text or "")
    assert "a[0] == 1 != 0" in (failure.text or "")


def test_score_seed_and_versions_are_recorded() -> None:
    properties = suite(results.EVERYTHING).iter("property")
    found = {p.get("name"): p.get("value") for p in properties}
    assert found.items() >= {"score": "9.6", "seed": "12345", "version.numpy": "2.0"}.items()


@given(st.text())
def test_whatever_a_submission_prints_the_file_can_be_read(words: str) -> None:
    failed = replace(results.FAILED, misconception=None, message=plain(words))
    shown = suite(results.result(failed, output=words, submission=words)).findtext("system-out")
    assert (shown is None) == (words == "")
