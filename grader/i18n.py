"""Every sentence in every language: English in the source, the others in ``locale/*.po``.

A sentence is made with :func:`text` and carried as a :data:`Text`, all languages at once, so that
a stored result can be shown to a student in one language and to a teacher in another. The
catalogues are gettext's; they are read from the ``.po`` source itself, so nothing has to be
compiled when the package is built.
"""

from __future__ import annotations

import ast
import locale
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Text = dict[str, str]

LANGUAGES = ("en", "ja")
LOCALE = Path(__file__).parent / "locale"


def text(template: str, /, **values: Any) -> Text:
    """``template`` in every language, with ``{names}`` filled in.

    A value that is itself a :data:`Text` is filled in in the language of the sentence.
    """
    return _filled(template, values) if values else dict(_constant(template))


@cache
def _constant(template: str) -> Text:
    """A sentence without gaps, which laws ask for at every example."""
    return _filled(template, {})


def _filled(template: str, values: Mapping[str, Any]) -> Text:
    return {
        language: _translated(template, language).format_map(_in_language(values, language))
        for language in LANGUAGES
    }


def join(parts: list[Text], separator: str = " ") -> Text:
    """Several texts as one."""
    return {lang: separator.join(part[lang] for part in parts) for lang in LANGUAGES}


def plain(words: str) -> Text:
    """Words that are the same in every language: names, numbers, code."""
    return dict.fromkeys(LANGUAGES, words)


def resolve(language: str) -> str:
    """The language for ``en``, ``ja`` or ``auto`` (what the user's environment asks for)."""
    if language != "auto":
        return language
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return _supported(os.environ[name])
    return _supported(locale.getlocale()[0] or "")


def _supported(tag: str) -> str:
    return "ja" if tag.lower().startswith(("ja", "japanese")) else "en"


def _translated(template: str, language: str) -> str:
    return template if language == "en" else catalogue(language).get(template, template)


def _in_language(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        name: value[language] if isinstance(value, dict) and language in value else value
        for name, value in values.items()
    }


@cache
def catalogue(language: str) -> dict[str, str]:
    """The messages of one language, English sentence → translation."""
    return parse_po((LOCALE / f"{language}.po").read_text("utf-8"))


def parse_po(source: str) -> dict[str, str]:
    """The translated messages of a gettext ``.po`` file; fuzzy and empty ones are left out."""
    messages: dict[str, str] = {}
    entry: dict[str, str] = {}
    field, fuzzy = "", False
    for line in [*source.splitlines(), ""]:
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        elif line.startswith(("msgid ", "msgstr ")):
            field, _, quoted = line.partition(" ")
            entry[field] = ast.literal_eval(quoted)
        elif line.startswith('"'):
            entry[field] += ast.literal_eval(line)
        elif not line.strip():
            if entry.get("msgid") and entry.get("msgstr") and not fuzzy:
                messages[entry["msgid"]] = entry["msgstr"]
            entry, fuzzy = {}, False
    return messages
