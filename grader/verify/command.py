"""``grader verify``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from grader import options
from grader.sandbox.isolation import Mode

PARTS = ("correct", "misconceptions", "pairs", "mutants")


@click.command()
@click.argument("assignment")
@click.option(
    "--only",
    type=click.Choice(PARTS),
    multiple=True,
    help="Do only this part; may be repeated.  [default: all]",
)
@click.option(
    "--gradings",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Gradings of correct submissions, each with a fresh seed.",
)
@options.seed("Seed of everything that is drawn.", default=0)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="processors",
    help="Processes that share the work.",
)
@options.isolation(words="Sandbox of the submissions, as of grader check.")
@options.format_(
    ["text", "json"], "text", "What to print: a report to read, or all findings as JSON."
)
@options.lang()
@options.output()
def verify(
    assignment: str,
    only: tuple[str, ...],
    gradings: int,
    seed: int,
    jobs: int,
    isolation: Mode,
    format_: str,
    lang: str,
    output: Path | None,
) -> None:
    """Prove that the checks of ASSIGNMENT pass what is right and catch what is wrong.

    \b
    correct         the solution and other correct submissions get full marks, always
    misconceptions  each known mistake fails its function, and is named
    pairs           two mistakes of one function at once never get a wrong name
    mutants         small mistakes put into the solution, one at a time, are caught

    ASSIGNMENT is a name such as assignment4, or the folder of an assignment; it must hold
    solution.py. Other correct submissions lie in its folder correct, or where its verify.toml
    says; there mutants that are no mistakes are listed too.

    \b
    Examples:
      grader verify assignment4
      grader verify my-assignment --only mutants
      grader verify assignment4 --only correct --gradings 2000
      grader verify assignment4 --format json -o verification.json

    \b
    Exit code:
      0  proved: no false alarm, every mistake named, 99 % of the mutants caught
      1  something is not: the report says what to look at
      2  the call or the assignment is wrong
      3  it could not be verified
    """
    from grader.assignment import find_assignment
    from grader.i18n import resolve
    from grader.verify.progress import progress_bars
    from grader.verify.render import render
    from grader.verify.run import Plan, run

    plan = Plan(only or PARTS, gradings, seed, jobs, isolation)
    with progress_bars(resolve(lang)) as progress:
        found = run(find_assignment(assignment), plan, progress)
    if format_ == "json":
        report = found.to_json() + "\n"
        if output is None:
            click.echo(report, nl=False)
        else:
            output.write_text(report, "utf-8")
    elif output is None:
        render(found, resolve(lang), sys.stdout)
    else:
        with output.open("w", encoding="utf-8") as stream:
            render(found, resolve(lang), stream)
    sys.exit(0 if found.proved else 1)
