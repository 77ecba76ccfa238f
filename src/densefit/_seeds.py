"""Where seeds come from: given, derived from ``utils.set_random_seed``, or fresh; then recorded.

All that is random here is a function of (seed, purpose, counter), so a seed is all there is to
keep. The session's seed, once set, gives the k-th model or the k-th ``fit`` the seed
``blake2b("session seed/k")``: running a notebook from the top again gives the same bits.
"""

from __future__ import annotations

from hashlib import blake2b

from densefit import ops

__all__ = [
    "WeightSeed",
    "check_seed",
    "derived",
    "next_seed",
    "session_seed_is_set",
    "set_session_seed",
]

# Exactly representable as float64, so that a seed survives JSON and a spreadsheet.
_LARGEST = 2**53 - 1

_session_seed: int | None = None
_drawn = 0


def check_seed(seed: object) -> int:
    """``seed`` as an int; TypeError or ValueError if it is not one from 0 to 2**53 - 1."""
    try:
        value = int(seed.__index__())  # type: ignore[attr-defined]
    except AttributeError:
        raise TypeError(f"seed must be an integer, got {type(seed).__name__} {seed!r}") from None
    if not 0 <= value <= _LARGEST:
        raise ValueError(f"seed must be from 0 to 2**53 - 1 = {_LARGEST}, got {value}")
    return value


def set_session_seed(seed: int | None) -> None:
    """Derive all further seeds of the session from ``seed``; None: draw fresh ones again."""
    global _session_seed, _drawn
    _session_seed = None if seed is None else check_seed(seed)
    _drawn = 0


def session_seed_is_set() -> bool:
    """Whether ``set_session_seed`` is in force."""
    return _session_seed is not None


def next_seed() -> int:
    """The session's next seed, or a fresh one from the operating system if none was set."""
    global _drawn
    if _session_seed is None:
        return ops.fresh_seed() & _LARGEST
    seed = derived(_session_seed, str(_drawn))
    _drawn += 1
    return seed


def derived(seed: int, purpose: str) -> int:
    """The seed ``blake2b("seed/purpose")``: another one for each purpose."""
    digest = blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") & _LARGEST


class WeightSeed:
    """The seed of a model's initial weights: open until weights are first drawn, fixed after.

    While it is open, ``fit(seed=...)`` may propose its own, so that one number fixes a whole
    run; weights that somebody has already seen never change.
    """

    def __init__(self, seed: int | None = None) -> None:
        """Fix the seed now if one is given here or set for the session."""
        self.value = None if seed is None else check_seed(seed)
        if self.value is None and session_seed_is_set():
            self.value = next_seed()

    def propose(self, seed: int) -> None:
        """Take ``seed`` if none is fixed yet."""
        if self.value is None:
            self.value = seed

    def fixed(self) -> int:
        """The seed; drawn now if it is still open."""
        if self.value is None:
            self.value = next_seed()
        return self.value
