"""Scripts, notebooks, figures and pages of the lectures say the same, and all of it runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import needs

needs.need("nbformat", "nbclient", "ipykernel")

import lecture_notebooks
import lecture_pages

SOURCES = sorted(lecture_pages.EXAMPLES.glob("*.py"))
LARGEST_IN_ALL = 5_000_000

each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
each_language = pytest.mark.parametrize("lang", lecture_pages.LANGUAGES)


def notebook(source: Path, lang: str) -> dict:
    return json.loads(lecture_pages.notebook_path(source, lang).read_text(encoding="utf-8"))


@each_language
@each_source
def test_a_notebook_is_its_script_in_its_language_executed(source, lang) -> None:
    cells = notebook(source, lang)["cells"]
    expected = lecture_notebooks.cells_of(source.read_text(encoding="utf-8"), lang)
    assert ["".join(cell["source"]) for cell in cells] == [cell.source for cell in expected]
    counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run from the top, each cell once"
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert {output["output_type"] for output in outputs} <= {"stream", "display_data"}


@each_source
def test_both_languages_say_and_draw_as_much(source) -> None:
    def kinds(lang: str) -> list:
        return [
            (cell["cell_type"], [output["output_type"] for output in cell.get("outputs", [])])
            for cell in notebook(source, lang)["cells"]
        ]

    assert kinds("en") == kinds("ja")


@each_language
def test_the_page_and_its_figures_are_those_of_the_notebooks(lang) -> None:
    figures: dict[str, bytes] = {}
    page = (lecture_pages.DOCS / lecture_pages.PAGES[lang]).read_text(encoding="utf-8")
    assert page == lecture_pages.page(lang, figures)
    for name, png in figures.items():
        assert (lecture_pages.IMAGES / name).read_bytes() == png, name


def test_no_figure_is_left_over_and_all_together_are_small() -> None:
    names: set[str] = set()
    for lang in lecture_pages.LANGUAGES:
        figures: dict[str, bytes] = {}
        lecture_pages.page(lang, figures)
        names |= figures.keys()
    on_disk = list(lecture_pages.IMAGES.glob("*"))
    assert {path.name for path in on_disk} == names
    notebooks = list(lecture_pages.EXAMPLES.glob("*.ipynb"))
    assert sum(path.stat().st_size for path in [*on_disk, *notebooks]) < LARGEST_IN_ALL


@pytest.mark.slow
@each_source
def test_the_script_runs(source, tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", source],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == [], "an example leaves nothing behind"


@pytest.mark.slow
def test_a_notebook_is_executed_in_its_language(monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    source = next(path for path in SOURCES if "gradient_descent" in path.stem)
    made = lecture_notebooks.executed(source, "ja")
    kept = notebook(source, "ja")["cells"]
    texts = [
        ["".join(o["text"]) for o in cell.get("outputs", []) if o["output_type"] == "stream"]
        for cell in (*made.cells, *kept)
    ]
    assert texts[: len(kept)] == texts[len(kept) :]
    assert any("学習率" in text for cell in texts for text in cell)


def test_japanese_paragraphs_become_one_line_and_the_rest_stays() -> None:
    text = "# 見出し\n\n一行目は、\n二行目に続く。\n\nsecond\nthird"
    expected = "# 見出し\n\n一行目は、二行目に続く。\n\nsecond\nthird"
    assert lecture_pages.joined(text) == expected


def test_progress_bars_are_left_out_of_notebooks_and_tables_are_not() -> None:
    def stream(text: str):
        return lecture_notebooks.nbformat.v4.new_output("stream", text=text)

    lasting = lecture_notebooks.lasting
    bar = [stream("1/2 4-4 (3,210 parameters)\n"), stream("20/20 [==] - 0s 3ms/step - loss: 1.0\n")]
    table = [stream("network  parameters\n4-4  3,210\n")]
    assert lasting(bar) == []
    assert lasting(table) == table
