"""The command ``grader``."""

from __future__ import annotations

import io
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import options
from grader.batch.command import batch
from grader.errors import GraderError
from grader.experiment.commands import assigned_variant, prepare, variant
from grader.explain import explain
from grader.export.command import export
from grader.export.gradescope import gradescope
from grader.i18n import LANGUAGES, Text, resolve, text
from grader.new import new
from grader.render import FORMATS
from grader.sandbox.isolation import Mode
from grader.service.commands import COMMANDS as SERVICE
from grader.times import as_time
from grader.verify.command import verify

if TYPE_CHECKING:
    from grader.result import Result

PASSED, FAILED, WRONG_CALL, NOT_CHECKED = 0, 1, 2, 3


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88})
@click.version_option(package_name="densefit", prog_name="grader")
def cli() -> None:
    """Grade NumPy implementations of neural-network mathematics.

    \b
    Examples:
      grader check assignment4                    what is in the current folder
      grader check assignment4 submission.ipynb   one file
      grader check assignment4 --lang ja          in Japanese
      grader new convolution                      an assignment of your own
    """


@cli.command()
@click.argument("assignment")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@options.format_(
    FORMATS,
    "text",
    "A report to read (text, or html to open in a browser), or for programs (json, junit).",
)
@options.lang()
@options.seed("Seed of the examples; the report says which one was used.")
@options.isolation()
@options.output()
@click.option("--public", is_flag=True, help="Show of hidden checks only that they exist.")
@click.option(
    "--submitted",
    metavar="TIME",
    callback=as_time,
    help="When it was handed in, for the late policy: 2026-07-31T23:59:00+09:00.",
)
@click.option(
    "--student",
    help="Whose it is: for the personal experiment, and for points that the teacher set.",
)
def check(
    assignment: str,
    path: Path,
    format_: str,
    lang: str,
    seed: int | None,
    isolation: Mode,
    output: Path | None,
    public: bool,
    submitted: datetime | None,
    student: str | None,
) -> None:
    """Check a submission against ASSIGNMENT and report points and mistakes.

    PATH is a .py or .ipynb file, or a folder or zip that holds one; without it, the current
    folder. ASSIGNMENT is a name such as assignment4, or the folder of an assignment.

    \b
    Examples:
      grader check assignment4 submission.py
      grader check assignment4 handed-in.zip --lang ja
      grader check assignment4 submission.py --seed 12345
      grader check assignment4 submission.py --format html -o report.html

    \b
    Exit code:
      0  every check passed, or is of a part that was not handed in
      1  some checks failed
      2  the call or the assignment is wrong
      3  it could not be checked; this says nothing about the submission
    """
    from grader import policy
    from grader.assignment import find_assignment
    from grader.runner import grade
    from grader.submission import read_submission

    found = find_assignment(assignment)
    submission = read_submission(path, found.functions)
    personal = assigned_variant(found, student)
    result = grade(found, submission, seed=seed, isolation=isolation, variant=personal)
    result = policy.apply(result, found, submitted=submitted, student=student)
    _write(result.public() if public else result, format_, lang, output)
    sys.exit(FAILED if result.failed else PASSED)


cli.add_command(batch)
cli.add_command(export)
cli.add_command(gradescope)


def _write(result: Result, format_: str, lang: str, output: Path | None) -> None:
    from grader.render import write

    if output is None:
        write(result, format_, resolve(lang), sys.stdout)
    else:
        with output.open("w", encoding="utf-8", newline="\n") as stream:
            write(result, format_, resolve(lang), stream)


cli.add_command(new)
cli.add_command(verify)
for command in SERVICE:
    cli.add_command(command)
cli.add_command(variant)
cli.add_command(prepare)
cli.add_command(explain)


def main() -> None:
    """Run the command; whatever goes wrong ends in a sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal of few characters gets "?"
            stream.reconfigure(errors="replace")
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_CALL)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(NOT_CHECKED)
    except GraderError as error:
        _complain(error.text)
        sys.exit(error.exit_code)
    except OSError as error:
        _complain(text("It could not be checked: {raised}.", raised=str(error)))
        sys.exit(NOT_CHECKED)
    except Exception as error:  # a mistake of ours: neither a traceback nor a zero for a student
        if os.environ.get("GRADER_DEBUG"):
            raise
        _complain(
            text(
                "It could not be checked because of an error in the grader: {raised}. "
                "Please report it.",
                raised=f"{type(error).__name__}: {error}",
            )
        )
        sys.exit(NOT_CHECKED)


def _complain(message: Text) -> None:
    asked = sys.argv[sys.argv.index("--lang") + 1] if "--lang" in sys.argv[:-1] else "auto"
    language = asked if asked in LANGUAGES else "auto"
    click.echo(f"grader: {message[resolve(language)]}", err=True)


if __name__ == "__main__":
    main()
