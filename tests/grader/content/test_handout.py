"""What students are handed: files that load, agree with each other, and say what is graded."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest
from submissions.agreement import disagreeing, of_source

from assignment4 import FOLDER, module
from grader.experiment.family import load_family
from grader.experiment.replay import train
from submissions import build

README = {
    language: FOLDER / name for language, name in (("en", "README.md"), ("ja", "README.ja.md"))
}
STARTER = (FOLDER / "starter.py").read_text(encoding="utf-8")
BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+)\(.*\| (\d+) \|$", re.MULTILINE)


def text(language: str) -> str:
    return README[language].read_text(encoding="utf-8")


def test_the_solution_satisfies_the_whole_contract() -> None:
    assert disagreeing(of_source(build.SOLUTION.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize("function", build.FUNCTIONS)
def test_the_starter_and_the_solution_have_the_same_signatures(function: str) -> None:
    names = of_source(STARTER), of_source(build.SOLUTION.read_text(encoding="utf-8"))
    starter, solution = (inspect.signature(n[function]) for n in names)
    assert starter == solution


@pytest.mark.parametrize("function", build.FUNCTIONS)
def test_the_unedited_starter_says_what_to_do_in_both_languages(function: str) -> None:
    student = of_source(STARTER)[function]
    arguments = [None] * len(inspect.signature(student).parameters)
    with pytest.raises(NotImplementedError, match=f"Write {function} here.*{function} を書いて"):
        student(*arguments)
    assert student.__doc__


def test_the_notebook_is_made_from_the_starter() -> None:
    assert (FOLDER / "starter.ipynb").read_text(encoding="utf-8") == module(
        "make_notebook"
    ).notebook(STARTER), "run `python make_notebook.py`"


def test_the_notebook_is_valid_and_its_cells_parse() -> None:
    made = nbformat.read(FOLDER / "starter.ipynb", as_version=4)
    nbformat.validate(made)
    code = [c.source for c in made.cells if c.cell_type == "code"]
    defined = {n.name for c in code for n in ast.parse(c).body if isinstance(n, ast.FunctionDef)}
    assert set(build.FUNCTIONS) <= defined


def test_the_starter_experiment_runs_with_the_functions_filled_in(tmp_path: Path) -> None:
    """Solution first, then the starter's own last cells, as a student ends up with."""
    start = STARTER.index("# %%\ndef load_images")
    experiment = STARTER[start:].replace("epochs=30", "epochs=3")
    experiment = experiment.replace("VARIANT = None", "VARIANT = 2")
    script = tmp_path / "starter.py"
    script.write_text(build.SOLUTION.read_text("utf-8") + "\n\n" + experiment, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(script)]
    environment = {"MPLBACKEND": "agg", "PATH": "", "HOME": str(tmp_path)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=120)
    history = json.loads((tmp_path / "history.json").read_text(encoding="utf-8"))
    family = load_family(FOLDER)
    assert family is not None
    assert history == train(family.setting(2), family.seed(2))
    assert (tmp_path / "curves.png").stat().st_size > 5000


def test_both_handouts_have_the_same_sections_and_code() -> None:
    def outline(language: str) -> list[str]:
        return [line.split(" ")[0] for line in text(language).splitlines() if line.startswith("#")]

    assert outline("en") == outline("ja")
    assert BLOCK.findall(text("en")) == BLOCK.findall(text("ja"))
    assert len(re.findall(r"\$\$", text("en"))) == len(re.findall(r"\$\$", text("ja")))


@pytest.mark.parametrize("language", README)
def test_the_code_of_the_handout_parses(language: str) -> None:
    for kind, code in BLOCK.findall(text(language)):
        if kind == "python":
            ast.parse(code)
        if kind == "toml":
            tomllib.loads(code)


@pytest.mark.parametrize("language", README)
def test_the_points_of_the_handout_are_those_of_the_assignment(language: str) -> None:
    said = {name: int(points) for name, points in ROW.findall(text(language))}
    checks = tomllib.loads((FOLDER / "assignment.toml").read_text(encoding="utf-8"))["checks"]
    worth = dict.fromkeys(build.FUNCTIONS, 0)
    for check in checks:
        worth[check["function"]] += check["points"]
    assert said == worth


@pytest.mark.parametrize("name", ["baseline", "curve_1", "curve_2", "curve_3", "curve_4"])
def test_a_curve_is_a_whole_history_with_its_setting_and_seed(name: str) -> None:
    curve = json.loads((FOLDER / "curves" / f"{name}.json").read_text(encoding="utf-8"))
    setting, history = curve["setting"], curve["history"]
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(len(values) == setting["epochs"] for values in history.values())
    assert all(np.isfinite(values).all() for values in history.values())
    assert isinstance(setting["seed"], int)
    assert (FOLDER / "curves" / f"{name}.png").exists()


def test_no_answer_is_stored_beside_the_curves() -> None:
    words = ("underfit", "overfit", "good_fit", "verdict", "best")
    for path in (FOLDER / "curves").glob("*.json"):
        assert not any(word in path.read_text(encoding="utf-8") for word in words)
