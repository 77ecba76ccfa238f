"""The bar chart and the roofline of a training benchmark, as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from benchmarks.peers.registry import FIRST, PEERS
from benchmarks.summaries import WorkloadSummary
from benchmarks.timing import Summary

__all__ = ["draw"]

_PLAIN = LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.5))

COLOURS = dict(
    zip(
        (peer.name for peer in PEERS),
        ("#c1272d", "#4d4d4d", "#e8871e", "#f2c14e", "#2f6db5", "#5aa9a2", "#8bc1a5", "#b7d8c5",
         "#8a6fb0"),
        strict=True,
    )
)  # fmt: skip


def draw(result: dict[str, Any], stem: Path) -> list[Path]:
    """Write ``<stem>.png`` and ``<stem>-roofline.png``."""
    summaries = [WorkloadSummary(workload) for workload in result["workloads"]]
    written = []
    for figure, path in (
        (_bars(summaries, result["threads"]), stem.with_name(f"{stem.name}.png")),
        (_roofline(summaries, result["threads"]), stem.with_name(f"{stem.name}-roofline.png")),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=100, metadata={"Software": None})
        written.append(path)
    return written


def _bars(summaries: list[WorkloadSummary], threads: int) -> Figure:
    columns = min(len(summaries), 4)
    rows = -(-len(summaries) // columns)
    figure = Figure(figsize=(4.0 * columns, 2.9 * rows + 0.5), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, workload in zip(axes, summaries, strict=False):
        _bars_of(ax, workload)
    for ax in axes[len(summaries) :]:
        ax.set_axis_off()
    word = "thread" if threads == 1 else "threads"
    figure.suptitle(
        f"Microseconds per training step, {threads} {word}: less is better\n"
        "line: least to greatest; dotted: the matrix products at the fma peak",
        fontsize=11,
    )
    return figure


def _bars_of(ax: Axes, workload: WorkloadSummary) -> None:
    peers = {name: s for name, s in workload.peers.items() if isinstance(s, Summary)}
    names = sorted(peers, key=lambda name: peers[name].median)
    medians = np.array([peers[name].median for name in names])
    spread = [
        medians - [peers[name].low for name in names],
        np.array([peers[name].high for name in names]) - medians,
    ]
    ax.barh(names, medians, xerr=spread, color=[COLOURS[n] for n in names], ecolor="#777777")
    for i, median in enumerate(medians):
        ax.annotate(f"{median:.0f}", (spread[1][i] + median, i), (4, 0), va="center",
                    textcoords="offset points", fontsize=8)  # fmt: skip
    if workload.bound_microseconds:
        ax.axvline(workload.bound_microseconds, color="black", linestyle=":", linewidth=1)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.18 * max([*(medians + spread[1]), 0.0]) or 1.0)
    ax.set_title(workload.name, fontsize=10)
    ax.tick_params(labelsize=8)
    ax.spines[["top", "right"]].set_visible(False)


def _roofline(summaries: list[WorkloadSummary], threads: int) -> Figure:
    figure = Figure(figsize=(8.6, 5.4), layout="constrained")
    ax = figure.subplots()
    low = 0.5 * min(s.intensity for s in summaries)
    high = 3 * max(s.intensity for s in summaries)
    peak = max((s.peak or 0.0 for s in summaries), default=0.0)
    bandwidth = max((s.bandwidth or 0.0 for s in summaries), default=0.0)
    if peak and bandwidth:
        x = np.geomspace(low, high, 200)
        ax.plot(x, np.minimum(peak, x * bandwidth) / 1e9, color="black", linewidth=1.5)
        ax.annotate(f"fma peak of {threads} threads: {peak / 1e9:.0f} GFLOP/s", (high, peak / 1e9),
                    (-4, 5), textcoords="offset points", ha="right", fontsize=8)  # fmt: skip
        ax.annotate(f"from memory: {bandwidth / 1e9:.0f} GB/s", (low, low * bandwidth / 1e9),
                    (10, -4), textcoords="offset points", fontsize=8)  # fmt: skip
    for i, workload in enumerate(summaries):
        _points(ax, workload, label=i == 0)
    ax.set(xscale="log", yscale="log", xlim=(low, high))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(_PLAIN)
        axis.set_minor_formatter(_PLAIN)
    ax.set_xlabel("operations of the matrix products per byte of parameters, state and batch")
    ax.set_ylabel("GFLOP/s while training, zeros counted as well")
    ax.set_title("Roofline; above the roof: products with zeros were skipped", fontsize=10)
    ax.legend(loc="lower right", fontsize=8)
    ax.grid(which="both", color="#eeeeee")
    return figure


def _points(ax: Axes, workload: WorkloadSummary, label: bool) -> None:
    """densefit, the fastest peer and Keras on one workload, joined by a line."""
    chosen = [
        (FIRST.name if FIRST.name in workload.times else None, "o", "#c1272d", "densefit"),
        (workload.fastest, "D", "#2f6db5", "the fastest peer"),
        (workload.keras, "x", "#5aa9a2", "Keras"),
    ]
    rates = []
    for name, marker, colour, text in chosen:
        if name:
            rates.append(workload.operations / workload.times[name] / 1e3)
            ax.plot(workload.intensity, rates[-1], marker, color=colour, linestyle="none",
                    label=text if label else None, zorder=3)  # fmt: skip
    if rates:
        ax.plot([workload.intensity] * 2, [min(rates), max(rates)], color="#cccccc", zorder=1)
        ax.annotate(workload.name, (workload.intensity, max(rates)), (5, 6), fontsize=7,
                    textcoords="offset points")  # fmt: skip
