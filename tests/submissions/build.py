"""Turns a folder of this tree into the submission it describes.

``correct/<style>/`` is a submission as a student hands it in, whole. ``wrong/<mistake>/`` and
``broken/<behaviour>/`` hold only the lines that go wrong, and are spliced into the teacher's
solution here, so that one folder shows one mistake. ``expected.toml`` beside them says:

- ``fails``: the functions that lose marks; all others keep them, ``train`` aside unless named;
- ``misconception``: the entry of the bank that names the mistake, where there is one; ``a+b`` for
  two at once;
- ``status`` (broken only): what the report says of the functions in ``fails``;
- ``removes``: functions taken out of the solution without replacement;
- ``whole = true``: ``submission.py`` is handed in as it is, without splicing;
- ``why``: one sentence for whoever reads the test's failure.
"""

from __future__ import annotations

import ast
import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
SOLUTION = HERE.parents[1] / "assignments" / "assignment4" / "solution.py"
FUNCTIONS = (
    "dense_forward",
    "dense_backward",
    "relu_forward",
    "relu_backward",
    "softmax",
    "softmax_cross_entropy",
    "sgd_update",
    "minibatches",
    "train",
)


@dataclass(frozen=True)
class Expected:
    """What the grader must say of a submission: the keys of ``expected.toml``."""

    why: str
    fails: tuple[str, ...] = ()
    misconception: str | None = None
    status: str = "failed"
    removes: tuple[str, ...] = ()
    whole: bool = field(default=False)


def folders(kind: str) -> list[Path]:
    """Every folder of ``correct``, ``wrong`` or ``broken``, sorted by name."""
    return sorted(p for p in (HERE / kind).iterdir() if p.is_dir() and not p.name.startswith("__"))


def expected(folder: Path) -> Expected:
    """The folder's ``expected.toml``; an unknown key is a ``TypeError``."""
    keys = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    return Expected(**{k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()})


def splice(lines: str, base: str, removes: tuple[str, ...] = ()) -> str:
    """``base`` without what ``lines`` defines or ``removes`` names, then ``lines``."""
    replaced = {
        *removes,
        *(n.name for n in ast.parse(lines).body if isinstance(n, ast.FunctionDef)),
    }
    text = base.splitlines()
    for node in reversed(ast.parse(base).body):
        if isinstance(node, ast.FunctionDef) and node.name in replaced:
            del text[node.lineno - 1 : node.end_lineno]
    return "\n".join(text).rstrip() + "\n\n\n" + lines


def source(folder: Path) -> str:
    """The whole text of the submission in a ``wrong`` or ``broken`` folder."""
    lines = (folder / "submission.py").read_text(encoding="utf-8")
    wanted = expected(folder)
    if wanted.whole:
        return lines
    return splice(lines, SOLUTION.read_text(encoding="utf-8"), wanted.removes)


def build(folder: Path, target: Path) -> Path:
    """Write the submission of ``folder`` below ``target``; the path to hand to the grader.

    A folder of one file is handed in as that file, any other as a folder.
    """
    if folder.parent.name == "correct":
        shutil.copytree(folder, target, dirs_exist_ok=True)
        files = list(target.iterdir())
        return files[0] if len(files) == 1 else target
    target.mkdir(parents=True, exist_ok=True)
    path = target / "submission.py"
    path.write_text(source(folder), encoding="utf-8")
    return path
