"""The arrows of the design: cli, service, lms → grader core → densefit → ops → kernels.

Read from the files of the checkout, so that no import has to succeed for the rules to hold.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

from source_tree import PACKAGES, ROOT, Module, all_modules, dependencies, first_circle

MODULES = all_modules()
DENSEFIT = [module for module in MODULES.values() if module.name.split(".")[0] == "densefit"]
GRADER = [module for module in MODULES.values() if module.name.split(".")[0] == "grader"]
MAX_LINES = 500
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:root|home|Users|work|tmp|mnt)/\w|\b[A-Z]:\\\\?Users\b")


def where(module: Module, line: int) -> str:
    return f"{module.path.relative_to(ROOT)}:{line}"


def test_only_ops_imports_the_kernels() -> None:
    importers = {
        module.name
        for module in MODULES.values()
        for item in module.imports
        if "densefit._kernels" in (item.module, f"{item.module}.{item.name}")
    }
    assert importers <= {"densefit.ops"}


def test_densefit_does_not_know_the_grader() -> None:
    found = [where(m, i.line) for m in DENSEFIT for i in m.imports if i.top == "grader"]
    assert found == []


def public_names(module: Module) -> set[str] | None:
    """The strings in ``__all__``, or None when the module has none."""
    for node in ast.parse(module.text).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            return set(ast.literal_eval(node.value))
    return None


def trouble(module: str, name: str | None) -> str | None:
    """Why importing ``name`` from densefit's ``module`` reaches behind the public API."""
    dotted = f"{module}.{name}" if name else module
    if any(part.startswith("_") and part != "__version__" for part in dotted.split(".")):
        return f"{dotted} is private"
    if module not in MODULES:
        return f"{module} does not exist"
    if name is None or f"{module}.{name}" in MODULES:
        return None
    public = public_names(MODULES[module])
    if name != "__version__" and public is not None and name not in public:
        return f"{name} is not in __all__ of {module}"
    return None


def test_the_grader_uses_public_densefit_names_only() -> None:
    checks = sorted((ROOT / "assignments").rglob("*.py"))
    files = GRADER + [Module(path.stem, path) for path in checks]
    found = [
        f"{where(module, item.line)}: {why}"
        for module in files
        for item in module.imports
        if item.top == "densefit" and (why := trouble(item.module, item.name))
    ]
    assert found == []


def test_the_worker_imports_the_standard_library_and_numpy_only() -> None:
    worker = MODULES["grader.sandbox.worker"]
    allowed = set(sys.stdlib_module_names) | {"numpy"}
    assert {item.top for item in worker.imports} <= allowed


def test_only_service_and_cli_import_lms() -> None:
    def may(name: str) -> bool:
        return name == "grader.cli" or name.startswith(
            ("grader.service", "grader.lms", "grader.cli.")
        )

    found = [
        where(module, item.line)
        for module in GRADER
        for item in module.imports
        if not may(module.name) and f"{item.module}.{item.name}.".startswith("grader.lms.")
    ]
    assert found == []


def test_lti_knows_neither_the_service_nor_a_web_framework() -> None:
    outside = {"starlette", "uvicorn", "sqlalchemy", "alembic"}
    found = [
        where(module, item.line)
        for module in GRADER
        if module.name.startswith("grader.lti")
        for item in module.imports
        if item.top in outside or item.module.startswith(("grader.service", "grader.store"))
    ]
    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_there_is_no_circle_of_imports(package: str) -> None:
    inside = {n: m for n, m in MODULES.items() if n.split(".")[0] == package}
    assert len(inside) > 1
    assert first_circle(dependencies(inside)) == []


def test_a_circle_would_be_found() -> None:
    assert first_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert first_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def source_files() -> list[Path]:
    folders = ("src", "grader", "csrc", "assignments", "tests", "tools", "examples", "benchmarks")
    kinds = {".py", ".pyx", ".pxd", ".c", ".h", ".sh"}
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in kinds
    ]


def test_no_file_is_long() -> None:
    lengths = {path: len(path.read_bytes().splitlines()) for path in source_files()}
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MAX_LINES} == {}


def test_no_source_mentions_the_paths_of_a_machine() -> None:
    found = [
        f"{where(module, number)}: {line.strip()}"
        for module in MODULES.values()
        for number, line in enumerate(module.text.splitlines(), 1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('open("/home/someone/x")', True),
        ('"/tmp/x"', True),
        (r'"C:\\Users\\x"', True),
        ("a / work / b", False),
        ("https://example.org/home/page", False),
    ],
)
def test_the_paths_of_a_machine_are_recognised(text: str, found: bool) -> None:
    assert bool(MACHINE_PATHS.search(text)) == found
