"""Verdict and points are worded so that nobody takes a part for the whole."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results
from grader.i18n import LANGUAGES
from grader.render import FORMATS, words, write
from grader.result import SCHEMA_FILE

CHECKS = (results.PASSED, results.FAILED, results.ERROR, results.SKIPPED, results.HIDDEN)
amounts = st.floats(0, 1000).map(lambda x: round(x, 4))


@given(amounts, amounts)
def test_points_are_never_rounded_up_to_all(got: float, most: float) -> None:
    shown, _, full = words.points(min(got, most), most).partition(" / ")
    if min(got, most) < most:
        assert shown != full


@given(st.lists(st.sampled_from(CHECKS), min_size=1))
def test_only_full_marks_are_worded_as_such(checks: list[results.CheckResult]) -> None:
    graded = results.result(*checks)
    for shown in (graded, graded.public()):
        full = words.verdict(shown)["en"] == "Every check passed."
        assert full == all(check.status == "passed" for check in shown.checks)
        if full:
            assert shown.score == shown.max_score


def test_hidden_checks_tell_students_nothing() -> None:
    public = results.result(results.PASSED, results.HIDDEN).public()
    lost = replace(results.FAILED, name="secret", function="softmax", hidden=True, seconds=3.0)
    passed = results.result(results.PASSED, lost).public()
    assert public == passed


@pytest.mark.parametrize("graded", [results.EVERYTHING, results.EVERYTHING.public()])
def test_json_obeys_the_published_schema(graded: results.Result) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(graded.to_json()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format_", FORMATS)
def test_every_form_says_the_score(format_: str, language: str) -> None:
    stream = io.StringIO()
    write(results.EVERYTHING, format_, language, stream)
    assert "9.6" in stream.getvalue()


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(ValueError, match="pdf"):
        write(results.EVERYTHING, "pdf", "en", io.StringIO())
