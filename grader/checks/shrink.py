"""Makes a failing example small with Hypothesis, under a derandomised profile and a deadline."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from grader.strategies import Example, Inputs

if TYPE_CHECKING:
    from hypothesis import settings

T = TypeVar("T")

PROFILE = "grader"
MAX_EXAMPLES = 150


class _Enough(BaseException):
    """The time is up. Not an Exception, which Hypothesis would take for a failing example."""


def profile() -> settings:
    """The named profile: the same search every time, no database, no deadline of its own."""
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        PROFILE,
        derandomize=True,
        deadline=None,
        database=None,
        print_blob=True,
        max_examples=MAX_EXAMPLES,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    return settings.get_profile(PROFILE)


def smallest(inputs: Inputs, attempt: Callable[[Example], T | None], seconds: float) -> T | None:
    """What ``attempt`` gives for the smallest example that it accepts; None if none was found.

    The best found so far counts when the time runs out.
    """
    from hypothesis import find
    from hypothesis.errors import HypothesisException

    best: list[T] = []
    strategy, search = inputs.strategy(), profile()  # imports that are not on the search's time
    end = time.monotonic() + seconds

    def condition(example: Example) -> bool:
        if time.monotonic() > end:
            raise _Enough
        found = attempt(example)
        if found is not None:
            best[:] = [found]
        return found is not None

    # NoSuchExample, and Flaky for a submission that answers differently the second time.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            find(strategy, condition, settings=search)
    except (_Enough, HypothesisException, ExceptionGroup):
        pass
    return best[0] if best else None
