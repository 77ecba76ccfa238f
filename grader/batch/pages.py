"""Writes the pages of a class: index, one for each student, similar submissions.

Static files without scripts and without anything from the network, so they can be opened from a
disk, printed, or put behind a strict Content-Security-Policy. Each is written beside its place and
renamed: a reader never sees half a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.batch.roll import Line
from grader.batch.similarity import Pair
from grader.batch.statistics import of_class
from grader.i18n import Text, text
from grader.render import html
from grader.render.words import points

TEMPLATES = Path(__file__).with_name("templates")
STYLE, REPORT_STYLE = "style.css", "report.css"


def labels() -> dict[str, Text]:
    """The words of the pages."""
    return {
        "results": text("Class results"),
        "student": text("Student"),
        "number": text("Number"),
        "points": text("Points"),
        "status": text("Status"),
        "seconds": text("Seconds"),
        "late": text("late"),
        "raw": text("From the checks"),
        "submitted": text("Handed in"),
        "graded": text("graded"),
        "waiting": text("waiting"),
        "not_checked": text("could not be checked"),
        "mean": text("Mean"),
        "median": text("Median"),
        "students": text("Students"),
        "distribution": text("Distribution of points"),
        "checks": text("Checks"),
        "check": text("Check"),
        "passed": text("passed"),
        "failed": text("failed"),
        "error": text("error"),
        "skipped": text("not reached"),
        "misconceptions": text("Mistakes by name"),
        "misconception": text("Mistake"),
        "functions": text("Functions"),
        "similar": text("Similar submissions"),
        "share": text("Alike"),
        "none_similar": text("No two submissions are conspicuously alike."),
        "no_proof": text(
            "Alike is no proof of copying: short functions have few forms, and students may work "
            "together. Look at both before you speak to anyone."
        ),
        "back": text("Back to the class"),
        "handout": text("The report as the student may see it"),
        "no_misconception": text("No known mistake was found."),
    }


class Pages:
    """The pages of one class in one language, below ``folder``."""

    def __init__(self, folder: Path, language: str, title: Text) -> None:
        self.folder = folder
        self.language = language
        words = {name: said[language] for name, said in labels().items()}
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            t=words, lang=language, title=title[language], of=points, say=self._say
        )

    def _say(self, message: Text | Mapping[str, Any]) -> str:
        return str(message[self.language])

    def write(
        self, lines: Sequence[Line], pairs: Sequence[Pair], sources: Mapping[str, str]
    ) -> Path:
        """Every page; the path of the index."""
        replace_file(self.folder / STYLE, (TEMPLATES / STYLE).read_text("utf-8"))
        replace_file(self.folder / REPORT_STYLE, html.style())
        for line in lines:
            self.student(line)
        self._similar(pairs, sources)
        return self._index(lines, pairs)

    def student(self, line: Line) -> Path:
        """The page of one student."""
        number, report = line.grade.submission.id, ""
        if line.result is not None:
            report = html.body(line.result, self.language)
            handout = html.render(line.result.public(), self.language)
            replace_file(self.folder / f"reports/{number}.html", handout)
        return self._page("student.html", f"students/{number}.html", line=line, report=report)

    def _similar(self, pairs: Sequence[Pair], sources: Mapping[str, str]) -> Path:
        shown = [
            {
                "pair": pair,
                "a": _marked(sources.get(pair.a, ""), pair.lines_a),
                "b": _marked(sources.get(pair.b, ""), pair.lines_b),
            }
            for pair in pairs
        ]
        return self._page("similar.html", "similar.html", shown=shown)

    def _index(self, lines: Sequence[Line], pairs: Sequence[Pair]) -> Path:
        graded = [line for line in lines if line.document is not None]
        documents = [line.document for line in graded if line.document is not None]
        class_ = of_class(documents, [line.grade.points or 0.0 for line in graded])
        highest = max((bar.count for bar in class_.bins), default=0) or 1
        time = text(
            "Grading took {median:.2f} s a submission (median), {most:.2f} s at most.",
            median=median(class_.seconds or [0.0]),
            most=max(class_.seconds, default=0.0),
        )
        values = {
            "lines": lines,
            "graded": graded,
            "cls": class_,
            "highest": highest,
            "pairs": pairs,
            "time": time,
        }
        return self._page("index.html", "index.html", **values)

    def _page(self, template: str, name: str, **values: Any) -> Path:
        root = "../" * name.count("/")
        words = self._environment.get_template(template).render(root=root, **values)
        return replace_file(self.folder / name, words)


def replace_file(path: Path, words: str) -> Path:
    """Write a text file so that it is whole at every moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(words, "utf-8")
    return new.replace(path)


def _marked(source: str, lines: Sequence[int]) -> list[tuple[int, str, bool]]:
    """Numbered lines of a source, and whether each is alike."""
    alike = set(lines)
    return [(i, line, i in alike) for i, line in enumerate(source.splitlines(), 1)]
