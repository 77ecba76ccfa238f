"""Runs are made again while the machine gives less than it can, for every peer alike."""

from collections.abc import Sequence

from benchmarks.limits import Limits
from benchmarks.undisturbed import Watch


class Machine(Limits):
    """Gives its peak at first, then the shares it is told."""

    def __init__(self, shares: Sequence[float]) -> None:
        self.shares = iter([1.0] * 12 + list(shares))

    def __bool__(self) -> bool:
        return True

    def measure(self, threads: int, seconds: float = 0.0) -> dict[str, float]:
        return {"operations": 50.0 * threads * next(self.shares)}


def run(shares: Sequence[float]) -> tuple[int, float, int]:
    """Which run counts, its share, and how many were made."""
    made: list[int] = []

    def once() -> int:
        made.append(len(made) + 1)
        return made[-1]

    result = Watch(Machine(shares), 2).run(once)
    return result.answer, result.share, len(made)


def test_an_undisturbed_run_is_made_once() -> None:
    assert run([1.0, 0.95]) == (1, 0.95, 1)


def test_a_run_is_as_disturbed_as_the_worse_of_before_and_after() -> None:
    assert run([0.5, 1.0, 1.0]) == (2, 1.0, 2)
    assert run([1.0, 0.5, 1.0, 1.0]) == (3, 1.0, 3)


def test_the_least_disturbed_of_four_counts() -> None:
    assert run([0.5, 0.6, 0.8, 0.7, 0.5]) == (3, 0.7, 4)
    assert run([0.5, 0.6, 0.5, 0.5, 0.5])[1:] == (0.5, 4)


def test_without_limits_every_run_counts() -> None:
    assert Watch(Limits(None), 2).run(lambda: "ran").share == 1.0
