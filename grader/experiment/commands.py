"""The commands about personal experiments: ``variant`` and ``prepare``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from grader import options
from grader.errors import AssignmentError
from grader.i18n import resolve, text

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.experiment.family import Family

__all__ = ["assigned_variant", "prepare", "variant"]

LANG = options.lang("the output")
SECRET = click.option(
    "--secret-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The course's secret; without it the file that $GRADER_SECRET_FILE names.",
)


def assigned_variant(assignment: Assignment, student: str | None) -> int | None:
    """The variant of a student, where the assignment, the student and the secret are known."""
    from grader.experiment.family import assigned, load_family
    from grader.experiment.secret import read_secret

    if student is None:
        return None
    family, secret = load_family(assignment.folder), read_secret()
    return None if family is None or secret is None else assigned(family, secret, student)


def _family(assignment: Assignment) -> Family:
    from grader.experiment.family import load_family

    family = load_family(assignment.folder)
    if family is None:
        raise AssignmentError(
            text("{slug} has no personal experiments (experiments.toml).", slug=assignment.slug)
        )
    return family


@click.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="A student's id; may be repeated.")
@click.option(
    "--roster",
    type=click.File(encoding="utf-8-sig"),
    help="A file with one student id per line (what follows a comma is left out); - reads them.",
)
@SECRET
@click.option(
    "--new-secret",
    type=click.Path(path_type=Path, dir_okay=False),
    help="First make a new secret in this file, and use it.",
)
@LANG
def variant(
    assignment: str,
    students: tuple[str, ...],
    roster: TextIO | None,
    secret_file: Path | None,
    new_secret: Path | None,
    lang: str,
) -> None:
    """Print which personal experiment of ASSIGNMENT is whose, as CSV.

    Every student gets a variant of the experiment, which follows from the course's secret and the
    student's id: the same one every time, and nobody else can tell it. The student runs it in the
    notebook, and the grader trains it again.

    \b
    Examples:
      grader variant assignment4 --new-secret course.secret --roster ids.csv > variants.csv
      grader variant assignment4 --secret-file course.secret --student s1234567
    """
    from grader.assignment import find_assignment
    from grader.experiment.family import assigned
    from grader.experiment.secret import make_secret, read_secret

    family = _family(find_assignment(assignment))
    if new_secret is not None:
        make_secret(new_secret)
    secret = read_secret(new_secret or secret_file)
    if secret is None:
        raise AssignmentError(
            text(
                "Name the course's secret with --secret-file, or make one with --new-secret FILE. "
                "Keep it: another secret gives other variants."
            )
        )
    lines = [] if roster is None else [line.partition(",")[0].strip() for line in roster]
    wanted = [*students, *filter(None, lines)]
    if not wanted:
        raise AssignmentError(text("Name the students with --student or --roster."))
    say = {"en": "student,variant,setting", "ja": "学籍番号,番号,設定"}
    click.echo(say[resolve(lang)])
    for student in wanted:
        number = assigned(family, secret, student)
        s = family.setting(number)
        setting = (
            f"units={list(s.units)} samples={s.samples} learning_rate={s.learning_rate:g} "
            f"epochs={s.epochs}"
        )
        click.echo(f'{student},{number},"{setting}"')


@click.command()
@click.argument("assignment")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="How many variants are prepared at once; the number of processors if not given.",
)
@LANG
def prepare(assignment: str, processes: int | None, lang: str) -> None:
    """Train every variant of ASSIGNMENT on many seeds, once, and store what can be defended.

    For each variant: which epochs are tied for the best, which verdicts can be defended, where
    overfitting sets in, how large the gap is. The files go into the assignment's folder prepared/.
    Interrupted, it goes on where it was. Without it the grader trains fewer seeds while it checks.

    \b
    Example:
      grader prepare assignment4
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from grader.assignment import find_assignment
    from grader.experiment.preparation import prepare as prepare_all

    found = find_assignment(assignment)
    family, language = _family(found), resolve(lang)
    title = text("Preparing {slug}", slug=found.slug)[language]
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=family.variants)
        for _ in prepare_all(found.folder, family, processes or os.cpu_count() or 1):
            progress.advance(task)
    _summary(found.folder, family, language)


def _summary(folder: Path, family: Family, language: str) -> None:
    """What the variants show, so that a teacher sees whether the family is of use."""
    from collections import Counter

    from grader.experiment.preparation import prepared

    known = [prepared(folder, family, n) for n in range(1, family.variants + 1)]
    counts = Counter(" / ".join(p.statistics.verdicts) for p in known if p is not None)
    for verdicts, count in sorted(counts.items()):
        line = text("{count} variants: {verdicts}", count=count, verdicts=verdicts)
        click.echo(line[language], file=sys.stdout)
