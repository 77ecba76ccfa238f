"""The report as one page of HTML: no script, no network, nothing to click that is not a link.

Everything stands open, so that the printed page says what the screen says. The page forbids
itself all but its own style sheet and pictures (:func:`content_security_policy`); whoever serves
it can send the same policy as a header. Words of a submission are escaped by Jinja.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.i18n import Text, text
from grader.render import words
from grader.result import CheckResult, Figure, Result
from grader.sandbox.isolation import title

if TYPE_CHECKING:
    from jinja2 import Template

FOLDER = Path(__file__).parent
MARKS = {"passed": "✓", "failed": "✗", "error": "✗", "skipped": "–"}


@dataclass(frozen=True)
class Row:
    """One line of the table of points."""

    function: str
    span: int  # 0 unless it is the first of its function
    title: Text
    points: str
    status: str
    word: Text
    link: str | None


def render(result: Result, language: str) -> str:
    """The whole page, in one language."""
    return _template().render(_values(result, language))


def body(result: Result, language: str) -> str:
    """What stands between the page's head and foot, for a page that has its own."""
    template = _template()
    context = template.new_context(_values(result, language))
    return "".join(template.blocks["body"](context))


def _values(result: Result, language: str) -> dict[str, Any]:
    return {
        "result": result,
        "language": language,
        "style": style(),
        "policy": content_security_policy(),
        "say": _labels(language),
        "of": lambda message: message[language],
        "rows": list(_rows(result)),
        "failures": [c for c in result.checks if c.status in ("failed", "error")],
        "not_reached": list(_reasons(result, language)),
        "verdict": words.verdict(result),
        "remarks": list(words.remarks(result)),
        "layers": [title(layer) for layer in result.isolation["layers"]],
        "missing": [title(layer) for layer in result.isolation["missing"]],
        "status": words.status,
        "element": words.element,
        "points": words.points,
        "marks": MARKS,
        "anchor": anchor,
        "source": _source,
    }


def content_security_policy() -> str:
    """What the page allows itself."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def anchor(check: CheckResult) -> str:
    """The name of a check's section; functions and checks are named by the assignment."""
    return f"{check.function}-{check.name}".replace(".", "-").replace(" ", "-")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((FOLDER / "report.html.j2").read_text("utf-8"))


@cache
def style() -> str:
    """The style sheet of the report."""
    return (FOLDER / "report.css").read_text("utf-8")


def _rows(result: Result) -> Iterator[Row]:
    by_function = groupby(result.checks, key=lambda check: check.function)
    for function, checks in ((name, list(group)) for name, group in by_function):
        parts = [list(group) for _, group in groupby(checks, key=words.row)]
        for i, part in enumerate(parts):
            worst = words.worst(part)
            yield Row(
                function=function,
                span=0 if i else len(parts),
                title=words.row_title(part),
                points=words.points(sum(c.points for c in part), sum(c.max_points for c in part)),
                status=worst.status,
                word=words.status(worst),
                link=anchor(worst) if worst.status in ("failed", "error") else None,
            )


def _reasons(result: Result, language: str) -> Iterator[str]:
    """Why parts were not checked, each reason once."""
    skipped = (check for check in result.checks if check.status == "skipped" and check.message)
    yield from dict.fromkeys(check.message[language] for check in skipped if check.message)


def _source(figure: Figure) -> str:
    """A picture as an address that holds all of it; as an image no SVG can run anything."""
    data = figure.data
    if figure.media_type == "image/svg+xml":
        data = base64.b64encode(data.encode()).decode()
    return f"data:{figure.media_type};base64,{data}"


def _labels(language: str) -> dict[str, str]:
    """The page's own words."""
    labels = {
        "report": text("Report"),
        "skip": text("Go to the points"),
        "score": text("Score"),
        "points": text("Points"),
        "function": text("Function"),
        "check": text("Check"),
        "status": text("Status"),
        "caption": text("Points of each check"),
        "mistakes": text("What to correct"),
        "hint": text("Hint"),
        "call": text("This call shows it:"),
        "code": text("Lines to paste into Python"),
        "where": text("Where"),
        "got": text("Your value"),
        "expected": text("Expected"),
        "trace": text("Where it happened"),
        "pictures": text("Pictures"),
        "not_checked": text("Not checked"),
        "notes": text("Notes"),
        "printed": text("What your code printed (start):"),
        "graded": text("How it was graded"),
        "seed": text("Seed"),
        "digest": text("Fingerprint of what was handed in (SHA-256)"),
        "isolation": text("Isolation"),
        "missing": text("Not available on this machine"),
        "versions": text("Versions"),
        "again": text("The same seed gives the same result."),
        "back": text("Back to the points"),
    }
    return {name: label[language] for name, label in labels.items()}
