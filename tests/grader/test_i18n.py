"""Every sentence exists in every language, with the same gaps to fill in."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from grader.i18n import LANGUAGES, catalogue, parse_po, resolve, text
from source_tree import ROOT

SOURCES = [*(ROOT / "grader").rglob("*.py"), *(ROOT / "assignments").glob("*/checks.py")]


def is_message(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    by_name = isinstance(function, ast.Name) and function.id == "text"
    by_method = isinstance(function, ast.Attribute) and function.attr == "say"
    return (by_name or by_method) and bool(node.args)


def sentences() -> set[str]:
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if is_message(node) and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                found.add(node.args[0].value)  # type: ignore[attr-defined]
    return found


def gaps(template: str) -> set[str]:
    return {f"{name}:{spec}" for _, name, spec, _ in string.Formatter().parse(template) if name}


def test_there_are_sentences() -> None:
    assert len(sentences()) > 100


@pytest.mark.parametrize("language", [lang for lang in LANGUAGES if lang != "en"])
def test_the_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    assert set(catalogue(language)) == sentences()


@pytest.mark.parametrize("language", [lang for lang in LANGUAGES if lang != "en"])
def test_translations_have_the_gaps_of_the_original(language: str) -> None:
    for original, translation in catalogue(language).items():
        assert gaps(original) == gaps(translation), original


def test_texts_inside_texts_keep_their_language() -> None:
    message = text(
        "{name} must be {wanted}, but is {got}.", name="z", wanted=text("a number"), got=1
    )
    assert message["en"] == "z must be a number, but is 1."
    assert "数" in message["ja"]


def test_fuzzy_and_empty_translations_are_left_out() -> None:
    source = (
        '#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n\nmsgid ""\n"d"\nmsgstr "e\\n"\n'
    )
    assert parse_po(source) == {"d": "e\n"}


@pytest.mark.parametrize(
    ("tag", "language"), [("ja_JP.UTF-8", "ja"), ("de_DE.UTF-8", "en"), ("C", "en"), ("ja", "ja")]
)
def test_auto_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, tag: str, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", tag)
    assert resolve("auto") == language


def test_the_catalogue_is_in_the_package() -> None:
    assert (Path(__file__).parents[2] / "grader" / "locale" / "ja.po").is_file()
