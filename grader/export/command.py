"""The commands ``grader export`` and ``grader gradescope``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import options
from grader.errors import GraderError
from grader.i18n import resolve, text

if TYPE_CHECKING:
    from grader.batch.roll import Line
    from grader.export.fill import Columns, Filled

FORMATS = ("csv", "json", "moodle-gradebook", "moodle", "canvas", "webclass")
FILLED = ("moodle", "canvas", "webclass")
PROFILE = "columns.json"
SHOWN = 10


@click.command()
@click.argument("assignment")
@options.format_(
    FORMATS, "csv", "moodle, canvas and webclass fill in your own file; the others make a new one."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Your own worksheet or gradebook, as your LMS downloads it. It is not changed.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write.",
)
@click.option(
    "--grades",
    type=click.Path(path_type=Path, file_okay=False),
    help="The output folder of grader batch.  [default: grades-ASSIGNMENT]",
)
@click.option("--database", help="The database, if it is not grades.db in that folder.")
@click.option("--course", default="course", show_default=True, help="The course's short name.")
@click.option("--identity-column", help="The column that says who a line is about.")
@click.option("--grade-column", help="The column for the points, e.g. 'Assignment 4 (1234)'.")
@click.option("--comment-column", help="The column for the comment.")
@options.lang("the comments")
def export(
    assignment: str,
    format_: str,
    into: Path | None,
    output: Path,
    grades: Path | None,
    database: str | None,
    course: str,
    identity_column: str | None,
    grade_column: str | None,
    comment_column: str | None,
    lang: str,
) -> None:
    """Write the grades of a class for a gradebook or a spreadsheet.

    A worksheet of Moodle, a gradebook of Canvas and a table of WebClass are filled in: give the
    file as you downloaded it. Its encoding, its columns and every other cell stay as they are.

    \b
    Examples:
      grader export assignment4 -o grades.csv
      grader export assignment4 --format moodle --into worksheet.csv -o filled.csv
      grader export assignment4 --format canvas --into gradebook.csv -o filled.csv
                    --grade-column 'Assignment 4 (1234)'
      grader export assignment4 --format webclass --into answer.csv -o filled.csv

    \b
    Exit code:
      0  everybody is in the file
      1  somebody is not; their names were printed
      2  the call or the file is wrong
    """
    folder = grades or Path(f"grades-{Path(assignment).name}")
    lines, slug = _lines(folder, database, course, assignment)
    language = resolve(lang)
    if format_ not in FILLED:
        output.write_bytes(_made(lines, format_, slug, course, language))
        said = text("{count} students in {path}", count=len(lines), path=output)
        click.echo(said[language])
        return
    if into is None:
        raise GraderError(
            text(
                "--format {format} fills in your own file: give it with --into, as your LMS "
                "downloads it.",
                format=format_,
            )
        )
    given = {"identity": identity_column, "grade": grade_column, "comment": comment_column}
    columns = _columns(folder / PROFILE, format_, given)
    _tell(_filled(into, output, format_, lines, columns, language), len(lines), output, language)


def _lines(
    folder: Path, database: str | None, course: str, assignment: str
) -> tuple[list[Line], str]:
    try:
        from grader.batch import roll
        from grader.store import open_store
    except ModuleNotFoundError as error:
        raise GraderError(
            text(
                "This command needs {module}: pip install 'densefit[batch]'.",
                module=str(error.name),
            )
        ) from error
    from grader.assignment import find_assignment

    path = folder / "grades.db"
    if database is None and not path.is_file():
        raise GraderError(
            text("There are no grades in {path}: run grader batch first.", path=str(folder))
        )
    found = find_assignment(assignment)
    store = open_store(database or path, folder / "files")
    try:
        return roll.call(store, course, found.slug, found.attempts), found.slug
    finally:
        store.close()


def _made(lines: list[Line], format_: str, slug: str, course: str, language: str) -> bytes:
    from grader.export import tables

    if format_ == "json":
        return tables.as_json(lines, slug, course)
    if format_ == "moodle-gradebook":
        return tables.moodle_gradebook(lines, language)
    return tables.plain_csv(lines, language)


def _filled(
    into: Path, output: Path, kind: str, lines: list[Line], columns: Columns, language: str
) -> Filled:
    from grader.export.fill import fill
    from grader.sheet import read_sheet

    filled = fill(read_sheet(into.read_bytes(), into.name), kind, lines, columns, language)
    output.write_bytes(filled.data)
    return filled


def _columns(profile: Path, kind: str, given: dict[str, str | None]) -> Columns:
    """What was said of the columns, now or, for the same kind of file, before."""
    from grader.export.fill import Columns

    saved = json.loads(profile.read_text("utf-8")) if profile.is_file() else {}
    known = saved.get(kind, {})
    columns = Columns(**{name: value or known.get(name) for name, value in given.items()})
    if any(given.values()) and profile.parent.is_dir():
        saved[kind] = asdict(columns)
        profile.write_text(json.dumps(saved, ensure_ascii=False, indent=2), "utf-8")
    return columns


def _tell(filled: Filled, count: int, output: Path, language: str) -> None:
    said = [
        text(
            "{filled} of {all} students filled in in {path}",
            filled=filled.filled,
            all=count,
            path=output,
        )
    ]
    if filled.scaled_to is not None:
        most = f"{filled.scaled_to:g}"
        said.append(text("Points are scaled to {most}, as the file asks.", most=most))
    for sentence in said:
        click.echo(sentence[language])
    for line in filled.absent[:SHOWN]:
        graded = line.grade.points is not None
        reason = text("not in the file") if graded else text("could not be checked")
        click.echo(f"! {line.name} ({line.key}): {reason[language]}", err=True)
    if len(filled.absent) > SHOWN:
        more = text("… and {count} more.", count=len(filled.absent) - SHOWN)
        click.echo(more[language], err=True)
    if filled.absent:
        sys.exit(1)
