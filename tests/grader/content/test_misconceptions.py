"""Every misconception is a mistake, a different one from all others, and can be read."""

from __future__ import annotations

import copy
import re
from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from submissions.agreement import cases, rng

from assignment4 import module
from densefit import reference
from grader.misconception import Misconception
from submissions import build

MISCONCEPTIONS = module("misconceptions").MISCONCEPTIONS
BY_EXPERIMENT = (
    *module("training_misconceptions").MISCONCEPTIONS,
    *module("epoch_misconceptions").MISCONCEPTIONS,
)
ALL = (*MISCONCEPTIONS, *BY_EXPERIMENT)

OF_FUNCTION = {
    function: [m for m in MISCONCEPTIONS if m.function == function]
    for function in build.FUNCTIONS
    if function != "train"
}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
each = pytest.mark.parametrize("mistake", MISCONCEPTIONS, ids=lambda m: m.id)
each_of_all = pytest.mark.parametrize("mistake", ALL, ids=lambda m: m.id)


def inputs(function: str) -> list[tuple[Any, ...]]:
    if function != "minibatches":
        return cases(function)
    sizes = [(10, 4), (12, 4), (7, 3), (16, 5)]
    return [(np.arange(2.0 * n).reshape(n, 2), np.arange(n), size, rng()) for n, size in sizes]


def seen(call: Any, args: tuple[Any, ...]) -> list[Any]:
    """Everything a judge can see of one call: results, and what became of the arguments."""
    given = copy.deepcopy(args)
    try:
        with np.errstate(all="ignore"):
            result = call(*given)
            parts = (
                [result] if isinstance(result, np.ndarray | np.generic | float) else list(result)
            )
            flat = [v for p in parts for v in (p if isinstance(p, tuple) else (p,))]
    except (ValueError, IndexError) as error:
        return [type(error).__name__]
    arrays = [a for a in given if isinstance(a, np.ndarray)]
    return [np.asarray(v) for v in (*flat, *arrays)]


def same(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(_equal(p, q) for p, q in zip(a, b, strict=True))


def _equal(p: Any, q: Any) -> bool:
    if isinstance(p, str) or isinstance(q, str):
        return isinstance(p, str) and isinstance(q, str)
    return p.shape == q.shape and np.allclose(p, q, rtol=1e-9, atol=1e-12, equal_nan=True)


@each
def test_it_differs_from_the_reference(mistake: Misconception) -> None:
    right = getattr(reference, mistake.function)
    assert not all(same(seen(mistake.wrong, a), seen(right, a)) for a in inputs(mistake.function))


@pytest.mark.parametrize("function", OF_FUNCTION)
def test_no_two_of_a_function_are_the_same_mistake(function: str) -> None:
    found = {m.id: [seen(m.wrong, a) for a in inputs(function)] for m in OF_FUNCTION[function]}
    alike = [
        (one, other)
        for (one, first), (other, second) in combinations(found.items(), 2)
        if all(same(a, b) for a, b in zip(first, second, strict=True))
    ]
    assert alike == []


@each
def test_it_gives_the_same_again(mistake: Misconception) -> None:
    for args in inputs(mistake.function):
        assert same(seen(mistake.wrong, args), seen(mistake.wrong, args))


@each_of_all
def test_its_texts_are_in_both_languages(mistake: Misconception) -> None:
    for said in (mistake.title, mistake.explanation, mistake.hint):
        assert JAPANESE.search(said["ja"])
        assert not JAPANESE.search(said["en"])


@each_of_all
def test_the_hint_is_not_the_solution(mistake: Misconception) -> None:
    giveaways = ("@", "axis=0", "keepdims", "/ len(", "np.maximum(", "permutation")
    for hint in mistake.hint.values():
        assert not any(word in hint for word in giveaways)


def test_ids_are_unique_and_the_bank_is_large() -> None:
    assert max(Counter(m.id for m in ALL).values()) == 1
    assert len(MISCONCEPTIONS) >= 40


@pytest.mark.parametrize("folder", build.folders("wrong"), ids=lambda f: f.name)
def test_the_wrong_submissions_name_entries_of_the_bank(folder: Any) -> None:
    wanted = build.expected(folder)
    if wanted.misconception is not None:
        for name in wanted.misconception.split("+"):
            entry = next(m for m in ALL if m.id == name)
            assert entry.function in wanted.fails


def test_every_misconception_has_a_student_who_has_it() -> None:
    met = {build.expected(folder).misconception for folder in build.folders("wrong")}
    assert {m.id for m in ALL} <= met
