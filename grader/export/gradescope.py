"""The autograder zip for Gradescope: ``grader gradescope``."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import click

import densefit
from grader import options
from grader.errors import GraderError
from grader.i18n import text
from grader.sandbox.isolation import Mode

EPOCH = (1980, 1, 1, 0, 0, 0)
OWN = "assignment"  # the folder of an assignment that does not come with the grader

SETUP = """\
#!/usr/bin/env bash
# Installs the grader; Gradescope runs this once, when the autograder is built.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
if [ "$(id -u)" = 0 ] && [ "$root" = /autograder ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends python3-venv bubblewrap
fi
${PYTHON:-python3} -m venv "$root/venv"
"$root/venv/bin/pip" install REQUIREMENT
"""
RUN = """\
#!/usr/bin/env bash
# Grades one submission.
root=${AUTOGRADER_ROOT:-/autograder}
exec "$root/venv/bin/python" -m grader.export.autograder ASSIGNMENT "$root"
"""


@click.command()
@click.argument("assignment")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The zip to write.  [default: ASSIGNMENT-autograder.zip]",
)
@click.option(
    "--wheel",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Install densefit from this wheel instead of from the package index.",
)
@options.isolation(
    words="Gradescope's containers may not offer every layer; auto takes what there is."
)
@options.lang("the feedback")
def gradescope(
    assignment: str, output: Path | None, wheel: Path | None, isolation: Mode, lang: str
) -> None:
    """Write the autograder for Gradescope: a zip to upload as it is.

    Upload it in Gradescope under Configure Autograder, Zip file upload. Hidden checks show when
    grades are published.

    \b
    Examples:
      grader gradescope assignment4
      grader gradescope assignment4 --wheel densefit-0.1.0-cp311-cp311-linux_x86_64.whl
      grader gradescope my-assignment --lang ja
    """
    from grader.assignment import find_assignment, known_assignments
    from grader.i18n import resolve

    found = find_assignment(assignment)
    own = found.slug not in known_assignments()
    settings = {"language": resolve(lang), "isolation": isolation}
    path = output or Path(f"{found.slug}-autograder.zip")
    write(path, found.slug, settings, wheel=wheel, folder=found.folder if own else None)
    click.echo(text("Upload {path} to Gradescope.", path=str(path))[resolve(lang)])


def write(
    path: Path, slug: str, settings: dict[str, str], *, wheel: Path | None, folder: Path | None
) -> None:
    """The zip; with ``folder`` it holds an assignment of the teacher's own."""
    requirement, name = f"'densefit=={densefit.__version__}'", slug
    if wheel is not None:
        if wheel.suffix != ".whl" or not wheel.is_file():
            raise GraderError(text("{path} is not a wheel (.whl).", path=str(wheel)))
        requirement = f'"$root/source/{wheel.name}"'
    if folder is not None:
        name = f'"$root/source/{OWN}"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        _add(made, "setup.sh", SETUP.replace("REQUIREMENT", requirement).encode(), 0o755)
        _add(made, "run_autograder", RUN.replace("ASSIGNMENT", name).encode(), 0o755)
        _add(made, "settings.json", json.dumps(settings, indent=2).encode())
        if wheel is not None:
            _add(made, wheel.name, wheel.read_bytes())
        for file in _files(folder):
            _add(made, f"{OWN}/{file.relative_to(folder).as_posix()}", file.read_bytes())  # type: ignore[arg-type]


def _files(folder: Path | None) -> list[Path]:
    """An assignment's files, without its answers and what Python left."""
    if folder is None:
        return []
    kept = (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return sorted(p for p in kept if not p.name.startswith((".", "solution")))


def _add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int = 0o644) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = (0o100000 | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)
