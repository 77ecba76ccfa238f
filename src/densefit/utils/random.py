"""One seed for a whole session."""

from __future__ import annotations

from densefit._seeds import set_session_seed

__all__ = ["set_random_seed"]


def set_random_seed(seed: int) -> None:
    """Derive the seeds of all models built and trainings begun from now on from ``seed``.

    Running the same cells in the same order after it gives the same bits, on any machine. As
    densefit draws from nothing else, NumPy's and Python's generators are left alone.
    Raises TypeError unless an integer, ValueError unless from 0 to 2**53 - 1.
    """
    set_session_seed(seed)
