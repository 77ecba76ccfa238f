"""The modules of the checkout and what each imports, read from the files without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS = {"densefit._kernels"}  # modules without a Python file
PACKAGES = {"densefit": ROOT / "src" / "densefit", "grader": ROOT / "grader"}


@dataclass(frozen=True)
class Import:
    """One imported name; ``module`` is absolute, ``name`` is None in ``import module``."""

    module: str
    name: str | None
    line: int
    at_run_time: bool
    when_imported: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class Module:
    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def imports(self) -> list[Import]:
        return list(self._imports(ast.parse(self.text), True, True))

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def _imports(self, node: ast.AST, at_run_time: bool, when_imported: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, None, child.lineno, at_run_time, when_imported)
            elif isinstance(child, ast.ImportFrom):
                module = self._absolute(child)
                for alias in child.names:
                    yield Import(module, alias.name, child.lineno, at_run_time, when_imported)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from self._imports(child, False, when_imported)
            else:
                inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from self._imports(child, at_run_time, when_imported and not inside)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        parts = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        kept = parts[: len(parts) - (node.level - 1)]
        return ".".join([*kept, *([node.module] if node.module else [])])


def modules_under(package: str, folder: Path) -> list[Module]:
    """Every module of the package ``package`` whose files lie in ``folder``."""

    def name(path: Path) -> str:
        inside = path.relative_to(folder).with_suffix("").parts
        return ".".join([package, *(part for part in inside if part != "__init__")])

    return [Module(name(path), path) for path in sorted(folder.rglob("*.py"))]


def all_modules() -> dict[str, Module]:
    """Every module of both packages by name."""
    found = (modules_under(name, folder) for name, folder in PACKAGES.items())
    return {module.name: module for modules in found for module in modules}


def dependencies(modules: dict[str, Module]) -> dict[str, set[str]]:
    """Which module needs which of the others to be imported, imports inside functions left out."""

    def targets(module: Module) -> Iterator[str]:
        for item in module.imports:
            if not (item.at_run_time and item.when_imported):
                continue
            submodule = f"{item.module}.{item.name}"
            target = submodule if submodule in modules.keys() | EXTENSIONS else item.module
            if target in modules and target != module.name:
                yield target

    return {name: set(targets(module)) for name, module in modules.items()}


def first_circle(graph: dict[str, set[str]]) -> list[str]:
    """The names along one circle of the graph, or an empty list."""
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        for target in sorted(graph[name]):
            if circle := visit(target, [*trail, name]):
                return circle
        done.add(name)
        return []

    return next((circle for name in sorted(graph) if (circle := visit(name, []))), [])
