"""The lectures' pages in ``docs``, made of their executed notebooks: text, tables and figures."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples" / "lectures"
DOCS = ROOT / "docs"
IMAGES = DOCS / "images" / "lectures"
LANGUAGES = ("en", "ja")
PAGES = {"en": "lectures.md", "ja": "lectures.ja.md"}

INTRODUCTION = {
    "en": """# The lectures' experiments

[日本語](lectures.ja.md)

What the lectures show, shown by the code: every table and figure of this page was made by the
notebook named under it, which you can run yourself. Each takes seconds to a minute, because the
experiments learn from the 900 images of Fashion-MNIST that are part of the package. With
`data="mnist"` or `data="fashion_mnist"` they repeat the lectures' own runs, in minutes.

```python
from densefit import experiments

result = experiments.network_sizes(epochs=5)  # a progress bar for each network
print(result)  # a table
result.plot()  # the figure
assert len(result["512-512"].history["val_loss"]) == 5
```

A star is the best epoch, that of least validation loss. Training is solid, validation dashed.
""",
    "ja": """# 講義の実験

[English](lectures.md)

講義で示されることを、コードで確かめます。このページの表と図はすべて、
それぞれの下に挙げたノートブックが作ったもので、自分でも実行できます。パッケージに含まれる
Fashion-MNIST の 900 枚で学習するので、かかる時間は数秒から 1 分ほどです。`data="mnist"` や
`data="fashion_mnist"` とすれば、講義と同じ実験を数分で繰り返せます。

```python
from densefit import experiments

result = experiments.network_sizes(epochs=5)  # ネットワークごとに進行状況を表示
print(result)  # 表
result.plot()  # 図
assert len(result["512-512"].history["val_loss"]) == 5
```

星印は最良のエポック（検証データの損失が最小）、実線は訓練データ、破線は検証データです。
""",
}
RUN = {"en": "Run it: [script]({script}) · [notebook]({notebook})",
       "ja": "実行する: [スクリプト]({script})・[ノートブック]({notebook})"}  # fmt: skip


def notebook_path(source: Path, lang: str) -> Path:
    """Where the notebook of a source is."""
    return source.with_suffix(".ipynb" if lang == "en" else f".{lang}.ipynb")


def joined(text: str) -> str:
    """Japanese lines of a paragraph as one, for a line break would show as a space."""
    return re.sub(r"(?<=[^\n\x00-\x7f])\n(?=[^\n#])", "", text)


def write_pages() -> None:
    """Write both pages and all their figures; figures nobody refers to go."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.png"):
        old.unlink()
    for lang in LANGUAGES:
        figures: dict[str, bytes] = {}
        (DOCS / PAGES[lang]).write_text(page(lang, figures), encoding="utf-8")
        for name, png in figures.items():
            (IMAGES / name).write_bytes(png)


def page(lang: str, figures: dict[str, bytes]) -> str:
    """The page in ``lang``; its figures are put into ``figures`` by file name."""
    introduction = INTRODUCTION[lang]
    sections = [joined(introduction) if lang == "ja" else introduction]
    for source in sorted(EXAMPLES.glob("*.py")):
        sections.append(section(source, lang, figures))
    return "\n".join(sections)


def section(source: Path, lang: str, figures: dict[str, bytes]) -> str:
    """What one notebook says, prints and draws; its code stays there."""
    path = notebook_path(source, lang)
    parts, title = [], source.stem
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            if text.startswith("# "):
                title = text.partition("\n")[0][2:]
                text = f"#{text}"
            parts.append(text)
            continue
        for output in cell["outputs"]:
            parts.append(shown(output, title, source.stem, lang, figures))
    links = {"script": link(source), "notebook": link(path)}
    return "\n\n".join([*filter(None, parts), RUN[lang].format(**links)]) + "\n"


def shown(output: Any, title: str, stem: str, lang: str, figures: dict[str, bytes]) -> str:
    """An output as Markdown: printed text as it is, a figure as a link to its file."""
    if output["output_type"] == "stream":
        return f"```text\n{''.join(output['text']).rstrip()}\n```"
    png = output.get("data", {}).get("image/png")
    if png is None:
        return ""
    number = sum(name.startswith(f"{stem}-") for name in figures) + 1
    name = f"{stem}-{number}{'' if lang == 'en' else f'.{lang}'}.png"
    figures[name] = base64.b64decode("".join(png))
    return f"![{title}](images/lectures/{name})"


def link(path: Path) -> str:
    """From ``docs`` to a file of the examples."""
    return f"../{path.relative_to(ROOT).as_posix()}"


if __name__ == "__main__":
    write_pages()
