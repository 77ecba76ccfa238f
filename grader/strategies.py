"""Inputs described once, drawn two ways: in bulk with NumPy, or by Hypothesis to be shrunk.

An :class:`Inputs` names the arguments of a function and says how each is built from a
:class:`Source` of choices. :class:`BulkSource` makes the choices with a NumPy generator, hundreds
of examples in a millisecond; :class:`ShrinkingSource` makes the same choices with Hypothesis,
which is imported only then, and can therefore make a failing example small.

Options are written simplest first: that is where shrinking ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.sandbox.protocol import LAYOUTS, Seed, arrange

Array = NDArray[Any]
T = TypeVar("T")

FLOATS = ("float64", "float32")
LABELS = ("int64", "int32", "uint8")
# Shrunk examples stay this small; a failure that needs larger ones is shown as it was drawn.
SHRUNK_DIMENSION = 5
WIDE = 40


@dataclass(frozen=True)
class Example:
    """One drawn set of arguments, in the order of the function's signature."""

    arguments: dict[str, Any]
    dimensions: dict[str, int]

    @property
    def args(self) -> tuple[Any, ...]:
        """The arguments as they are passed."""
        return tuple(self.arguments.values())

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def replace(self, **arguments: Any) -> tuple[Any, ...]:
        """The arguments with some of them exchanged."""
        return tuple((self.arguments | arguments).values())

    def called(self, args: tuple[Any, ...]) -> Example:
        """The same call with other arguments."""
        return Example(dict(zip(self.arguments, args, strict=True)), self.dimensions)


class Source(Protocol):
    """Where choices come from."""

    def integer(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        ...

    def choice(self, options: Sequence[T]) -> T:
        """One of the options; the first is the simplest."""
        ...

    def array(self, shape: tuple[int, ...], scale: float) -> Array:
        """Float64 numbers of both signs, with exact zeros and ties among them."""
        ...

    def labels(self, shape: tuple[int, ...], classes: int) -> Array:
        """Integers from 0 to ``classes - 1``."""
        ...


class BulkSource:
    """Choices from a NumPy generator: fast, and from every regime within a few examples."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def integer(self, low: int, high: int) -> int:
        """Small and edge values often, the whole range sometimes; wide ranges by magnitude."""
        if high > WIDE and self.rng.random() < 0.5:
            return round(math.exp(self.rng.uniform(math.log(max(low, 1)), math.log(high))))
        high = min(high, max(low, WIDE))
        kind = self.rng.random()
        span = high if kind < 0.35 else min(high, low + 5) if kind < 0.85 else low
        return int(self.rng.integers(low, span + 1))

    def choice(self, options: Sequence[T]) -> T:
        """Each option equally often."""
        return options[int(self.rng.integers(len(options)))]

    def array(self, shape: tuple[int, ...], scale: float) -> Array:
        """Normal numbers, small integers, or normal numbers with holes."""
        kind = int(self.rng.integers(4))
        if kind == 0:
            return self.rng.integers(-3, 4, shape) * scale
        values = self.rng.normal(0.0, scale, shape)
        return values * (self.rng.random(shape) < 0.7) if kind == 1 else values

    def labels(self, shape: tuple[int, ...], classes: int) -> Array:
        """Each class equally often."""
        return self.rng.integers(0, classes, shape)


class ShrinkingSource:
    """The same choices from Hypothesis' ``draw``, in a range that a reader can take in."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw

    def integer(self, low: int, high: int) -> int:
        """Shrinks to ``low``."""
        from hypothesis import strategies as st

        return int(self.draw(st.integers(low, min(high, max(low, SHRUNK_DIMENSION)))))

    def choice(self, options: Sequence[T]) -> T:
        """Shrinks to the first option."""
        from hypothesis import strategies as st

        chosen: T = self.draw(st.sampled_from(list(options)))
        return chosen

    def array(self, shape: tuple[int, ...], scale: float) -> Array:
        """Small whole numbers, else eighths; shrinks to zeros."""
        from hypothesis import strategies as st
        from hypothesis.extra import numpy as hnp

        # Drawn as integers, so that everything shrinks to a number that reads well.
        eighths = st.one_of(st.integers(-9, 9).map(lambda k: 8 * k), st.integers(-72, 72))
        drawn = self.draw(hnp.arrays(np.int64, shape, elements=eighths))
        return np.asarray(drawn / 8.0 * scale)

    def labels(self, shape: tuple[int, ...], classes: int) -> Array:
        """Shrinks to class 0."""
        from hypothesis import strategies as st
        from hypothesis.extra import numpy as hnp

        drawn: Array = self.draw(hnp.arrays(np.int64, shape, elements=st.integers(0, classes - 1)))
        return drawn


@dataclass
class Draft:
    """An example while it is built: later arguments may depend on earlier ones."""

    source: Source
    dimensions: dict[str, int]
    dtype: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def shape(self, symbols: Sequence[str]) -> tuple[int, ...]:
        """The sizes of the named dimensions."""
        return tuple(self.dimensions[symbol] for symbol in symbols)


class Spec(Protocol):
    """How one argument is built."""

    def build(self, draft: Draft) -> Any:
        """The argument's value."""
        ...


@dataclass(frozen=True)
class Floats:
    """A float array: ``shape`` in dimension names, magnitudes around a power of ten.

    ``exponents`` are the powers to choose from, the ordinary one first; a third of the examples
    take another than the first. With ``pixels`` some are whole numbers from 0 to 255, as images
    come.
    """

    shape: str
    exponents: tuple[int, ...] = (0,)
    pixels: bool = False

    def build(self, draft: Draft) -> Array:
        """Draw magnitude, values and memory layout; the dtype is the example's."""
        if self.pixels and draft.source.choice((False, False, False, False, True)):
            grey = np.abs(draft.source.array(draft.shape(self.shape.split()), 60.0))
            layout = draft.source.choice(("C", *LAYOUTS))
            return arrange(np.minimum(np.rint(grey), 255.0).astype(np.uint8), layout)
        ordinary = draft.source.choice((True, True, False))
        exponent = self.exponents[0] if ordinary else draft.source.choice(self.exponents)
        values = draft.source.array(draft.shape(self.shape.split()), 10.0**exponent)
        return arrange(values.astype(draft.dtype), draft.source.choice(("C", *LAYOUTS)))


@dataclass(frozen=True)
class AnyShape:
    """A float array of one to ``most`` dimensions; every :class:`AnyShape` of an example agrees."""

    exponents: tuple[int, ...] = (0,)
    most: int = 3

    def build(self, draft: Draft) -> Array:
        """The shape is drawn once for an example, under the dimensions ``0``, ``1``, ``2``."""
        if "0" not in draft.dimensions:
            for axis in range(draft.source.choice(tuple(range(1, self.most + 1)))):
                draft.dimensions[str(axis)] = draft.source.integer(1, 12)
        symbols = " ".join(k for k in draft.dimensions if k.isdigit())
        return Floats(symbols, self.exponents).build(draft)


@dataclass(frozen=True)
class Labels:
    """Integer class labels of shape (``count``,), below the dimension ``classes``."""

    count: str
    classes: str

    def build(self, draft: Draft) -> Array:
        """Draw labels in an integer dtype that can hold them."""
        classes = draft.dimensions[self.classes]
        values = draft.source.labels(draft.shape([self.count]), classes)
        return values.astype(draft.source.choice(LABELS if classes <= 256 else LABELS[:2]))


@dataclass(frozen=True)
class OneOf:
    """One of some values."""

    options: tuple[Any, ...]

    def build(self, draft: Draft) -> Any:
        """Draw one."""
        return draft.source.choice(self.options)


@dataclass(frozen=True)
class Whole:
    """An integer, as an argument of its own."""

    low: int
    high: int

    def build(self, draft: Draft) -> int:
        """Draw it."""
        return draft.source.integer(self.low, self.high)


@dataclass(frozen=True)
class Generator:
    """A random generator; it travels as its seed."""

    def build(self, draft: Draft) -> Seed:
        """Draw the seed."""
        return Seed(draft.source.choice(tuple(range(100))))


@dataclass(frozen=True)
class Derived:
    """An argument computed from the source and the arguments before it."""

    make: Callable[[Draft], Any]

    def build(self, draft: Draft) -> Any:
        """Compute it."""
        return self.make(draft)


@dataclass(frozen=True)
class Inputs:
    """The arguments of a function: dimensions ``name → (low, high)`` and a :class:`Spec` each."""

    arguments: Mapping[str, Spec]
    dimensions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    dtypes: tuple[str, ...] = FLOATS

    def build(self, source: Source) -> Example:
        """One example from a source of choices."""
        sizes = {name: source.integer(*bounds) for name, bounds in self.dimensions.items()}
        draft = Draft(source, sizes, source.choice(self.dtypes))
        for name, spec in self.arguments.items():
            draft.arguments[name] = spec.build(draft)
        return Example(draft.arguments, draft.dimensions)

    def bulk(self, rng: np.random.Generator, count: int) -> list[Example]:
        """``count`` examples at NumPy's speed."""
        source = BulkSource(rng)
        return [self.build(source) for _ in range(count)]

    def strategy(self) -> Any:
        """The same examples as a Hypothesis strategy."""
        from hypothesis import strategies as st

        return st.composite(lambda draw: self.build(ShrinkingSource(draw)))()
