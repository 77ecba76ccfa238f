import json
from pathlib import Path


def make(source: str, target: Path) -> Path:
    shell = "!echo LEAKED > @MARKER@\n%system echo LEAKED\nx = !cat @SECRET@\nprint(x)\n"
    cells = [
        {"cell_type": "code", "source": text, "metadata": {}, "outputs": []}
        for text in (shell, "%%bash\necho LEAKED > @MARKER@\n", source)
    ]
    path = target / "submission.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    return path
