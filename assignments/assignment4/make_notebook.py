"""Makes ``starter.ipynb`` from ``starter.py``: ``python make_notebook.py``.

``starter.py`` is the only source. ``# %%`` begins a code cell, ``# %% [markdown]`` a text cell.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MARK = re.compile(r"^# %%( \[markdown\])?\n", re.MULTILINE)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def cell(number: int, markdown: bool, text: str) -> dict[str, Any]:
    """One notebook cell."""
    text = text.strip("\n")
    common = {"id": f"cell-{number}", "metadata": {}}
    if markdown:
        text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        return {"cell_type": "markdown", **common, "source": text.splitlines(keepends=True)}
    source = text.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, **common, "outputs": [], "source": source}


def notebook(script: str) -> str:
    """The notebook, as JSON text, of a script in the percent format."""
    _, *parts = MARK.split(script)
    marks, texts = parts[::2], parts[1::2]
    cells = [
        cell(number, bool(mark), text)
        for number, (mark, text) in enumerate(zip(marks, texts, strict=True))
    ]
    content = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    made = notebook((HERE / "starter.py").read_text(encoding="utf-8"))
    (HERE / "starter.ipynb").write_text(made, encoding="utf-8")
