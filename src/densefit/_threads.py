"""How many threads densefit may use, within a ``with`` block and as a report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from densefit import ops
from densefit.ops import get_num_threads, set_num_threads

__all__ = ["get_num_threads", "set_num_threads", "threadpool_info", "threads"]


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Within the ``with`` block, or the function it decorates, use at most ``n`` threads.

    The number is the whole process's, and every number gives the same bits. Raises ValueError
    unless ``n`` is a positive integer.
    """
    before = get_num_threads()
    set_num_threads(n)
    try:
        yield
    finally:
        set_num_threads(before)


def threadpool_info() -> list[dict[str, Any]]:
    """What threadpoolctl's function of this name tells of other libraries, of densefit.

    ``num_threads`` is the most that a call may use (small networks use fewer, where more would
    not pay), ``processors`` what this process may run on, ``architecture`` the instruction set.
    """
    return [
        {
            "user_api": "densefit",
            "internal_api": "densefit",
            "num_threads": get_num_threads(),
            "processors": ops.processors(),
            "architecture": ops.current_isa(),
            "available_architectures": ops.available_isas(),
        }
    ]
