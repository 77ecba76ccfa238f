"""One module for each form of a report; all of them read the same ``Result``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from grader.result import Result

FORMATS = ("text", "json", "junit", "html")


def write(result: Result, format_: str, language: str, stream: TextIO) -> None:
    """Write the report in one of :data:`FORMATS`; JSON holds every language."""
    if format_ == "text":
        from grader.render.text import render

        render(result, language, stream)
    elif format_ == "json":
        stream.write(result.to_json() + "\n")
    elif format_ == "junit":
        from grader.render import junit

        stream.write(junit.render(result, language))
    elif format_ == "html":
        from grader.render import html

        stream.write(html.render(result, language))
    else:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {format_!r}")
