"""``grader new``: an assignment that works from the first minute, to be rewritten step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from grader import options
from grader.errors import AssignmentError
from grader.i18n import resolve, text
from grader.sanitise import clean

SCAFFOLD = Path(__file__).with_name("scaffold")
SUFFIX = ".tmpl"
SLUG = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)


@click.command()
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    help="Where to make the folder NAME.",
)
@click.option("--title-en", help="Title in English.  [default: NAME]")
@click.option("--title-ja", help="Title in Japanese.  [default: the English one]")
@options.lang("what this command says")
def new(name: str, folder: Path, title_en: str | None, title_ja: str | None, lang: str) -> None:
    """Make a new assignment: a folder NAME with all that one needs.

    It is complete and works: the sigmoid function and its gradient, with a solution, two correct
    submissions and the mistakes students make. Rewrite it piece by piece; docs/authoring.md tells
    how.

    \b
    Examples:
      grader new convolution
      grader new convolution --title-en "Convolution" --title-ja "畳み込み"
    """
    title = title_en or name
    made = make(name, folder, title, title_ja or title)
    language = resolve(lang)
    click.echo(text("Made {folder}. Try it:", folder=str(made))[language])
    for command in ("check", "verify"):
        path = f" {made / 'solution.py'}" if command == "check" else ""
        click.echo(f"  grader {command} {made}{path}")


def make(name: str, folder: Path, title_en: str, title_ja: str) -> Path:
    """Write the files of a new assignment; nothing that is there is ever overwritten."""
    if not SLUG.fullmatch(name):
        raise AssignmentError(
            text(
                "{name} cannot name an assignment: use letters, digits, - and _, the first one a "
                "letter or digit.",
                name=name,
            )
        )
    target = folder / name
    if target.exists():
        raise AssignmentError(
            text("{folder} is there already. Choose another name.", folder=str(target))
        )
    titles = {"@TITLE_EN@": title_en, "@TITLE_JA@": title_ja}
    values = {"@SLUG@": name} | {key: one_line(title) for key, title in titles.items()}
    for path, words in files():
        for key, value in values.items():
            words = words.replace(key, _quoted(value) if path.suffix == ".toml" else value)
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(words, "utf-8")
    return target


def files() -> Iterator[tuple[Path, str]]:
    """The files of the scaffold by name, with ``@NAMES@`` where the new one's own words go."""
    for path in sorted(SCAFFOLD.rglob(f"*{SUFFIX}")):
        yield path.relative_to(SCAFFOLD).with_suffix(""), path.read_text("utf-8")


def one_line(words: str) -> str:
    """Words without line breaks and control characters."""
    return " ".join(clean(" ".join(words.split())).split())


def _quoted(words: str) -> str:
    """Words as they stand inside the quotes of TOML."""
    return words.replace("\\", "\\\\").replace('"', '\\"')
