"""What is in the wheel and in the sdist, what is not, and that tests run against what is installed.

``make test`` says in DENSEFIT_WHEEL which wheel it installed; CI names the sdist in
DENSEFIT_SDIST. Without them (say, in an editable installation) these tests are skipped.
"""

import os
import re
import tarfile
import tomllib
import zipfile
from importlib import metadata
from importlib.resources import files
from pathlib import Path

import pytest

from source_tree import PACKAGES, ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
ANSWERS = re.compile(r"(solution|make_|answer|secret|hidden|variants?\b)")
ASSIGNMENTS = [path.parent for path in sorted((ROOT / "assignments").glob("*/assignment.toml"))]
# What every assignment hands to students and to the grader.
OF_AN_ASSIGNMENT = ("assignment.toml", "README.md", "README.ja.md", "starter.py", "checks.py")


def names_of(variable: str, what: str) -> set[str]:
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{variable} does not name the {what} under test")
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as wheel:
            return set(wheel.namelist())
    with tarfile.open(path) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


@pytest.fixture(scope="module")
def wheel() -> set[str]:
    return names_of("DENSEFIT_WHEEL", "wheel")


@pytest.fixture(scope="module")
def sdist() -> set[str]:
    return names_of("DENSEFIT_SDIST", "sdist")


def test_every_package_is_listed() -> None:
    folders = {"grader.assignments"}
    for name, root in PACKAGES.items():
        inits = (path.parent.relative_to(root) for path in root.rglob("__init__.py"))
        folders |= {".".join([name, *folder.parts]) for folder in inits}
    assert set(SETUPTOOLS["packages"]) == folders


def test_no_folder_of_modules_lacks_its_init() -> None:
    for root in PACKAGES.values():
        lacking = {p.parent for p in root.rglob("*.py") if not (p.parent / "__init__.py").exists()}
        assert lacking == set()


def test_the_wheel_has_every_module(wheel: set[str]) -> None:
    for name, root in PACKAGES.items():
        modules = {f"{name}/{path.relative_to(root)}" for path in root.rglob("*.py")}
        assert modules <= wheel
    assert any(re.fullmatch(r"densefit/_kernels\..*(so|pyd)", name) for name in wheel)


def test_the_wheel_has_data_types_and_licences(wheel: set[str]) -> None:
    data = "densefit/datasets/fashion_mnist_mini"
    assert {f"{data}/images-idx3-ubyte.gz", f"{data}/labels-idx1-ubyte.gz"} <= wheel
    assert {"densefit/py.typed", "grader/py.typed"} <= wheel
    licences = {Path(name).name for name in wheel if "dist-info/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_the_wheel_has_every_translation(wheel: set[str]) -> None:
    catalogues = (ROOT / "grader").rglob("*.po")
    assert {f"grader/{p.relative_to(ROOT / 'grader')}" for p in catalogues} <= wheel


def test_the_wheel_has_what_each_assignment_hands_out(wheel: set[str]) -> None:
    assert ASSIGNMENTS, "there is no assignment in the checkout"
    for folder in ASSIGNMENTS:
        inside = f"grader/assignments/{folder.name}"
        assert {f"{inside}/{name}" for name in OF_AN_ASSIGNMENT} <= wheel
        curves = {f"{inside}/curves/{path.name}" for path in folder.glob("curves/*.json")}
        assert curves <= wheel


def test_the_wheel_has_no_answers_no_tests_and_no_sources(wheel: set[str]) -> None:
    inside = {name for name in wheel if name.startswith("grader/assignments/")}
    assert {name for name in inside if ANSWERS.search(Path(name).name)} == set()
    assert {name for name in wheel if name.split("/")[0] in {"tests", "tools", "csrc"}} == set()
    assert {name for name in wheel if Path(name).suffix in {".c", ".h", ".pyx"}} == set()


def test_the_sdist_builds_and_tests_itself(sdist: set[str]) -> None:
    kinds = {
        "csrc": {".c", ".h", ".pyx"},
        "src": {".py", ".gz", ".typed"},
        "grader": {".py", ".po", ".typed"},
        "assignments": {".py", ".toml", ".md", ".ipynb", ".json"},
        "tests": {".py", ".toml", ".ipynb"},
        "tools": {".py", ".sh"},
        "examples": {".py"},
        "docs": {".md"},
    }
    for folder, suffixes in kinds.items():
        in_checkout = {
            str(path.relative_to(ROOT))
            for path in (ROOT / folder).rglob("*")
            if path.suffix in suffixes and "__pycache__" not in path.parts
        }
        assert in_checkout <= sdist
    assert {"Makefile", ".ci/run", "LICENSE", "NOTICE", "README.ja.md", "CHANGELOG.md"} <= sdist


def test_tests_run_against_what_is_installed() -> None:
    if not os.environ.get("DENSEFIT_WHEEL"):
        pytest.skip("not run by `make test`: an editable installation is the checkout")
    for package in ("densefit", "grader", "grader.assignments"):
        assert ROOT / "src" not in Path(str(files(package))).parents
        assert "site-packages" in Path(str(files(package))).parts


def test_the_version_is_one() -> None:
    import densefit

    assert metadata.version("densefit") == densefit.__version__ == PYPROJECT["project"]["version"]


def test_the_core_depends_on_nothing_heavy() -> None:
    required = {re.split(r"[<>=\[ ]", name)[0] for name in PYPROJECT["project"]["dependencies"]}
    assert required == {"numpy", "matplotlib", "hypothesis", "click", "rich", "jinja2"}
