"""Every mutant of a solution: its source with one mistake in it."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from grader.verify.operators import EXPRESSIONS, STATEMENTS


@dataclass(frozen=True)
class Mutant:
    """A solution with one mistake.

    ``function`` is the top-level function it is in, ``before`` and ``after`` the lines that
    differ, as :func:`ast.unparse` writes them: together they name the mutant.
    """

    function: str
    operator: str
    line: int
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in a list of mutants, whatever line it is on."""
        return self.function, self.before, self.after


def mutants(source: str, arguments: Mapping[str, Sequence[str]]) -> list[Mutant]:
    """The different mutants of ``source``, in the order of its lines.

    ``arguments`` holds for each function of the contract the names of its arguments that are
    arrays: the contract says that they stay as they are, so mutants that change them are made.
    """
    tree = ast.parse(source)
    plain = ast.unparse(tree)
    seen = {plain}
    found = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for operator, line in _mutate(node, arguments.get(node.name, ())):
            changed = ast.unparse(ast.fix_missing_locations(deepcopy(tree)))
            if changed not in seen and _compiles(changed):
                seen.add(changed)
                before, after = _difference(plain, changed)
                found.append(Mutant(node.name, operator, line, before, after, changed))
    return sorted(found, key=lambda mutant: mutant.line)


def callers(source: str) -> dict[str, set[str]]:
    """For each top-level function those that call it, directly or not, itself included."""
    functions = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    names = {function.name for function in functions}
    uses = {
        f.name: {n.id for n in ast.walk(f) if isinstance(n, ast.Name)} & names for f in functions
    }
    found = {name: {name} for name in names}
    while True:
        grown = {
            name: known | {caller for caller in names if uses[caller] & known}
            for name, known in found.items()
        }
        if grown == found:
            return found
        found = grown


def _mutate(function: ast.FunctionDef, arrays: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Put one mistake after another into the tree; each is undone when the next is asked for."""
    for holder, name, place in list(_expressions(function)):
        node = _read(holder, name, place)
        for operator, make in EXPRESSIONS.items():
            for other in list(make(node)):
                _write(holder, name, place, other)
                yield operator, node.lineno
        for other in _other_arguments(function, node, arrays):
            _write(holder, name, place, other)
            yield "argument replaced", node.lineno
        _write(holder, name, place, node)
    for body, i in list(_statements(function)):
        statement = body[i]
        for operator, change in STATEMENTS.items():
            for others in list(change(statement)):
                body[i : i + 1] = others
                yield operator, statement.lineno
                body[i : i + len(others)] = [statement]
    yield from _spoil_arguments(function, arrays)


def _expressions(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where an expression stands: its parent, the field, and the place in it if that is a list."""
    for parent in [node for part in _code(function) for node in ast.walk(part)]:
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.expr) and not isinstance(value, ast.Slice):
                yield parent, name, None
            elif isinstance(value, list):
                for i, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        yield parent, name, i


def _code(function: ast.FunctionDef) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _statements(function: ast.FunctionDef) -> Iterator[tuple[list[ast.stmt], int]]:
    for node in ast.walk(function):
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                yield from ((body, i) for i, item in enumerate(body) if not _docstring(item))


def _docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _read(holder: ast.AST, name: str, place: int | None) -> ast.expr:
    value = getattr(holder, name)
    found: ast.expr = value if place is None else value[place]
    return found


def _write(holder: ast.AST, name: str, place: int | None, node: ast.expr) -> None:
    if place is None:
        setattr(holder, name, node)
    else:
        getattr(holder, name)[place] = node


def _other_arguments(
    function: ast.FunctionDef, node: ast.expr, arrays: Sequence[str]
) -> Iterator[ast.expr]:
    """Another argument where one is read: of the same kind, or its neighbour if nobody knows."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    names = [argument.arg for argument in function.args.args]
    if node.id not in names:
        return
    place = names.index(node.id)
    for i, other in enumerate(names):
        alike = (other in arrays) == (node.id in arrays) if arrays else abs(i - place) == 1
        if i != place and alike:
            yield ast.Name(other, ast.Load())


def _spoil_arguments(function: ast.FunctionDef, arrays: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Each array argument in turn is cleared once the result is there."""
    last = function.body[-1]
    for name in arrays:
        (clear,) = ast.parse(f"{name}[...] = 0").body
        if isinstance(last, ast.Return) and last.value is not None:
            keep = ast.Assign([ast.Name("result", ast.Store())], last.value)
            function.body[-1:] = [keep, clear, ast.Return(ast.Name("result", ast.Load()))]
            yield "argument modified", last.lineno
            function.body[-3:] = [last]
        else:
            function.body.append(clear)
            yield "argument modified", last.lineno
            del function.body[-1]


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _difference(before: str, after: str) -> tuple[str, str]:
    """The lines that only one of two texts has."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    removed = [line[2:].strip() for line in lines if line.startswith("- ")]
    added = [line[2:].strip() for line in lines if line.startswith("+ ")]
    return " ⏎ ".join(removed), " ⏎ ".join(added)
