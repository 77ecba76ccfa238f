"""The report for a terminal: readable at 80 columns, and without colour."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as Styled

from grader.i18n import Text, text
from grader.render import words
from grader.result import CheckResult, Result
from grader.sandbox.isolation import title

WIDTH = 80
STYLES = {"passed": "green", "failed": "red", "error": "red", "skipped": "dim"}
MARKS = {"passed": "✓", "failed": "✗", "error": "✗", "skipped": "–"}
PLAIN_MARKS = {"passed": "o", "failed": "x", "error": "x", "skipped": "-"}
OUTPUT_LINES = 6
REASONS = 2

Say = Callable[..., str]


def render(result: Result, language: str, stream: TextIO) -> None:
    """Write the report of ``result`` to ``stream``."""
    console = Console(file=stream, width=_width(stream), highlight=False, soft_wrap=False)
    report = _Report(result, language, console)
    report.head()
    report.table()
    for check in result.checks:
        if check.status in ("failed", "error"):
            report.failure(check)
    report.not_handed_in()
    report.foot()


def _width(stream: TextIO) -> int | None:
    """The terminal's width up to 100 columns; :data:`WIDTH` for a file or a pipe."""
    if not stream.isatty():
        return WIDTH
    return max(40, min(100, Console().width))


class _Report:
    """One report being written."""

    def __init__(self, result: Result, language: str, console: Console) -> None:
        self.result = result
        self.language = language
        self.console = console
        try:
            "✓✗–─×".encode(console.encoding)
            self.marks = MARKS
        except (UnicodeEncodeError, LookupError):
            self.marks = PLAIN_MARKS

    def say(self, template: str, **values: object) -> str:
        """A sentence in the report's language."""
        return self.of(text(template, **values))

    def of(self, message: Text) -> str:
        """A text in the report's language."""
        return message[self.language]

    def head(self) -> None:
        """Assignment, submission, and notes on how it was read."""
        head = Styled(f"{self.result.assignment}  ", style="bold")
        head.append(self.of(self.result.title), style="not bold")
        self.console.print(head)
        self.console.print(Styled(self.result.submission, style="dim"))
        for note in self.result.notes:
            self.console.print(Styled("! " + self.of(note), style="yellow"))
        self.console.print()

    def table(self) -> None:
        """Points for each function, its checks below each other, then the total."""
        table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True)
        last = None
        for (function, _), checks in groupby(self.result.checks, key=words.row):
            self._add_row(table, function if function != last else "", list(checks))
            last = function
        table.add_row()
        total = words.points(self.result.score, self.result.max_score)
        verdict = Styled(self.of(words.verdict(self.result)))
        table.add_row(Styled(self.say("Score"), "bold"), verdict, Styled(total, "bold"), "")
        self.console.print(table)
        for remark in words.remarks(self.result):
            self.console.print(Styled(self.of(remark)))

    def _add_row(self, table: Table, function: str, checks: list[CheckResult]) -> None:
        """One row for a check, or for the parts of one curve."""
        worst = words.worst(checks)
        title = self.of(words.row_title(checks))
        got = sum(check.points for check in checks)
        most = sum(check.max_points for check in checks)
        table.add_row(
            Styled(function, "bold"),
            Styled(title),
            Styled(words.points(got, most)),
            Styled(self._status(worst), STYLES[worst.status]),
        )

    def _status(self, check: CheckResult) -> str:
        return f"{self.marks[check.status]} {self.of(words.status(check))}"

    def failure(self, check: CheckResult) -> None:
        """What is wrong, why, a call that shows it, and where to look."""
        self.console.print()
        heading = Styled(f"{self.marks[check.status]} {check.function}", style="bold red")
        heading.append(f" · {self.of(check.title)}", style="not bold")
        rule = "─" if self.marks is MARKS else "-"
        self.console.print(Rule(heading, align="left", characters=rule, style="dim"))
        if check.misconception is not None:
            self._indented(Styled(self.of(check.misconception.title), style="bold"))
            self._indented(Styled(self.of(check.misconception.explanation)))
            hint = Styled(self.say("Hint") + ": ", style="bold")
            self._indented(hint.append(self.of(check.misconception.hint), style="not bold"))
        elif check.message is not None:
            self._indented(Styled(self.of(check.message)))
        self._trace(check)
        self._counterexample(check)

    def not_handed_in(self) -> None:
        """Why parts have no points, each reason once."""
        reasons = {
            self.of(check.message): None
            for check in self.result.checks
            if check.status == "skipped" and check.function == words.DIAGNOSIS and check.message
        }
        if reasons:
            self.console.print()
        for reason in list(reasons)[:REASONS]:
            self.console.print(Styled(f"{self.marks['skipped']} {reason}"))
        if len(reasons) > REASONS:
            self.console.print(self.say("… and {count} more.", count=len(reasons) - REASONS))

    def _trace(self, check: CheckResult) -> None:
        for step in check.trace[-3:]:
            self._indented(Styled(f"{step['file']}:{step['line']}  {step['text']}", "dim"), 4)

    def _counterexample(self, check: CheckResult) -> None:
        example = check.counterexample
        if example is None:
            return
        if check.misconception is not None and check.message is not None:
            self._indented(Styled(self.of(check.message), style="dim"))
        label = self.say("This call shows it:")
        self._indented(Styled(label, style="dim"))
        for line in example.code:
            self._indented(Styled(line, style="cyan"), 4)
        if example.got is None:
            return
        where = words.element(example)
        line = self.say("{where} is {got}", where=where, got=example.got)
        if example.expected is not None:
            line = self.say(
                "{where} is {got}, expected {expected}",
                where=where,
                got=example.got,
                expected=example.expected,
            )
        self._indented(Styled(line, style="bold"))

    def foot(self) -> None:
        """What the submission printed, and how to see the same again."""
        self.console.print()
        if self.result.output.strip() and not self.result.passed:
            self.console.print(Styled(self.say("What your code printed (start):"), style="dim"))
            for line in self.result.output.strip().splitlines()[:OUTPUT_LINES]:
                self._indented(Styled(line, style="dim", no_wrap=True, overflow="ellipsis"))
            self.console.print()
        layers = ", ".join(self.of(title(layer)) for layer in self.result.isolation["layers"])
        self.console.print(
            Styled(
                self.say(
                    "Seed {seed} · {seconds:.1f} s · isolation: {layers}",
                    seed=self.result.seed,
                    seconds=self.result.seconds,
                    layers=layers,
                ),
                style="dim",
            )
        )
        missing = ", ".join(self.of(title(layer)) for layer in self.result.isolation["missing"])
        if missing and self.result.isolation["mode"] != "none":
            line = self.say("Not available on this machine: {missing}", missing=missing)
            self.console.print(Styled(line, style="yellow"))

    def _indented(self, content: Styled, by: int = 2) -> None:
        self.console.print(Padding(content, (0, 0, 0, by)))
