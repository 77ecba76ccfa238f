"""A result as tables: of text, from which the terminal's and the documentation's are made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks import machine
from benchmarks.summaries import WorkloadSummary

__all__ = ["Table", "show", "tell", "training_tables", "warn_if_busy"]


@dataclass(frozen=True)
class Table:
    """A caption, the headings, and rows of as many cells."""

    caption: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def markdown(self) -> str:
        """Without the caption; the first column to the left, the others to the right."""
        rule = ("---", *("--:" for _ in self.headings[1:]))
        lines = [self.headings, rule, *self.rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def rich(self) -> RichTable:
        """For the terminal."""
        table = RichTable(title=self.caption, title_justify="left")
        for i, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if i else "left")
        for row in self.rows:
            table.add_row(*row)
        return table


def show(tables: Sequence[Table]) -> None:
    """Print tables, as wide as they need to be where the output is not a terminal."""
    console = Console() if sys.stdout.isatty() else Console(width=160)
    for table in tables:
        console.print(table.rich())


def tell(text: str) -> None:
    """A line about what is going on, on standard error."""
    click.echo(text, err=True)


def warn_if_busy(refuse: bool) -> None:
    """Say that the machine is busy, where it is; with ``refuse``, end."""
    if reason := machine.busy():
        if refuse:
            raise click.ClickException(f"{reason}; try again later, or leave --when-quiet out")
        tell(f"Warning: {reason}.")


def with_target(value: float | None, target: float | None, unit: str = "×") -> str:
    """A figure beside what it is to reach; ``–`` where there is none."""
    if value is None:
        return "–"
    text = f"{100 * value:.0f} %" if unit == "%" else f"{value:.1f} {unit}"
    if target is None:
        return text
    wanted = f"{100 * target:.0f} %" if unit == "%" else f"{target:g} {unit}"
    return f"{text} ({'✓' if value >= target else '✗'} {wanted})"


def _step_table(summaries: list[WorkloadSummary]) -> Table:
    names = list(dict.fromkeys(name for s in summaries for name in s.peers))
    rows = []
    for name in names:
        cells = [s.peers.get(name) for s in summaries]
        rows.append((name, *(_step_cell(cell) for cell in cells)))
    bounds = [f"{s.bound_microseconds:.0f}" if s.bound_microseconds else "–" for s in summaries]
    rows.append(("matrix products at the fma peak", *bounds))
    caption = "Microseconds per step: median (spread)"
    return Table(caption, ("", *(s.name for s in summaries)), rows)


def _step_cell(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return "failed"
    return f"{cell.median:.0f} (±{50 * cell.spread:.0f} %)"


def _ratio_table(summaries: list[WorkloadSummary]) -> Table:
    rows = []
    for s in summaries:
        targets = s.targets
        rows.append(
            (
                s.name,
                with_target(s.over_fastest, targets.get("fastest")),
                s.fastest or "–",
                with_target(s.over_keras, targets.get("keras")),
                with_target(s.dense_share, targets.get("share"), "%"),
                with_target(s.work_rate, None, "GFLOP/s"),
            )
        )
    headings = (
        "workload",
        "over the fastest peer",
        "which is",
        "over Keras",
        "dense product, share of the fma peak, one thread",
        "training, counted densely",
    )
    return Table("densefit against the others (target)", headings, rows)


def _limit_table(summaries: list[WorkloadSummary], result: dict[str, Any]) -> Table:
    threads = result["threads"]
    rows = []
    for s in summaries:
        rates = (s.peak_of_one, s.peak, *(s.sgemm.get(n) for n in ("NumPy", "PyTorch")))
        cells = (f"{rate / 1e9:.0f}" if rate else "–" for rate in rates)
        dense = " ".join(f"{rate / 1e9:.0f}" for rate in s.dense_rates)
        noisy = "{} of {}".format(*s.disturbed)
        rows.append((s.name, f"{s.operations / 1e6:.1f}", *cells, dense, noisy))
    headings = (
        "workload",
        "MFLOP per step",
        "fma peak, 1 thread",
        f"fma peak, {threads} threads",
        f"NumPy sgemm, {threads} threads",
        f"PyTorch sgemm, {threads} threads",
        "densefit dense, 1 thread, each layer",
        "runs below 90 % of the peak",
    )
    return Table("The machine's limits, GFLOP/s", headings, rows)


def training_tables(result: dict[str, Any]) -> list[Table]:
    """Times, ratios, limits."""
    summaries = [WorkloadSummary(workload) for workload in result["workloads"]]
    return [
        _step_table(summaries),
        _ratio_table(summaries),
        _limit_table(summaries, result),
    ]
