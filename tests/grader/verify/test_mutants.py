"""Mutants: each differs in one place, all compile, and nothing is left changed behind."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.verify.mutants import callers, mutants
from grader.verify.operators import EXPRESSIONS, STATEMENTS

NUMERIC = '''
import numpy as np

def helper(z):
    """Text stays."""
    return np.exp(z - z.max(axis=1, keepdims=True))

def softmax(z, y):
    e = helper(z)
    for i in range(3):
        if i > 0 and i < 2:
            e += 0.5
    return e[1:] / -e.sum(axis=1).T, y

def order(x, rng):
    return x[rng.permutation(len(x))], np.where(x > 0, x, 0)
'''


def after(source: str, **arrays: tuple[str, ...]) -> set[str]:
    return {mutant.after for mutant in mutants(source, arrays)}


@pytest.mark.parametrize(
    ("expression", "mutated"),
    [
        ("x + y", {"x - y", "x", "y"}),
        ("x @ y", {"x * y", "y @ x", "x", "y"}),
        ("x > y", {"x >= y", "x < y", "x != y"}),
        ("x.sum(axis=0)", {"x.mean(axis=0)", "x.max(axis=0)", "x.sum(axis=1)", "x.sum()", "x"}),
        ("x.max(axis=1, keepdims=True)", {"x.max(axis=1)", "x.max(axis=1, keepdims=False)"}),
        ("x.T", {"x", "x.reshape(x.shape[::-1])"}),
        ("x[1:y]", {"x[:y]", "x[1:]", "x[1:y + 1]", "x[1 + 1:y]", "x"}),
        ("(x, y)", {"(y, x)", "(x,)", "(-x, y)", "(x.astype('float16'), y)"}),
        ("np.where(x, y, 0)", {"np.where(y, x, 0)", "np.where(x, 0, y)", "np.where(x, y, 1)"}),
        ("-x", {"x"}),
        ("x and y", {"x or y"}),
        ("x if y else 0", {"x", "0"}),
        ("0.5 * x", {"1.0 * x", "0.25 * x"}),
    ],
)
def test_an_expression_is_mutated(expression: str, mutated: set[str]) -> None:
    found = after(f"def f(x, y):\n    return {expression}\n")
    assert {f"return {each}" for each in mutated} <= found


@pytest.mark.parametrize(
    ("statement", "mutated"),
    [
        ("x -= y", {"x += y", "x = y", "pass"}),
        ("for i in x:\n        y = i", {"break", "pass", "for i in y:"}),
        ("if x:\n        y = 1", {"y = 1", "pass"}),
    ],
)
def test_a_statement_is_mutated(statement: str, mutated: set[str]) -> None:
    found = after(f"def f(x, y):\n    {statement}\n    return y\n")
    assert all(any(each in one.split(" ⏎ ") for one in found) for each in mutated), found


def test_every_operator_finds_something() -> None:
    found = {m.operator for m in mutants(NUMERIC, {"softmax": ("z", "y")})}
    assert found == {*EXPRESSIONS, *STATEMENTS, "argument replaced", "argument modified"}


def test_mutants_compile_differ_and_keep_the_texts() -> None:
    found = mutants(NUMERIC, {"softmax": ("z", "y")})
    assert len({mutant.source for mutant in found}) == len(found) > 60
    for mutant in found:
        compile(mutant.source, "mutant", "exec")
        assert mutant.source != ast.unparse(ast.parse(NUMERIC))
        assert "Text stays." in mutant.source
        assert mutant.before != mutant.after


def test_all_but_one_function_stay_as_they_are() -> None:
    plain = {
        node.name: ast.unparse(node)
        for node in ast.parse(ast.unparse(ast.parse(NUMERIC))).body
        if isinstance(node, ast.FunctionDef)
    }
    for mutant in mutants(NUMERIC, {}):
        now = {
            n.name: ast.unparse(n)
            for n in ast.parse(mutant.source).body
            if isinstance(n, ast.FunctionDef)
        }
        assert {name for name in plain if plain[name] != now[name]} == {mutant.function}


def test_clearing_an_argument_leaves_the_result() -> None:
    (mutant,) = [
        m
        for m in mutants("def f(x):\n    return x + 1\n", {"f": ("x",)})
        if m.operator == "argument modified"
    ]
    names: dict[str, object] = {}
    exec("import numpy as np\n" + mutant.source, names)
    array = names["np"].arange(3.0)  # type: ignore[attr-defined]
    assert names["f"](array).tolist() == [1.0, 2.0, 3.0]  # type: ignore[operator]
    assert array.tolist() == [0.0, 0.0, 0.0]


def test_callers_are_found_through_others() -> None:
    source = "def a(): b()\ndef b(): c()\ndef c(): pass\ndef d(): pass\n"
    assert callers(source) == {"a": {"a"}, "b": {"a", "b"}, "c": {"a", "b", "c"}, "d": {"d"}}


@given(st.integers(-9, 9), st.floats(-1e3, 1e3, allow_nan=False))
def test_constants_become_others(whole: int, real: float) -> None:
    for value in (whole, real):
        source = f"def f():\n    return g({value!r})\n"
        assert f"return g({value!r})" not in after(source)
