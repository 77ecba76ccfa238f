"""``grader explain``: how each point of a diagnosis was decided, out of a stored result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from grader import options
from grader.errors import AssignmentError
from grader.i18n import Text, resolve, text

__all__ = ["explain"]

PREFIX = "densefit.grader.result/"


@click.command()
@click.argument("result", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--part", help="Only this part, such as own.remedy, or this curve, such as curve_1.")
@options.lang("the explanation")
def explain(result: Path, part: str | None, lang: str) -> None:
    """Tell how each point of the diagnosis in RESULT was decided.

    RESULT is what grader check --format json wrote.

    \b
    Examples:
      grader check assignment4 . --format json -o result.json
      grader explain result.json
      grader explain result.json --part own.remedy --lang ja
    """
    language = resolve(lang)
    checks = [check for check in _checks(result) if _wanted(check["name"], part)]
    if not checks:
        raise AssignmentError(text("{file} holds no such part of a diagnosis.", file=str(result)))
    for check in checks:
        got, most = f"{check['points']:g}", f"{check['max_points']:g}"
        click.echo(f"{check['name']}  {got} / {most}  {_status(check['status'])[language]}")
        if check.get("message"):
            click.echo(f"    {check['message'][language]}")


def _checks(path: Path) -> list[dict[str, Any]]:
    """The diagnosis's checks; whatever else the file is, is said."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if not table["schema"].startswith(PREFIX):
            raise ValueError
        return [check for check in table["checks"] if check["function"] == "diagnosis"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AssignmentError(
            text(
                "{file} is not a result of the grader. Make one with grader check --format json.",
                file=str(path),
            )
        ) from error


def _wanted(name: str, part: str | None) -> bool:
    return part is None or name == part or name.startswith(f"{part}.")


def _status(status: str) -> Text:
    words = {
        "passed": text("passed"),
        "failed": text("failed"),
        "skipped": text("not handed in"),
        "error": text("error"),
    }
    return words.get(status, text("error"))
