"""A named misconception: an executable wrong version of one function, and what to say about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.strategies import Example

LANGUAGES = ("en", "ja")


@dataclass(frozen=True)
class Experiment:
    """Calls that show a mistake whose results cannot be foretold, such as drawn numbers.

    ``calls(example)`` gives the arguments of further calls; ``shows(example, values)`` says
    whether what they returned, the plain call's value first, can only come from this mistake.
    """

    calls: Callable[[Example], Sequence[tuple[Any, ...]]]
    shows: Callable[[Example, Sequence[Any]], bool]


@dataclass(frozen=True)
class Misconception:
    """One mistake that students make, written down as code.

    A failing submission is named after it only when its outputs agree with ``wrong`` on every
    example drawn, so ``wrong`` must be the mistake itself and nothing else.

    ``id``
        Stable name in kebab case, ``"dense-backward-not-transposed"``.
    ``function``
        The function of the contract it is a wrong version of.
    ``wrong``
        Takes that function's arguments and returns what the mistaken code returns; NumPy only.
        It may modify its arguments when that is the mistake.
    ``title``, ``explanation``, ``hint``
        What the student reads, under the keys ``"en"`` and ``"ja"``: the mistake in a few words,
        why it is one, and where to look, without giving the answer away.
    ``experiment``
        Where the results themselves cannot agree: how to tell the mistake by what it does.
        ``wrong`` is then what ``grader verify`` tries the experiment on.
    ``relies_on``
        Functions that this one calls: while one of them is wrong, its mistake explains this one's.
    """

    id: str
    function: str
    wrong: Callable[..., Any]
    title: dict[str, str]
    explanation: dict[str, str]
    hint: dict[str, str]
    experiment: Experiment | None = None
    relies_on: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a misconception that some reader could not read."""
        for name in ("title", "explanation", "hint"):
            texts: dict[str, str] = getattr(self, name)
            missing = [language for language in LANGUAGES if not texts.get(language)]
            if missing:
                raise ValueError(f"misconception {self.id!r}: {name} lacks {', '.join(missing)}")
