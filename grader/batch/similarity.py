"""Finds submissions that share more than chance: winnowing over normalised syntax trees.

S. Schleimer, D. Wilkerson, A. Aiken, *Winnowing: local algorithms for document fingerprinting*,
SIGMOD 2003. A source becomes the sequence of its tree's nodes, in which names of variables,
values of numbers, comments, docstrings and layout no longer exist; operators, and what is called
on NumPy, stay. Of every ``WINDOW`` neighbouring hashes of ``LENGTH`` nodes the smallest is kept,
so a common run of ``LENGTH + WINDOW - 1`` nodes is always found, wherever it was moved to.

What everybody was given (the starter) and what many wrote alike (short functions have few forms)
tells nothing about a pair and is left out.
"""

from __future__ import annotations

import ast
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

LENGTH = 18
WINDOW = 8
COMMON = 0.25  # a fingerprint in more than this part of a class says nothing
SMALL_CLASS = 8  # below, one cannot say what is common
FEW = 6  # fingerprints that remain; fewer are no ground for a comparison

Fingerprints = dict[int, tuple[int, int]]  # hash -> first and last line of what it stands for


@dataclass(frozen=True)
class Pair:
    """Two sources and the lines of each that are alike; ``share`` is of the shorter one."""

    a: str
    b: str
    share: float
    lines_a: tuple[int, ...]
    lines_b: tuple[int, ...]


def fingerprints(source: str) -> Fingerprints:
    """The winnowed hashes of a source; none when Python cannot read it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    nodes = list(_nodes(tree))
    hashes = [
        (zlib.crc32(" ".join(word for word, _ in nodes[i : i + LENGTH]).encode()), i)
        for i in range(len(nodes) - LENGTH + 1)
    ]
    lines = [line for _, line in nodes]
    return {h: _span(lines[i : i + LENGTH]) for h, i in _winnowed(hashes).items()}


def similar_pairs(
    sources: Mapping[str, str],
    *,
    given: Sequence[str] = (),
    known: Mapping[str, str] | None = None,
    threshold: float = 0.6,
) -> list[Pair]:
    """Pairs that share at least ``threshold`` of the shorter one, the most alike first.

    ``given`` was handed out; ``known`` are solutions to compare with, but not with each other.
    """
    handed_out = {print_ for text in given for print_ in fingerprints(text)}
    everyone = {name: fingerprints(text) for name, text in sources.items()}
    ignored = handed_out | _common(list(everyone.values()))
    solutions = {name: fingerprints(text) for name, text in (known or {}).items()}
    prints = {
        name: {h: line for h, line in found.items() if h not in ignored}
        for name, found in (everyone | solutions).items()
    }
    prints = {name: found for name, found in prints.items() if len(found) >= FEW}
    pairs = [
        _pair(a, b, prints)
        for a, b in _candidates(prints)
        if not (a in solutions and b in solutions)
    ]
    return sorted((p for p in pairs if p.share >= threshold), key=lambda p: (-p.share, p.a, p.b))


def _nodes(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The words of a tree in the order of the source, with their lines."""
    stack: list[tuple[ast.AST, int]] = [(tree, 1)]
    while stack:
        node, line = stack.pop()
        line = getattr(node, "lineno", line)
        if isinstance(node, ast.expr_context):
            continue
        yield _word(node), line
        children = [c for c in ast.iter_child_nodes(node) if not _is_docstring(c)]
        stack.extend((child, line) for child in reversed(children))


def _word(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    return type(node).__name__


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _span(lines: Sequence[int]) -> tuple[int, int]:
    return min(lines), max(lines)


def _winnowed(hashes: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The smallest hash of every window, and its position; of equal ones the first counts."""
    kept: dict[int, int] = {}
    for start in range(max(1, len(hashes) - WINDOW + 1)):
        window = hashes[start : start + WINDOW]
        if window:
            smallest, position = min(window)
            kept.setdefault(smallest, position)
    return kept


def _common(everyone: Sequence[Fingerprints]) -> set[int]:
    if len(everyone) < SMALL_CLASS:
        return set()
    counted = Counter(h for found in everyone for h in found)
    return {h for h, count in counted.items() if count > COMMON * len(everyone)}


def _candidates(prints: Mapping[str, Fingerprints]) -> list[tuple[str, str]]:
    """The pairs that share anything, found without comparing everybody with everybody."""
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for name in sorted(prints):
        for h in prints[name]:
            holders[h].append(name)
    return sorted({pair for names in holders.values() for pair in combinations(names, 2)})


def _pair(a: str, b: str, prints: Mapping[str, Fingerprints]) -> Pair:
    shared = prints[a].keys() & prints[b].keys()
    share = len(shared) / min(len(prints[a]), len(prints[b]))
    return Pair(a, b, share, _lines(prints[a], shared), _lines(prints[b], shared))


def _lines(found: Fingerprints, shared: Set[int]) -> tuple[int, ...]:
    spans = [found[h] for h in shared]
    return tuple(sorted({line for first, last in spans for line in range(first, last + 1)}))
