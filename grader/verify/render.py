"""The report of a verification for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from grader.i18n import Text, text
from grader.verify.progress import titles
from grader.verify.result import LEAST_CAUGHT, Judged, Verification

WIDTH = 88
SHOWN = 20  # of a list of findings; JSON has all of them


def render(found: Verification, language: str, stream: TextIO) -> None:
    """Write the report: a line for each part, then what is not as it should be."""
    console = Console(
        file=stream, width=None if stream.isatty() else WIDTH, highlight=False, soft_wrap=False
    )
    console.print(Styled(text("Verification of {name}", name=found.assignment)[language], "bold"))
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for part, good, words in _parts(found):
        state = text("proved") if good else text("NOT proved")
        table.add_row(
            Styled(titles()[part][language], "bold"),
            Styled(("✓ " if good else "✗ ") + state[language], "green" if good else "bold red"),
            words[language],
            f"{found.seconds[part]:.0f} s",
        )
    console.print(table)
    for heading, lines in _findings(found):
        if lines:
            _list(console, heading[language], [line[language] for line in lines], language)


def _parts(found: Verification) -> Iterator[tuple[str, bool, Text]]:
    """Each part that was done: whether it holds, and its figures."""
    if found.correct is not None:
        yield (
            "correct",
            found.false_alarms == 0,
            text(
                "{count} submissions, {gradings} gradings with fresh seeds, {alarms} false alarms",
                count=len(found.correct),
                gradings=found.gradings,
                alarms=found.false_alarms,
            ),
        )
    if found.misconceptions is not None:
        words = text(
            "{count} tried, {lost} caught, {named} named",
            count=len(found.misconceptions),
            lost=sum(naming.lost for naming in found.misconceptions),
            named=sum(naming.named == naming.id for naming in found.misconceptions),
        )
        yield "misconceptions", not found.unnamed, words
    if found.pairs is not None:
        words = text(
            "{count} tried, {named} named, {wrong} wrong names",
            count=len(found.pairs),
            named=sum(naming.named is not None and naming.true for naming in found.pairs),
            wrong=len(found.misnamed_pairs),
        )
        yield "pairs", not found.misnamed_pairs, words
    if found.mutants is not None:
        good = found.mutation_score >= LEAST_CAUGHT and not (found.stale or found.wrongly_excused)
        yield "mutants", good, _score(found)


def _score(found: Verification) -> Text:
    made = len(found.mutants or ())
    return text(
        "{made} made, {equivalent} equivalent, {caught} of {mistakes} mistakes caught: {score:.2%}",
        made=made,
        equivalent=made - len(found.mistakes),
        caught=len(found.mistakes) - len(found.survivors),
        mistakes=len(found.mistakes),
        score=found.mutation_score,
    )


def _findings(found: Verification) -> Iterator[tuple[Text, list[Text]]]:
    """What a teacher must look at, by kind."""
    yield (
        text("Correct submissions that lost marks"),
        [
            text(
                "{name}: {function}/{check}, seed {seed}: {message}",
                name=each.name,
                function=loss.function,
                check=loss.check,
                seed=loss.seed,
                message=loss.message,
            )
            for each in found.correct or ()
            for loss in each.lost
        ],
    )
    yield (
        text("Misconceptions that are not caught or not named"),
        [
            text(
                "{id} ({function}): named {named}",
                id=naming.id,
                function=naming.function,
                named=naming.named or "-",
            )
            for naming in (*found.unnamed, *found.misnamed_pairs)
        ],
    )
    yield (
        text("Mutants that no check catches: a check is too weak, or verify.toml lacks a reason"),
        [_mutant(judged) for judged in found.survivors],
    )
    yield (
        text("Mutants that verify.toml calls equivalent, and that a check catches"),
        [_mutant(judged) for judged in found.wrongly_excused],
    )
    yield (
        text("Entries of verify.toml that name no mutant of the solution"),
        [
            text(
                "{function}: {before}  →  {after}",
                function=entry.function,
                before=entry.before,
                after=entry.after,
            )
            for entry in found.stale
        ],
    )


def _mutant(judged: Judged) -> Text:
    mutant = judged.mutant
    return text(
        "line {line}, {function}: {before}  →  {after}",
        line=mutant.line,
        function=mutant.function,
        before=mutant.before,
        after=mutant.after,
    )


def _list(console: Console, heading: str, lines: list[str], language: str) -> None:
    console.print()
    console.print(Styled(heading + ":", "bold"))
    for line in lines[:SHOWN]:
        console.print(Padding(Styled(line), (0, 0, 0, 2)))
    if len(lines) > SHOWN:
        more = text("… and {count} more.", count=len(lines) - SHOWN)
        console.print(Padding(Styled(more[language]), (0, 0, 0, 2)))
