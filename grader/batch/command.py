"""The command ``grader batch``."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import options
from grader.errors import GraderError, NotChecked
from grader.i18n import text
from grader.sandbox.isolation import Mode
from grader.times import as_time

if TYPE_CHECKING:
    from grader.batch.session import Session

NOT_CHECKED = 3
KINDS = ("moodle", "canvas", "gradescope", "webclass", "folder")


@click.command()
@click.argument("assignment")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the pages and the database.  [default: grades-ASSIGNMENT]",
)
@click.option(
    "--database",
    help="A file, or a URL such as postgresql://host/name.  [default: grades.db in --output]",
)
@click.option("--course", default="course", show_default=True, help="The course's short name.")
@click.option(
    "--form",
    type=click.Choice(KINDS),
    help="Which download SOURCE is; without it, it is recognised.",
)
@click.option(
    "--map",
    "map_",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV that says who each file is of: file,id and perhaps name,email,username,submitted.",
)
@click.option(
    "--worksheet",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Moodle's offline grading worksheet: names, addresses and times of handing in.",
)
@click.option(
    "--due",
    metavar="TIME",
    callback=as_time,
    help="Another deadline than the assignment's: 2026-07-31T23:59:00+09:00.",
)
@click.option(
    "--submitted",
    metavar="TIME",
    callback=as_time,
    help="When it was handed in, for everybody whose time is not known otherwise.",
)
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The course's secret, for personal experiments and for examples that nobody can work "
    "out; without it the file that $GRADER_SECRET_FILE names.",
)
@options.seed("Seed of the examples for everybody, instead of one of their own.")
@click.option("--preview", is_flag=True, help="Show who handed in what, and stop.")
@click.option("--processes", type=click.IntRange(min=1), help="How many to grade at once.")
@click.option("--scheduler", help="Grade on a Dask cluster: the address of its scheduler.")
@click.option(
    "--known",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="A solution that is going round, to compare with; may be given several times.",
)
@options.isolation("required")
@options.lang("the pages")
def batch(
    assignment: str,
    source: Path,
    output: Path | None,
    database: str | None,
    course: str,
    form: str | None,
    map_: Path | None,
    worksheet: Path | None,
    due: datetime | None,
    submitted: datetime | None,
    secret_file: Path | None,
    seed: int | None,
    preview: bool,
    processes: int | None,
    scheduler: str | None,
    known: tuple[Path, ...],
    isolation: Mode,
    lang: str,
) -> None:
    """Grade a whole class: SOURCE is what the LMS downloads, or a folder.

    The zip of Moodle, Canvas, WebClass or Gradescope is recognised, or a folder (or zip) with one
    file or folder for each student. Results go into a database; call the same command again after
    a crash and it goes on, call it with a later download and only what is new is graded.

    \b
    Examples:
      grader batch assignment4 submissions.zip --preview   who handed in what
      grader batch assignment4 submissions.zip             grade, then open the index
      grader batch assignment4 folder --map who.csv        files named by anything
      grader batch assignment4 submissions.zip --worksheet grades.csv --due 2026-07-31T23:59+09:00
      grader batch assignment4 submissions.zip --scheduler tcp://head:8786

    \b
    Exit code:
      0  everything was graded
      2  the call, the assignment or the download is wrong
      3  some could not be checked; the index says why
    """
    try:
        from grader.batch.session import Session, Wanted
    except ModuleNotFoundError as error:
        raise GraderError(
            text(
                "This command needs {module}: pip install 'densefit[batch]'.",
                module=str(error.name),
            )
        ) from error
    wanted = Wanted(
        assignment=assignment,
        source=source,
        output=output or Path(f"grades-{Path(assignment).name}"),
        database=database,
        course=course,
        form=form,
        map=map_,
        known=known,
        language=lang,
        worksheet=worksheet,
        due=due,
        submitted=submitted,
        seed=seed,
        secret_file=secret_file,
    )
    session = Session(wanted)
    if preview:
        session.preview()
        return
    graded = _grade(session, processes, scheduler, isolation)
    sys.exit(0 if graded else NOT_CHECKED)


def _grade(session: Session, processes: int | None, scheduler: str | None, isolation: Mode) -> bool:
    if scheduler is not None:
        from grader.batch.cluster import ClusterEngine

        with ClusterEngine(session.wanted.assignment, scheduler, isolation) as cluster:
            return session.grade(cluster)
    from grader.pool import GradingPool
    from grader.sandbox.isolation import plan, title

    missing = plan(isolation).missing if isolation == "required" else ()
    if missing:
        raise NotChecked(
            text(
                "This machine lacks layers of the sandbox ({missing}). Submissions could read or "
                "change what is on it. With --isolation auto they are graded all the same.",
                missing=", ".join(title(layer)["en"] for layer in missing),
            )
        )
    with GradingPool(session.wanted.assignment, processes=processes, isolation=isolation) as pool:
        return session.grade(pool)
