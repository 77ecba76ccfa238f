"""The result of ``benchmarks.scaling`` as tables, in English and Japanese, and as a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from matplotlib.figure import Figure

from benchmarks import evening
from benchmarks.queueing import queue_lengths
from benchmarks.tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "LANGUAGES",
    "SECTIONS",
    "cost_table",
    "draw",
    "enough",
    "evening_table",
    "machine_line",
    "scaling_tables",
    "sentence",
    "throughput_table",
]

Language = Literal["en", "ja"]
Result = Mapping[str, Any]
#: Colour and marker or line of each law, told apart in grey as well.
STYLES = {"rising": ("#0072B2", "o", "-"), "rush": ("#D55E00", "s", "--")}
#: Numbers of workers that the tables have rows for, beside the fewest that are enough.
SHOWN = frozenset({1, 2, 3, 4, 6, 8, 12, 16})
LINES = (("#D55E00", "-"), ("#0072B2", "--"), ("#009E73", ":"))
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "cost": "One submission, one judge: means, in seconds",
        "kind": "submission",
        "wall": "wall clock",
        "range": "least to most",
        "judge": "CPU, judge",
        "worker": "CPU, worker",
        "throughput": "Gradings a second, the line never empty",
        "workers": "workers",
        "measured": "measured",
        "simulated": "simulated",
        "rising": "Rising: half in the last hour, more and more",
        "rush": "Rush: half of the last hour's in its last 3.4 minutes",
        "mean": "mean wait",
        "p95": "95 % wait at most",
        "longest": "longest wait",
        "queue": "longest line",
        "held": "core-hours held",
        "busy": "core-hours busy",
        "complete": "complete",
        "complete, with loops": "complete, with loops",
        "one mistake": "one mistake",
        "untouched starter": "untouched starter",
        "endless loop": "endless loop",
    },
    "ja": {
        "cost": "提出物 1 件、採点プロセス 1 個：平均（秒）",
        "kind": "提出物",
        "wall": "経過時間",
        "range": "最小～最大",
        "judge": "CPU（判定側）",
        "worker": "CPU（ワーカー）",
        "throughput": "待ち行列が空にならないときの 1 秒あたりの採点数",
        "workers": "ワーカー数",
        "measured": "実測",
        "simulated": "シミュレーション",
        "rising": "漸増：最後の 1 時間に半数が、次第に増えながら提出",
        "rush": "駆け込み：最後の 1 時間の提出の半数が、その最後の 3.4 分に集中",
        "mean": "平均待ち時間",
        "p95": "95 % の待ち時間の上限",
        "longest": "最長待ち時間",
        "queue": "最長の行列",
        "held": "確保したコア時間",
        "busy": "採点中のコア時間",
        "complete": "完成",
        "complete, with loops": "完成（ループ使用）",
        "one mistake": "間違い 1 か所",
        "untouched starter": "未記入の雛形",
        "endless loop": "無限ループ",
    },
}


def cost_table(result: Result, lang: Language) -> Table:
    """Wall clock and processor time of every kind of submission."""
    words = WORDS[lang]
    rows = [
        (
            words[name],
            f"{fmean(kind['seconds']):.2f}",
            f"{min(kind['seconds']):.2f}–{max(kind['seconds']):.2f}",
            f"{fmean(kind['judge']):.2f}",
            f"{fmean(kind['worker']):.2f}",
        )
        for name, kind in result["kinds"].items()
    ]
    headings = tuple(words[key] for key in ("kind", "wall", "range", "judge", "worker"))
    return Table(words["cost"], headings, rows)


def throughput_table(result: Result, lang: Language) -> Table:
    """Measured as far as there were processors, and simulated."""
    words = WORDS[lang]
    measured = {each["processes"]: each for each in result["throughput"]}
    rows = []
    for count, rate in result["rates"].items():
        if int(count) not in SHOWN:
            continue
        each = measured.get(int(count))
        shown = f"{each['submissions'] / each['seconds']:.1f}" if each else "–"
        rows.append((count, shown, f"{rate:.1f}"))
    headings = (words["workers"], words["measured"], words["simulated"])
    return Table(words["throughput"], headings, rows)


def duration(seconds: float, lang: Language) -> str:
    """In seconds below two minutes, else in minutes."""
    if seconds < 120:
        return f"{seconds:.1f} {'s' if lang == 'en' else '秒'}"
    return f"{seconds / 60:.1f} {'min' if lang == 'en' else '分'}"


def evening_table(result: Result, law: str, lang: Language) -> Table:
    """Waits, line and core-hours for each number of workers; ✓ where 95 % wait under a minute."""
    words = WORDS[lang]
    shown = SHOWN | {enough(result["laws"][law], what) for what in ("mean", "p95")}
    rows = [
        (
            str(row["workers"]),
            duration(row["mean"], lang),
            f"{'✓' if row['p95'] < evening.TARGET else '✗'} {duration(row['p95'], lang)}",
            duration(row["longest"], lang),
            f"{row['queue']:,}",
            f"{row['core_hours_held']:.1f}",
            f"{row['core_hours_busy']:.1f}",
        )
        for row in result["laws"][law]
        if row["workers"] in shown
    ]
    keys = ("workers", "mean", "p95", "longest", "queue", "held", "busy")
    return Table(words[law], tuple(words[key] for key in keys), rows)


def scaling_tables(result: Result, lang: Language) -> list[Table]:
    """All of them."""
    evenings = [evening_table(result, law, lang) for law in result["laws"]]
    return [cost_table(result, lang), throughput_table(result, lang), *evenings]


def enough(rows: Sequence[Mapping[str, Any]], what: str = "p95") -> int | None:
    """The fewest workers with which ``what`` stays under a minute; None where none do."""
    good = (row["workers"] for row in rows if row[what] < evening.TARGET)
    return min(good, default=None)


def sentence(result: Result, lang: Language) -> str:
    """How many workers are enough, in words."""
    found = {
        (law, what): str(enough(rows, what) or "> " + str(rows[-1]["workers"]))
        for law, rows in result["laws"].items()
        for what in ("p95", "mean")
    }
    if lang == "ja":
        return (
            f"95 % の学生の待ち時間を 1 分未満に保つのに必要なワーカー数は、"
            f"**漸増では {found['rising', 'p95']}、駆け込みでは {found['rush', 'p95']}** です"
            f"（平均を 1 分未満にするには {found['rising', 'mean']} と {found['rush', 'mean']}）。"
            "\n"
        )
    return (
        "Workers that keep the wait of 95 % of the students under a minute: "
        f"**{found['rising', 'p95']} where submissions rise, {found['rush', 'p95']} in a rush** "
        f"(the mean: {found['rising', 'mean']} and {found['rush', 'mean']}).\n"
    )


def machine_line(result: Result, lang: Language) -> str:
    """What it was measured on, and how busy that was."""
    about = result["machine"]
    count = sum(len(kind["seconds"]) for kind in result["kinds"].values())
    loads = (about["load_at_start"], about["load_at_end"])
    if lang == "ja":
        return (
            f"{about['date'][:10]} に {about['processor']}"
            f"（使えるプロセッサ {about['processors']} 個）"
            f"で {count} 回の採点を測定しました。負荷平均（load average）は開始時 {loads[0]}、"
            f"終了時 {loads[1]} でした。プロセッサ数の 4 分の 1 を超えていれば他の処理と"
            "取り合っており、空いている機械では経過時間はこれより短くなります。\n"
        )
    return (
        f"{count} gradings on {about['date'][:10]}, {about['processor']}, {about['processors']} "
        f"processors to use; the load average was {loads[0]} at the start and {loads[1]} at the "
        "end. Above a quarter of the processors, something else was running, and the wall clock "
        "shows less on a quiet machine.\n"
    )


def _bare(table: Table) -> str:
    return f"**{table.caption}**\n\n{table.markdown()}"


LANGUAGES: tuple[Language, ...] = ("en", "ja")
#: What the documentation shows, by name.
SECTIONS: dict[str, Callable[[Result, Language], str]] = {
    "answer": sentence,
    "machine": machine_line,
    "cost": lambda result, lang: _bare(cost_table(result, lang)),
    "throughput": lambda result, lang: _bare(throughput_table(result, lang)),
    "rising": lambda result, lang: _bare(evening_table(result, "rising", lang)),
    "rush": lambda result, lang: _bare(evening_table(result, "rush", lang)),
}


def draw(result: Result, path: Path) -> None:
    """Two panels: the wait against the workers, and the line over the evening of the rush."""
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_waits(left, result)
    _draw_line(right, evening.drawn_evenings(result["kinds"], "rush", 1)[0], (2, 8, 16))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _draw_waits(ax: Axes, result: Result) -> None:
    for law, rows in result["laws"].items():
        colour, marker, line = STYLES[law]
        waits = [max(row["p95"], 0.1) for row in rows]
        workers = [row["workers"] for row in rows]
        ax.plot(workers, waits, color=colour, marker=marker, linestyle=line, label=law)
    ax.axhline(evening.TARGET, color="#767676", linewidth=1)
    ax.annotate("one minute", (0.8, evening.TARGET), ha="left", va="top", fontsize=9)
    ax.set(xlabel="workers", ylabel="95 % wait at most … seconds", yscale="log")
    ax.set_title("Wait against workers (below 0.1 s: at 0.1 s)", fontsize=10)
    ax.legend()


def _draw_line(ax: Axes, one: evening.Evening, counts: Sequence[int]) -> None:
    for workers, (colour, line) in zip(counts, LINES, strict=True):
        lengths = queue_lengths(one.with_workers(workers))
        minutes = [time / 60 - 60 * evening.HOURS for time, _ in lengths]
        waiting = [length for _, length in lengths]
        ax.step(minutes, waiting, color=colour, linestyle=line, where="post",
                label=f"{workers} worker{'s' if workers > 1 else ''}")  # fmt: skip
    ax.set(xlabel="minutes from the deadline", ylabel="submissions waiting", xlim=(-30, None))
    ax.axvline(0, color="#767676", linewidth=1)
    ax.set_title("The line in a rush, around the deadline", fontsize=10)
    ax.legend()
