"""Copies are found through renaming, reordering and comments; honest work is not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic")

from grader.batch.similarity import LENGTH, WINDOW, fingerprints, similar_pairs
from grader.submission import decode

CORRECT = Path(__file__).parents[2] / "submissions" / "correct"
SOURCES = {
    path.parent.name: decode(path.name, path.read_bytes())
    for path in sorted(CORRECT.glob("*/submission.py"))
}
ORIGINAL = SOURCES["explicit_loops"]


class Renamed(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(f"q_{node.id}", node.ctx), node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.copy_location(ast.arg(f"q_{node.arg}"), node)


def disguised(source: str) -> str:
    """Every name another, every comment gone, functions in the opposite order."""
    tree = Renamed().visit(ast.parse(source))
    tree.body.reverse()
    return "# my own work\n" + ast.unparse(ast.fix_missing_locations(tree))


def test_there_are_sources_to_compare() -> None:
    assert len(SOURCES) > 4


def test_a_disguised_copy_is_found() -> None:
    pairs = similar_pairs({"a": ORIGINAL, "b": disguised(ORIGINAL)})
    assert [(p.a, p.b) for p in pairs] == [("a", "b")]
    assert pairs[0].share > 0.8  # prints across the seams of functions differ
    assert pairs[0].lines_a
    assert max(pairs[0].lines_b) <= len(disguised(ORIGINAL).splitlines())


def test_names_and_layout_do_not_count() -> None:
    spread = ORIGINAL.replace("\n", "\n\n").replace("0.0", "1.5")
    assert fingerprints(ORIGINAL).keys() == fingerprints(spread).keys()


def test_what_was_handed_out_does_not_count() -> None:
    assert similar_pairs({"a": ORIGINAL, "b": ORIGINAL}, given=[ORIGINAL]) == []


def test_what_a_whole_class_wrote_alike_does_not_count() -> None:
    everyone = {f"s{i}": ORIGINAL for i in range(10)}
    assert similar_pairs(everyone) == []


def test_honest_work_is_not_accused() -> None:
    own = ("explicit_loops", "einsum", "classes_with_wrappers", "idiomatic_numpy", "log_sum_exp")
    assert similar_pairs({name: SOURCES[name] for name in own}) == []


def test_a_known_solution_is_compared_with_students_only() -> None:
    pairs = similar_pairs({"a": ORIGINAL}, known={"k1": ORIGINAL, "k2": ORIGINAL})
    assert sorted((p.a, p.b) for p in pairs) == [("a", "k1"), ("a", "k2")]


@pytest.mark.parametrize("source", ["", "def f(", "\0", "(" * 5000, "x = 1"])
def test_what_cannot_be_read_has_no_prints(source: str) -> None:
    assert fingerprints(source).__class__ is dict
    assert similar_pairs({"a": source, "b": source}) == []


def test_a_common_run_of_the_promised_length_is_always_found() -> None:
    body = "\n".join(f"    total = total + np.exp(x[{i}]) * w.T" for i in range(6))
    function = f"def f(x, w):\n    total = 0\n{body}\n    return total\n"
    assert len(list(ast.walk(ast.parse(function)))) > LENGTH + WINDOW
    one = f"def g(y):\n    return y.sum(axis=0)\n{function}"
    two = f"import numpy\nwhile True:\n    break\n{function}"
    assert fingerprints(one).keys() & fingerprints(two).keys()
