import json
from pathlib import Path

TRANSFORMER = """
import ast

class AlwaysTrue(ast.NodeTransformer):
    def visit_Assert(self, node):
        print("LEAKED")
        return None

get_ipython().ast_transformers.append(AlwaysTrue())
"""


def make(source: str, target: Path) -> Path:
    cells = [
        {"cell_type": "code", "source": text, "metadata": {}, "outputs": []}
        for text in (TRANSFORMER, source)
    ]
    path = target / "submission.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    return path
