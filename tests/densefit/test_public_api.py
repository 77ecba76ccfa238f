"""Every public name is documented and typed: summary, types, shapes of arrays, errors it raises."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import densefit

# What needs an extra that is not installed is looked at where it is.
OPTIONAL = {"densefit.sklearn": "sklearn"}
SHAPE = re.compile(r"shape|\((?:N|n_\w+|D|M|C)\b|\(\w+(?: \+ 1)?,|per (?:sample|epoch)|Axes\b")
ARRAY = re.compile(r"\b(ArrayLike|NDArray|Floats|Integers|ndarray|Array)\b")


@dataclass(frozen=True)
class Item:
    """A public function or class, or a public method of one."""

    name: str
    thing: Any
    owners: tuple[Any, ...]  # the class it is of, the module it is of

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.thing) or ""

    @property
    def all_docs(self) -> str:
        """Its docstring, and what the class or the module says for all of theirs."""
        own = [self.thing, *self.owners]
        if inspect.isclass(self.thing):
            own.append(self.thing.__init__)
        return "\n".join(inspect.getdoc(owner) or "" for owner in own)

    @property
    def function(self) -> Callable[..., Any] | None:
        """What is called: the function, or the constructor of a class written here."""
        if inspect.isclass(self.thing):
            init = vars(self.thing).get("__init__")
            return init if inspect.isfunction(init) and ours(init) else None
        return self.thing if inspect.isfunction(self.thing) else None


def ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] == "densefit"


def public_modules() -> Iterator[Any]:
    yield densefit
    for found in pkgutil.walk_packages(densefit.__path__, "densefit."):
        parts = found.name.split(".")
        if any(part.startswith("_") for part in parts):
            continue
        needed = OPTIONAL.get(".".join(parts[:2]))
        if needed is None or importlib.util.find_spec(needed) is not None:
            yield importlib.import_module(found.name)


def items() -> Iterator[Item]:
    for module in public_modules():
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if not ours(thing) or not (inspect.isfunction(thing) or inspect.isclass(thing)):
                continue
            home = importlib.import_module(thing.__module__)
            yield Item(f"{thing.__module__}.{thing.__qualname__}", thing, (home,))
            if inspect.isclass(thing) and not getattr(thing, "_is_protocol", False):
                yield from methods(thing, home)


def methods(cls: type, home: Any) -> Iterator[Item]:
    for name, member in vars(cls).items():
        thing = member.fget if isinstance(member, property) else member
        thing = thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing
        if not name.startswith("_") and inspect.isfunction(thing) and ours(thing):
            yield Item(f"{cls.__module__}.{cls.__qualname__}.{name}", thing, (cls, home))


ITEMS = {item.name: item for item in items()}


def raised_by(function: Callable[..., Any]) -> set[str]:
    """The exceptions raised with a message in the function's own lines, by name.

    Without one they are raised again, or the method is for subclasses to write.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return set()
    raised = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise))
    called = {exc.func.id for exc in raised
              if isinstance(exc, ast.Call) and isinstance(exc.func, ast.Name)}  # fmt: skip
    return {name for name in called if name[0].isupper()}


def complaints(item: Item) -> list[str]:
    """What is missing of the item's documentation and types."""
    found = []
    if not re.match(r"\S.{8,}", item.doc) or not item.doc.split("\n\n")[0].rstrip().endswith("."):
        found.append("no summary that ends with a full stop")
    function = item.function
    if function is None:
        return found
    parameters = list(inspect.signature(function).parameters.values())
    untyped = [
        p.name for p in parameters if p.annotation is p.empty and p.name not in ("self", "cls")
    ]
    if untyped:
        found.append(f"parameters without a type: {untyped}")
    if function.__name__ != "__init__" and "return" not in function.__annotations__:
        found.append("no return type")
    annotations = " ".join(map(str, function.__annotations__.values()))
    if ARRAY.search(annotations) and not SHAPE.search(item.all_docs):
        found.append("takes or gives arrays, but tells no shape")
    elsewhere = re.search(r"[Rr]aises? as |errors are those of", item.doc)
    for error in sorted(raised_by(function)):
        if error not in item.all_docs and not elsewhere:
            found.append(f"raises {error}, and does not say so")
    return found


def test_the_walk_finds_the_api() -> None:
    assert len(ITEMS) > 200
    for name in ("functional.dense_forward", "sequential.Sequential.fit", "layers.dense.Dense"):
        assert f"densefit.{name}" in ITEMS


@pytest.mark.parametrize("name", ITEMS)
def test_it_is_documented_and_typed(name: str) -> None:
    assert complaints(ITEMS[name]) == []


def undocumented(x: int, y) -> int:  # type: ignore[no-untyped-def]
    raise ValueError("not said above")


def test_what_is_missing_is_found() -> None:
    found = complaints(Item("undocumented", undocumented, ()))
    assert len(found) == 3
    assert any("['y']" in text for text in found)
    assert any("ValueError" in text for text in found)


@pytest.mark.parametrize("module", list(public_modules()), ids=lambda module: module.__name__)
def test_every_module_says_what_it_is(module: Any) -> None:
    assert (module.__doc__ or "").strip()
    missing = [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)]
    assert missing == []
