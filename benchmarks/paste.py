"""Pastes the figures of the results into the documentation, between its markers.

    python -m benchmarks.paste

In Markdown, what stands between ``<!-- figures: NAME -->`` and ``<!-- /figures -->`` is replaced
by what ``SECTIONS[NAME]`` makes of the JSON files, or by a note where there are none yet. With
``--check`` nothing is written, and the exit code is 1 when something differs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import grading_report, readme, results, scaling_report, tables
from benchmarks.diagnosis.tables import diagnosis_tables
from benchmarks.memory import memory_table
from benchmarks.predict import predict_table
from benchmarks.protocol import ROOT
from benchmarks.service import described, service_table
from benchmarks.startup import startup_table
from benchmarks.steps import steps_table
from benchmarks.tables import Table

__all__ = ["PAGES", "SECTIONS", "main", "pasted"]

PAGES = (
    ROOT / "README.md",
    ROOT / "README.ja.md",
    *(
        ROOT / "docs" / f"{name}.md"
        for name in (
            "performance",
            "learning-curves",
            "learning-curves.ja",
            "scaling",
            "scaling.ja",
            "service",
        )
    ),
)
MARKED = re.compile(
    r"(<!-- figures: (?P<name>[\w.]+) -->\n)(?P<old>.*?)(<!-- /figures -->\n)", re.DOTALL
)


def _read(benchmark: str) -> dict[str, Any]:
    return results.read(results.FOLDER / f"{benchmark}.json", benchmark)


def _all(made: list[Table]) -> str:
    return "\n".join(f"**{table.caption}**\n\n{table.markdown()}" for table in made)


UNMEASURED = {
    "en": "*Not measured yet: `make bench` measures, and puts the figures here.*\n",
    "ja": "*まだ測定されていません。`make bench` で測定すると、ここに数値が入ります。*\n",
}
#: Figures that another target than `make bench` measures.
TARGETS = {"service": "make bench-service"}
PICTURES = """
![Microseconds per step of every library](../benchmarks/results/training.png)

![Roofline: rate of the products over operations per byte](../benchmarks/results/training-roofline.png)
"""  # noqa: E501

SECTIONS: dict[str, Callable[[], str]] = {
    "summary.en": lambda: readme.summary(_read("training"), "en"),
    "summary.ja": lambda: readme.summary(_read("training"), "ja"),
    "training": lambda: _all(tables.training_tables(_read("training"))),
    "machine": lambda: readme.described(_read("training"), "en") + "\n" + PICTURES,
    "steps": lambda: _all([steps_table(_read("steps"))]),
    "predict": lambda: _all([predict_table(_read("predict"))]),
    "memory": lambda: _all([memory_table(_read("memory"))]),
    "diagnosis": lambda: _all(diagnosis_tables(_read("diagnosis"))),
    "grading": lambda: grading_report.section(_read("grading")),
    "startup": lambda: _all([startup_table(_read("startup"))]),
    "service": lambda: _all([service_table(_read("service"))]) + "\n" + described(_read("service")),
}


for _lang in scaling_report.LANGUAGES:
    for _name, _section_of in scaling_report.SECTIONS.items():
        SECTIONS[f"scaling.{_name}.{_lang}"] = partial(
            lambda made, lang: made(_read("scaling"), lang), _section_of, _lang
        )


def pasted(markdown: str) -> str:
    """``markdown`` with the current figures between every pair of markers."""
    return MARKED.sub(lambda m: f"{m[1]}{_section(m['name'])}{m[4]}", markdown)


def _section(name: str) -> str:
    try:
        return SECTIONS[name]()
    except FileNotFoundError:
        note = UNMEASURED["ja" if name.endswith(".ja") else "en"]
        return note.replace("make bench", TARGETS.get(name.split(".")[0], "make bench"))


def main(check: bool = False, pages: tuple[Path, ...] = PAGES) -> int:
    """Paste into, or with ``check`` compare with, every page."""
    stale = 0
    for page in pages:
        old = page.read_text(encoding="utf-8")
        new = pasted(old)
        if old != new and check:
            print(f"{page.name} shows old figures; run `python -m benchmarks.paste`")
            stale = 1
        elif old != new:
            page.write_text(new, encoding="utf-8")
            print(f"{page.name} is up to date now")
    return stale


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
