"""Mini-batches that come one by one: from a generator, an iterable or an indexed data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from densefit import ops
from densefit.batching import Samples

__all__ = ["Batches", "comes_in_batches"]

Batch = tuple[Any, ...]


def comes_in_batches(x: object) -> bool:
    """Whether ``x`` gives mini-batches, instead of being an array of samples."""
    if hasattr(x, "__array__") or isinstance(x, str | bytes | Sequence | Mapping):
        return False
    return hasattr(x, "__next__") or hasattr(x, "__iter__") or _is_indexed(x)


def _is_indexed(x: object) -> bool:
    return hasattr(x, "__len__") and hasattr(x, "__getitem__")


class Batches:
    """Mini-batches ``(x, y)`` or ``(x, y, weights)`` from what ``fit`` was given.

    An object with ``len`` and ``[i]`` (Keras's ``PyDataset``) gives every mini-batch once an
    epoch, in an order drawn from the seed if ``shuffle``, and hears ``on_epoch_end``; an iterable
    is begun anew in every epoch; a generator goes on where it was.
    """

    def __init__(self, name: str, source: Any, steps: int | None, shuffle: bool = False) -> None:
        """``steps`` mini-batches an epoch, or as many as there are; ValueError if there are less
        or none.
        """
        self.name, self.source, self.shuffle = name, source, shuffle
        self.indexed = _is_indexed(source)
        length = len(source) if hasattr(source, "__len__") else None
        if length is not None and not 0 < (steps or 1) <= length:
            raise ValueError(f"{name} has {length} mini-batches, but {steps or 1} are needed")
        self.steps = length if steps is None else steps
        self._ahead: list[Any] = []
        self.prepare: Callable[[Batch], Samples] = Samples  # type: ignore[assignment]

    def first(self) -> Batch:
        """The first mini-batch, which is not lost by looking at it."""
        if self.indexed:
            return self._checked(self.source[0])
        if hasattr(self.source, "__next__"):
            if not self._ahead:
                self._ahead.append(next(self.source, None))
            return self._checked(self._ahead[0])
        return self._checked(next(iter(self.source), None))

    def epoch(self, epoch: int, seed: int) -> Iterator[Samples]:
        """The mini-batches of an epoch, checked; ValueError if the source runs out of them."""
        given = 0
        for batch in self._raw(epoch, seed):
            yield self.prepare(self._checked(batch))
            given += 1
            if given == self.steps:
                break
        if given < (self.steps or 1):
            raise ValueError(
                f"{self.name} ran out of mini-batches after {given} of epoch {epoch + 1}: give a"
                " generator that never ends and steps_per_epoch=, or an object with len() and [i]"
            )
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()

    def _raw(self, epoch: int, seed: int) -> Iterator[Any]:
        if self.indexed:
            n = len(self.source)
            order = ops.permutation(seed, epoch, n) if self.shuffle else np.arange(n)
            yield from (self.source[int(i)] for i in order)
            return
        while self._ahead:
            yield self._ahead.pop()
        # Not `yield from`, which would close a generator together with this one.
        for batch in self.source:  # noqa: UP028
            yield batch

    def _checked(self, batch: Any) -> Batch:
        if batch is None:
            raise ValueError(f"{self.name} gives no mini-batches")
        if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
            what = f"{len(batch)} of them" if isinstance(batch, tuple | list) else repr(type(batch))
            raise TypeError(
                f"every mini-batch of {self.name} must be (x, y) or (x, y, weights), got {what}"
            )
        return tuple(batch)
