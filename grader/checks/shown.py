"""How a law is shown to be broken: lines of NumPy that make its own calls and compare them.

The lines follow the arguments of a counterexample and end with an ``assert`` that fails for the
submission and holds for a correct one, because the room that it leaves is the judge's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

WIDER = 1.05


@dataclass(frozen=True)
class Calls:
    """Writes calls of one function. What the function changes is passed as a copy.

    ``written`` is how the statement reads around a ``{call}`` that gives no plain outputs.
    """

    function: str
    outputs: tuple[str, ...]
    arguments: tuple[str, ...]
    changed: frozenset[str] = frozenset()
    written: str | None = None

    def line(self, suffix: str = "", **expressions: str) -> str:
        """A call whose results get the names of the outputs, with a suffix."""
        own = {name: f"{name}.copy()" if name in self.changed else name for name in self.arguments}
        call = f"{self.function}({', '.join((own | expressions).values())})"
        if self.written is not None:
            return self.written.format(call=call)
        return f"{', '.join(output + suffix for output in self.outputs)} = {call}"

    @property
    def without_copies(self) -> Calls:
        """Calls that may change what they are given."""
        return replace(self, changed=frozenset())


Lines = Callable[[Calls], Sequence[str]]


@dataclass(frozen=True)
class Shown:
    """The lines, and the variable that holds the wrong value afterwards."""

    lines: Lines
    got: str | None = None


@dataclass(frozen=True)
class Element:
    """The first element that differs: never more of the reference than this.

    ``room`` is how far it may be from ``expected``.
    """

    output: str
    index: tuple[int, ...]
    got: float
    expected: float | None
    shape: tuple[int, ...]
    room: float = 0.0


def differing(lines: Lines, got: str, expected: str, element: Element) -> Shown:
    """After the lines the variable ``got`` differs from the expression ``expected``."""
    at = "[" + ", ".join(map(str, element.index)) + "]" if element.index else ""
    one, other = got + at, "expected" + at
    compared = [
        f"expected = {expected}",
        f"assert abs({one} - {other}) <= {_room(element)}, ({one}, {other})",
    ]
    return Shown(lambda calls: [*lines(calls), *compared], got)


def _room(element: Element) -> str:
    """The room with two digits where that decides alike; with all its digits otherwise."""
    short = f"{WIDER * element.room:.1e}"
    apart = abs(element.got - (element.expected or 0.0))
    clear = element.room <= float(short) and not apart <= 2 * float(short)
    return short if clear else repr(element.room)
