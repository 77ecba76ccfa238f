"""Makes the lectures' notebooks and pages: ``python tools/lecture_notebooks.py [NAME...]``.

The one source of each is ``examples/lectures/<name>.py``: ``# %%`` begins a code cell, ``# %%
[markdown] en`` or ``ja`` a text cell of that language. From it come, in both languages, an executed
notebook beside it (``<name>.ipynb``, ``<name>.ja.ipynb``), and from the notebooks the figures in
``docs/images/lectures`` and the pages ``docs/lectures.md`` and ``docs/lectures.ja.md``.
"""

from __future__ import annotations

import base64
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbclient
import nbformat
from PIL import Image

from lecture_pages import EXAMPLES, LANGUAGES, joined, notebook_path, write_pages

MARK = re.compile(r"^# %%(?: \[markdown\] (en|ja))?\n", re.MULTILINE)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
#: What a progress bar prints, told from what a cell says.
PROGRESS = re.compile(r"\ds? \d+[mu]?s/step - ")
DPI = 80
COLOURS_OF_A_FIGURE = 256


def cells_of(script: str, lang: str) -> list[Any]:
    """The notebook's cells, in ``lang``: code, and the text cells of that language."""
    _, *parts = MARK.split(script)
    cells = []
    for mark, text in zip(parts[::2], parts[1::2], strict=True):
        text = text.strip("\n")
        if mark is None:
            cells.append(nbformat.v4.new_code_cell(text.replace('LANG = "en"', f'LANG = "{lang}"')))
        elif mark == lang:
            plain = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
            cells.append(nbformat.v4.new_markdown_cell(joined(plain) if lang == "ja" else plain))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return cells


def executed(source: Path, lang: str) -> Any:
    """The notebook of ``source``, run from the top; raises when a cell raises."""
    script = source.read_text(encoding="utf-8")
    notebook = nbformat.v4.new_notebook(cells=cells_of(script, lang), metadata=dict(METADATA))
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "matplotlibrc"
        settings.write_text(f"figure.dpi: {DPI}\n")
        nbclient.NotebookClient(
            notebook,
            timeout=1200,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        ).execute(env=os.environ | {"MATPLOTLIBRC": str(settings)})
    notebook["metadata"] = dict(METADATA)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell["outputs"] = [slim(output) for output in lasting(cell.outputs)]
    return notebook


def lasting(outputs: list[Any]) -> list[Any]:
    """The outputs without what a cell with a progress bar prints, which no two runs have alike."""
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    if not PROGRESS.search(printed):
        return outputs
    return [output for output in outputs if output.output_type != "stream"]


def slim(output: Any) -> Any:
    """The output, its picture in few colours, so that the repository stays small."""
    data = output.get("data", {})
    if "image/png" in data:
        data["image/png"] = base64.b64encode(small(base64.b64decode(data["image/png"]))).decode()
        data.pop("text/plain", None)
        output["metadata"] = {}
    return output


def small(png: bytes) -> bytes:
    """The picture with a palette."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    out = io.BytesIO()
    # Maximum coverage keeps the ends of a colour scale, which cover few pixels.
    method, plain = Image.Quantize.MAXCOVERAGE, Image.Dither.NONE
    palette = image.quantize(COLOURS_OF_A_FIGURE, method=method, dither=plain)
    palette.save(out, "PNG", optimize=True)
    return out.getvalue()


def main(names: list[str]) -> None:
    """Run the named examples, else all of them, and write notebooks, figures and pages."""
    for source in sorted(EXAMPLES.glob("*.py")):
        if names and source.stem not in names:
            continue
        for lang in LANGUAGES:
            path = notebook_path(source, lang)
            print(path.name, flush=True)
            nbformat.write(executed(source, lang), path)
    write_pages()


if __name__ == "__main__":
    main(sys.argv[1:])
