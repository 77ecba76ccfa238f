"""Submissions that attack the grader, each with the outcome it must have.

``attacks/NN_name/`` holds the lines that attack, spliced into the teacher's solution;
``attack.toml`` beside them says:

- ``title``: the words of the catalogue; ``stopped_by``: the layers that stop it; ``why``: how;
- ``[fails]``: the functions that lose their marks, each with what the report says of it
  (alternatives apart by ``|``); all others keep theirs;
- ``refused = true``: it is not graded at all, and the command says why;
- ``harmless = false``: only to be run inside every wall;
- ``leaks_without_walls = true``: proof that the attack works: it prints ``LEAKED`` without them;
- ``removes``: functions taken out of the solution; ``slow``; ``remains``: what is left by nature.

``make.py``, where there is one, has ``make(source, target)``, which packs the submission its own
way. ``@NAME@`` in any of these files stands for what the attacker knows of the machine.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from submissions.build import HERE, SOLUTION, splice

FOLDER = HERE / "attacks"


@dataclass(frozen=True)
class Attack:
    """One attack: where its files are, and the keys of its ``attack.toml``."""

    folder: Path
    title: str
    stopped_by: list[str]
    why: str
    fails: dict[str, str]
    harmless: bool = True
    leaks_without_walls: bool = False
    refused: bool = False
    slow: bool = False
    removes: list[str] = field(default_factory=list)
    remains: str | None = None

    @property
    def number(self) -> int:
        """Its number in the catalogue."""
        return int(self.folder.name.partition("_")[0])


def attacks() -> list[Attack]:
    """The whole catalogue, in order; an unknown key is a ``TypeError``."""
    folders = sorted(path.parent for path in FOLDER.glob("*/attack.toml"))
    return [Attack(f, **tomllib.loads((f / "attack.toml").read_text("utf-8"))) for f in folders]


def build(attack: Attack, target: Path, knowledge: dict[str, str]) -> Path:
    """Write the submission below ``target``; the path to hand to the grader."""

    def known(name: str) -> str:
        words = (attack.folder / name).read_text(encoding="utf-8")
        for key, value in knowledge.items():
            words = words.replace(f"@{key}@", value)
        return words

    lines = known("submission.py")
    source = splice(lines, SOLUTION.read_text(encoding="utf-8"), tuple(attack.removes))
    target.mkdir(parents=True, exist_ok=True)
    if (attack.folder / "make.py").exists():
        recipe: dict[str, object] = {}
        exec(compile(known("make.py"), f"{attack.folder.name}/make.py", "exec"), recipe)
        made = recipe["make"](source, target)  # type: ignore[operator]
        assert isinstance(made, Path)
        return made
    path = target / "submission.py"
    path.write_text(source, encoding="utf-8")
    return path
