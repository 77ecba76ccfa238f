"""The command ``densefit``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from densefit.learning_curves import HistoryError, diagnose, read_log

if TYPE_CHECKING:
    from densefit._fonts import Language
    from densefit.learning_curves import Diagnosis

WRONG_CALL = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88})
@click.version_option(package_name="densefit", prog_name="densefit")
def cli() -> None:
    """Multilayer perceptrons for teaching.

    \b
    Example:
      densefit curves history.json     is it underfitting, fitting well or overfitting?
    """


@cli.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option(
    "--baseline",
    help="Least validation loss of a simple network on the same data, or the file of its history.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The picture (.png, .svg or .pdf); FILE with the ending .png if not given.",
)
@click.option("--no-picture", is_flag=True, help="Do not draw.")
@click.option("--json", "as_json", is_flag=True, help="Print the diagnosis as JSON.")
@click.option(
    "--lang",
    type=click.Choice(["en", "ja", "auto"]),
    default="auto",
    show_default=True,
    help="Language of the words and the picture; auto follows LANG.",
)
def curves(
    file: Path,
    baseline: str | None,
    output: Path | None,
    no_picture: bool,
    as_json: bool,
    lang: str,
) -> None:
    """Read the learning curves in FILE: verdict, best epoch, reasons, and a picture.

    FILE is a history as JSON (json.dump(history.history, file)) or a CSV log (CSVLogger), with
    val_loss, or val_accuracy if there are no losses.

    \b
    Examples:
      densefit curves history.json
      densefit curves log.csv --baseline 0.71 -o curves.svg
      densefit curves history.json --baseline softmax.json --lang ja
      densefit curves history.json --json --no-picture
    """
    language: Language = _language(lang)
    try:
        history = read_log(file)
        diagnosis = diagnose(history, baseline=_baseline(baseline))
    except HistoryError as error:
        click.echo(f"densefit: {error.texts[language]}", err=True)
        sys.exit(WRONG_CALL)
    if as_json:
        click.echo(json.dumps(diagnosis.as_dict(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        click.echo(diagnosis.explain(language))
    if not no_picture:
        _draw(history, diagnosis, output or file.with_suffix(".png"), language, quiet=as_json)


def _language(lang: str) -> Language:
    if lang == "auto":
        asked = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        lang = next(filter(None, asked), "en")
    return "ja" if lang.lower().startswith("ja") else "en"


def _baseline(given: str | None) -> Any:
    """A number, or the history in a file."""
    if given is None:
        return None
    try:
        return float(given)
    except ValueError:
        pass
    if not Path(given).is_file():
        raise HistoryError(
            f"--baseline must be a number or the file of a history; {given!r} is neither",
            f"--baseline には数か履歴ファイルを指定してください (現在は {given!r})。",
        )
    return read_log(given)


def _draw(
    history: dict[str, list[Any]], diagnosis: Diagnosis, path: Path, lang: Language, quiet: bool
) -> None:
    from matplotlib.figure import Figure

    from densefit import plots

    keys = ("loss", "accuracy", "acc", "val_loss", "val_accuracy", "val_acc")
    drawn = {key: history[key] for key in keys if key in history} or history
    panels = len({key.removeprefix("val_").replace("accuracy", "acc") for key in drawn})
    figure = Figure(figsize=(5.2 * panels, 3.9), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    plots.learning_curves(drawn, axes, diagnosis=diagnosis, lang=lang)
    try:
        figure.savefig(path, dpi=100)
    except ValueError as error:
        raise click.BadParameter(f"{path}: {error}", param_hint="--output") from None
    if not quiet:
        click.echo(f"→ {path}")


def main() -> None:
    """Run the command; whatever goes wrong ends in a sentence and an exit code."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_CALL)
    except click.Abort:
        sys.exit(3)
    except OSError as error:
        click.echo(f"densefit: {error}", err=True)
        sys.exit(WRONG_CALL)


if __name__ == "__main__":
    main()
