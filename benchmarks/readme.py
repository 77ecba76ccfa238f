"""The figures that the README shows, in English and Japanese."""

from __future__ import annotations

from typing import Any, Literal

from benchmarks.peers.registry import FIRST
from benchmarks.summaries import WorkloadSummary
from benchmarks.tables import Table

__all__ = ["described", "summary"]

Language = Literal["en", "ja"]

HEADINGS: dict[Language, tuple[str, ...]] = {
    "en": ("network, batch, optimizer", "densefit", "fastest other", "", "Keras", ""),
    "ja": ("ネットワーク、バッチ、最適化", "densefit", "他で最速のもの", "", "Keras", ""),
}
DESCRIBED: dict[Language, str] = {
    "en": (
        "Microseconds per training step (and how many times as long as densefit's), medians of"
        " {repetitions}; {threads} threads, {samples:,} images ({images}). Measured on"
        " {processor}, {processors} processors, {instruction_set}, {date}; load average"
        " {load_at_start} at the start. {versions}."
    ),
    "ja": (
        "学習 1 ステップの時間（マイクロ秒）と、densefit に対する倍率。{repetitions} 回の中央値、"
        "{threads} スレッド、画像 {samples:,} 枚（{images}）。測定環境：{processor}、"
        "{processors} プロセッサ、{instruction_set}、{date}、開始時のロードアベレージ"
        " {load_at_start}。{versions}。"
    ),
}


def described(result: dict[str, Any], lang: Language) -> str:
    """One paragraph: what was measured, where and when."""
    about = result["machine"]
    versions = {"densefit": about["densefit"], "NumPy": about["numpy"]}
    versions |= {k: v for k, v in result["versions"].items() if k not in ("densefit", "numpy")}
    sources = dict.fromkeys(image["source"] for image in result["images"].values())
    return DESCRIBED[lang].format(
        **about | {"date": about["date"][:10]},
        repetitions=result["repetitions"],
        threads=result["threads"],
        samples=result["samples"],
        images="; ".join(sources),
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
    )


def _row(s: WorkloadSummary) -> tuple[str, ...]:
    def time(name: str | None) -> str:
        return f"{s.times[name]:.0f}" if name in s.times else "–"

    def times(value: float | None) -> str:
        return f"{value:.1f} ×" if value else ""

    fastest = f"{s.fastest}: {time(s.fastest)}" if s.fastest else "–"
    cells = (fastest, times(s.over_fastest), time(s.keras), times(s.over_keras))
    return (s.name, time(FIRST.name), *cells)


def summary(result: dict[str, Any], lang: Language) -> str:
    """The table of the README with the paragraph below it."""
    rows = [_row(WorkloadSummary(workload)) for workload in result["workloads"]]
    return f"{Table('', HEADINGS[lang], rows).markdown()}\n{described(result, lang)}\n"
