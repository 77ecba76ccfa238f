"""The submissions of this tree are what they claim to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from submissions.agreement import disagreeing, load, of_source

from submissions import build

CORRECT, WRONG, BROKEN = (build.folders(kind) for kind in ("correct", "wrong", "broken"))


@pytest.mark.parametrize("folder", CORRECT, ids=lambda f: f.name)
def test_a_correct_submission_satisfies_the_whole_contract(folder: Path, tmp_path: Path) -> None:
    assert disagreeing(load(build.build(folder, tmp_path))) == set()


@pytest.mark.parametrize("folder", WRONG, ids=lambda f: f.name)
def test_a_wrong_submission_is_wrong_where_it_says(folder: Path) -> None:
    wanted = build.expected(folder)
    found = disagreeing(of_source(build.source(folder)))
    assert found - {"train"} == set(wanted.fails) - {"train"}, wanted.why
    assert ("train" in found) >= ("train" in wanted.fails), wanted.why


def test_there_are_enough_of_each() -> None:
    assert len(CORRECT) >= 12
    assert len(WRONG) >= 45
    assert len(BROKEN) >= 14


@pytest.mark.parametrize("folder", WRONG + BROKEN, ids=lambda f: f.name)
def test_expectations_name_functions_of_the_contract(folder: Path) -> None:
    wanted = build.expected(folder)
    assert set(wanted.fails) <= set(build.FUNCTIONS)
    assert wanted.why
    assert wanted.status in {"passed", "failed", "error"}


def test_splicing_replaces_the_function_and_keeps_the_others() -> None:
    base = "import math\n\n\ndef f(x):\n    return 1\n\n\ndef g(x):\n    return f(x)\n"
    spliced = build.splice("def f(x):\n    return 2\n", base)
    assert spliced.count("def f") == 1
    assert of_source(spliced)["g"](0) == 2
    assert "def g" not in build.splice("h = 1\n", base, removes=("g",))
