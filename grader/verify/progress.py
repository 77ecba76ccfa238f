"""Progress of a verification on a terminal; silent elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader.i18n import Text, text
from grader.verify.run import Progress as Report


def titles() -> dict[str, Text]:
    """What each part is called."""
    return {
        "correct": text("Correct submissions"),
        "misconceptions": text("Misconceptions"),
        "pairs": text("Pairs of misconceptions"),
        "mutants": text("Mutants"),
    }


@contextmanager
def progress_bars(language: str) -> Iterator[Report]:
    """One bar for each part, on stderr, if that is a terminal."""
    console = Console(file=sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {
            part: bars.add_task(title[language], total=None, visible=False)
            for part, title in titles().items()
        }

        def report(part: str, done: int, every: int) -> None:
            bars.update(tasks[part], completed=done, total=every, visible=True)

        yield report
