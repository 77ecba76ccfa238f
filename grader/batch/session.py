"""One call of ``grader batch``: recognise, take in, grade, write the pages, sum up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from grader.assignment import Assignment, find_assignment
from grader.batch import roll
from grader.batch.archive import Archive, open_archive
from grader.batch.intake import Refused, Target, take_in
from grader.batch.pages import Pages
from grader.batch.rules import Rules, apply_anew, with_deadline
from grader.batch.run import Batch, Engine
from grader.batch.similarity import similar_pairs
from grader.batch.sources import Entry, Roster, recognise
from grader.batch.told import Told, apply_map, apply_worksheet
from grader.errors import SubmissionNotFound
from grader.experiment.secret import read_secret
from grader.i18n import resolve, text
from grader.pool import Graded
from grader.sanitise import clean
from grader.sheet import read_sheet
from grader.store import Queue, Store, open_store
from grader.store.models import FAILED, QUEUED, RUNNING
from grader.submission import SUFFIXES, decode

STARTERS = ("starter.py",)
SOLUTIONS = ("solution.py",)
SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    """What the call asks for."""

    assignment: str
    source: Path
    output: Path
    database: str | None
    course: str
    form: str | None
    map: Path | None
    known: tuple[Path, ...]
    language: str
    worksheet: Path | None = None
    due: datetime | None = None
    submitted: datetime | None = None
    seed: int | None = None
    secret_file: Path | None = None


class Session:
    """The steps of a batch, and what it tells on the way."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.language = resolve(wanted.language)
        self.console = Console(file=sys.stderr, highlight=False)
        self.out = Console(highlight=False)

    @cached_property
    def assignment(self) -> Assignment:
        """The assignment with the deadline of the call; an error names its file and line."""
        return with_deadline(find_assignment(self.wanted.assignment), self.wanted.due)

    @cached_property
    def rules(self) -> Rules:
        """What is applied to everybody."""
        secret = read_secret(self.wanted.secret_file)
        return Rules(self.assignment, secret, self.wanted.seed, self.wanted.submitted)

    @cached_property
    def archive(self) -> Archive:
        """The files of the source."""
        return open_archive(self.wanted.source)

    @cached_property
    def roster(self) -> Roster:
        """Who handed in what."""
        scope = f"{self.wanted.course}/{self.assignment.slug}"
        late = self.assignment.late
        zone = late.deadline.tzinfo if late else None
        told = Told(recognise(self.archive, scope, self.wanted.form, zone))
        for path, apply in ((self.wanted.worksheet, apply_worksheet), (self.wanted.map, apply_map)):
            if path is not None:
                table = read_sheet(_bytes(path), path.name)
                told = apply(told.roster, table, path.name, zone)
                self._unused(told, path.name)
        if not told.roster.entries:
            raise SubmissionNotFound(
                text("There is nothing to grade in {path}.", path=clean(str(self.wanted.source)))
            )
        return told.roster

    def _unused(self, told: Told, file: str) -> None:
        """A typing error in a map would otherwise go unnoticed."""
        if told.unused:
            shown = ", ".join(clean(name, 60) for name in told.unused[:SHOWN])
            names = shown + (", …" if len(told.unused) > SHOWN else "")
            said = self.say(
                "{file} and the download do not agree about: {names}", file=file, names=names
            )
            self.console.print(f"! {said}", markup=False)

    def say(self, template: str, **values: object) -> str:
        """A sentence in the language of the call."""
        return text(template, **values)[self.language]

    def preview(self) -> None:
        """Print who handed in what."""
        roster = self.roster
        self.out.print(self._recognised(roster), markup=False)
        columns = (
            *(self.say("Student"), self.say("Number"), self.say("Handed in")),
            *(self.say("Files"), ""),
        )
        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for entry in roster.entries:
            names = sorted(entry.members)
            shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
            remarks = self._remarks(entry)
            if not any(name.lower().endswith((*SUFFIXES, ".zip")) for name in names):
                remarks.append("! " + self.say("no .py or .ipynb file"))
            number = entry.person.student_number or entry.person.subject
            cells = (entry.person.name, number, _time(entry), shown, " · ".join(remarks))
            table.add_row(*(_plain(clean(cell, 120)) for cell in cells))
        self.out.print(table)
        self._warn_of_numbers()

    def _remarks(self, entry: Entry) -> list[str]:
        when, late = entry.submitted or self.wanted.submitted, self.assignment.late
        days = late.days(when) if late and when else 0
        if days:
            return [self.say("{days} days late", days=days)]
        return [self.say("late")] if entry.late else []

    def _warn_of_numbers(self) -> None:
        """Personal experiments follow from student numbers, which some downloads do not have."""
        without = [e for e in self.roster.entries if e.person.student_number is None]
        if self.rules.family is not None and without:
            said = self.say(
                "{count} students have no student number here, so their personal experiment is not "
                "known: give --worksheet or --map.",
                count=len(without),
            )
            self.console.print(f"! {said}", markup=False)

    def _recognised(self, roster: Roster) -> str:
        kinds = {
            "moodle": self.say("a Moodle download"),
            "canvas": self.say("a Canvas download"),
            "gradescope": self.say("a Gradescope export"),
            "webclass": self.say("a WebClass download"),
            "folder": self.say("a folder with a file or folder for each student"),
        }
        return self.say(
            "{source} is {kind}: {count} students.",
            source=clean(str(self.wanted.source)),
            kind=kinds[roster.kind],
            count=len(roster.entries),
        )

    def grade(self, engine: Engine) -> bool:
        """Take in, grade what is not graded yet, write the pages; whether all were graded."""
        self.console.print(self._recognised(self.roster), markup=False)
        self._warn_of_numbers()
        store = self._open()
        try:
            queue = Queue(store)
            target = Target(self.wanted.course, self.assignment.slug)
            jobs, refused = take_in(store, queue, self.archive, self.roster, target)
            self._grade(store, queue, jobs, engine)
            apply_anew(store, self.rules, queue.submissions(jobs))
            lines = roll.call(
                store, self.wanted.course, self.assignment.slug, self.assignment.attempts
            )
            index = self._pages(store, lines)
        finally:
            store.close()
        return self._sum_up(lines, refused, index)

    def _open(self) -> Store:
        files = self.wanted.output / "files"
        return open_store(self.wanted.database or self.wanted.output / "grades.db", files)

    def _grade(self, store: Store, queue: Queue, jobs: list[int], engine: Engine) -> None:
        with self._progress(len(jobs)) as advance:
            batch = Batch(store, queue, jobs, self.rules, lambda graded: advance(graded, 1))
            batch.recover()
            queue.try_again(jobs)
            counts = queue.counts(batch.among)
            advance(None, len(jobs) - counts[QUEUED] - counts[RUNNING])
            batch.run(engine)

    @contextmanager
    def _progress(self, total: int) -> Iterator[_Advance]:
        bar = Progress(
            BarColumn(None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn(self.say("left:")),
            TimeRemainingColumn(),
            console=self.console,
        )
        with bar:
            yield _Advance(bar, total)

    def _pages(self, store: Store, lines: list[roll.Line]) -> Path:
        functions = self.assignment.functions
        sources = {
            _unique(line): roll.source_of(store, line.grade.submission.digest, functions)
            for line in lines
        }
        folder = self.assignment.folder
        given = [_text(folder / name) for name in STARTERS if (folder / name).is_file()]
        paths = [folder / name for name in SOLUTIONS if (folder / name).is_file()]
        known = {path.name: _text(path) for path in (*paths, *self.wanted.known)}
        pairs = similar_pairs(sources, given=given, known=known)
        pages = Pages(self.wanted.output, self.language, self.assignment.title)
        return pages.write(lines, pairs, sources | known)

    def _sum_up(self, lines: list[roll.Line], refused: list[Refused], index: Path) -> bool:
        graded = [line for line in lines if line.document is not None]
        self.out.print(
            self.say("{graded} of {all} graded.", graded=len(graded), all=len(lines)), markup=False
        )
        reasons = [(r.entry.label, r.reason) for r in refused]
        reasons += [(_unique(x), x.error) for x in lines if x.state == FAILED and x.error]
        for label, reason in reasons[:SHOWN]:
            self.out.print(f"! {clean(label, 100)}: {reason[self.language]}", markup=False)
        if len(reasons) > SHOWN:
            self.out.print(self.say("… and {count} more.", count=len(reasons) - SHOWN))
        self.out.print(self.say("Open {path}", path=str(index)), markup=False)
        return len(graded) == len(lines) and not refused


class _Advance:
    """Moves the bar; the rate counts what was graded in this run only."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=total, rate="")
        self._graded = 0

    def __call__(self, graded: Graded | None, by: int) -> None:
        task = self._bar.tasks[0]
        self._graded += by if graded is not None else 0
        rate = self._graded / max(task.elapsed or 0.0, 1e-3)
        self._bar.update(self._task, advance=by, rate=f"{rate:.1f}/s")


def _unique(line: roll.Line) -> str:
    return f"{line.name} ({line.key})" if line.key and line.key != line.name else line.name


def _time(entry: Entry) -> str:
    return entry.submitted.strftime("%Y-%m-%d %H:%M") if entry.submitted else ""


def _plain(words: str) -> str:
    return words.replace("[", "\\[")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SubmissionNotFound(
            text("There is no file or folder {path}.", path=clean(str(path)))
        ) from error


def _text(path: Path) -> str:
    return decode(path.name, _bytes(path))
