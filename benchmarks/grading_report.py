"""The figures of grading as tables, a sentence and a bar chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from benchmarks import machine
from benchmarks.tables import Table
from benchmarks.timing import ratio, summary

__all__ = ["BATCH_TARGET", "SINGLE_TARGET", "draw", "grading_tables", "section"]

#: Seconds for one submission, and submissions a second in a batch on two cores.
SINGLE_TARGET = 0.8
BATCH_TARGET = 8.0
FOOLED, SOUND = "#b0b0b0", "#2f6db5"
PICTURE = "![Seconds for the same exercise in every grader](../benchmarks/results/grading.png)"


def grading_tables(result: dict[str, Any]) -> list[Table]:
    """Of this grader's own speed, and of the exercise that all of them grade."""
    return [_own(result), _compared(result)]


def section(result: dict[str, Any]) -> str:
    """What the documentation shows."""
    made = grading_tables(result)
    shown = "\n".join(f"**{table.caption}**\n\n{table.markdown()}" for table in made)
    return f"{shown}\n{_described(result)}\n\n{PICTURE}\n"


def _own(result: dict[str, Any]) -> Table:
    targets, batch = result["targets"], result["batch"]
    times, rates = summary(result["one"]), summary(batch["rates"])
    rows = [
        (
            "`grader check assignment4`, correct, cold",
            f"{times.median:.2f} s ({times.low:.2f} to {times.high:.2f})",
            _judged(times.median <= targets["one"], f"≤ {targets['one']:g} s"),
        ),
        (
            f"assignment4 in a batch of {batch['submissions']}, {batch['processes']} judges",
            f"{rates.median:.1f} a second ({rates.low:.1f} to {rates.high:.1f})",
            _judged(rates.median >= targets["batch"], f"≥ {targets['batch']:g}"),
        ),
    ]
    return Table("Grading", ("", "median (least to greatest)", "target"), rows)


def _judged(good: bool, target: str) -> str:
    return f"{'✓' if good else '✗'} {target}"


def _compared(result: dict[str, Any]) -> Table:
    rows = []
    ours = result["relu"][0]["seconds"]
    for entry in result["relu"]:
        times = summary(entry["seconds"])
        rows.append(
            (
                f"{entry['package']} {entry['version']}",
                entry["how"],
                f"{times.median:.2f} s ({times.low:.2f} to {times.high:.2f})",
                f"{ratio(entry['seconds'], ours):.1f} ×",
                _points(entry["points"]["wrong"]),
                _points(entry["points"]["patched"])
                + (": full marks" if fooled(entry) else ": nothing gained"),
            )
        )
    headings = ("", "how", "correct `relu`", "", "wrong `relu`", "wrong `relu` with the patch")
    return Table("The same `relu` exercise in every grader", headings, rows)


def fooled(entry: dict[str, Any]) -> bool:
    """Whether the patch gained anything."""
    return bool(entry["points"]["patched"][0] > entry["points"]["wrong"][0])


def _points(points: list[float]) -> str:
    return f"{points[0]:g} of {points[1]:g}"


def _described(result: dict[str, Any]) -> str:
    about = result["machine"]
    missing = f" Not installed: {', '.join(result['missing'])}." if result["missing"] else ""
    load = about["load_at_start"]
    busy = (
        " **Other work kept the machine busy**: the seconds are far longer, and the batch far"
        " slower, than on a quiet one; the ratios hold better, since all took turns."
        if load is not None and load > machine.QUIET * about["processors"]
        else ""
    )
    batches = len(result["batch"]["rates"])
    return (
        f"Wall clock, medians of {result['repetitions']} turns; {batches}"
        f" {'batch' if batches == 1 else 'batches'}; × is the median of the ratios within the"
        f" turns. Measured on {about['processor']}, {about['processors']} processors,"
        f" {about['date'][:10]}; load average {load} at the start. Python"
        f" {about['python']}, NumPy {about['numpy']}.{missing}{busy}"
    )


def draw(result: dict[str, Any], path: Path) -> None:
    """Bars from the fastest to the slowest; who is fooled is grey, and is told in words."""
    entries = sorted(result["relu"], key=lambda entry: summary(entry["seconds"]).median)
    times = [summary(entry["seconds"]) for entry in entries]
    medians = [t.median for t in times]
    spread = [[t.median - t.low for t in times], [t.high - t.median for t in times]]
    figure = Figure(figsize=(8.0, 0.55 * len(entries) + 1.6), layout="constrained")
    ax = figure.subplots()
    names = [f"{entry['package']} {entry['version']}" for entry in entries]
    colours = [FOOLED if fooled(entry) else SOUND for entry in entries]
    ax.barh(names, medians, xerr=spread, color=colours, ecolor="#555555")
    for i, (entry, time) in enumerate(zip(entries, times, strict=True)):
        words = f"{time.median:.2f} s" + (", fooled by the patch" if fooled(entry) else "")
        ax.annotate(words, (time.high, i), (5, 0), va="center", textcoords="offset points")
    ax.invert_yaxis()
    ax.set_xlim(0, 1.5 * max(t.high for t in times))
    ax.set_xlabel("seconds for one correct submission: less is better; line: least to greatest")
    ax.set_title("The same relu exercise in every grader", fontsize=11)
    ax.legend(
        handles=[
            Patch(color=SOUND, label="a one-line patch gains nothing"),
            Patch(color=FOOLED, label="a one-line patch gets full marks"),
        ],
        loc="upper right",
        fontsize=9,
    )
    ax.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, metadata={"Software": None})
