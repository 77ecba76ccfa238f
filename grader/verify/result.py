"""What a verification found: plain data, shown as text or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from grader.verify.evidence import Equivalent
from grader.verify.mutants import Mutant
from grader.verify.tasks import Loss, Naming

SCHEMA = "densefit.grader.verification/1"
LEAST_CAUGHT = 0.99


@dataclass(frozen=True)
class Correct:
    """Gradings of one correct submission, each with another seed, and what they lost."""

    name: str
    gradings: int
    lost: tuple[Loss, ...]


@dataclass(frozen=True)
class Judged:
    """A mutant, the check that caught it if one did, and why it need not be, if it need not."""

    mutant: Mutant
    caught: Loss | None
    excuse: Equivalent | None = None

    @property
    def reason(self) -> str | None:
        """Why it is no mistake, if that is known."""
        return None if self.excuse is None else self.excuse.reason


@dataclass(frozen=True)
class Verification:
    """The results of the parts that were asked for; None for a part that was not."""

    assignment: str
    seed: int
    correct: tuple[Correct, ...] | None = None
    misconceptions: tuple[Naming, ...] | None = None
    pairs: tuple[Naming, ...] | None = None
    mutants: tuple[Judged, ...] | None = None
    stale: tuple[Equivalent, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def gradings(self) -> int:
        """Gradings of correct submissions."""
        return sum(each.gradings for each in self.correct or ())

    @property
    def false_alarms(self) -> int:
        """Gradings of correct submissions that lost a mark."""
        return sum(len({loss.seed for loss in each.lost}) for each in self.correct or ())

    @property
    def unnamed(self) -> list[Naming]:
        """Misconceptions that pass, or are not called by their name."""
        return [n for n in self.misconceptions or () if not n.lost or n.named != n.id]

    @property
    def misnamed_pairs(self) -> list[Naming]:
        """Pairs of misconceptions that got a name that is not theirs."""
        return [n for n in self.pairs or () if not n.true]

    @property
    def mistakes(self) -> list[Judged]:
        """The mutants that are mistakes: all but those known to be equivalent."""
        return [judged for judged in self.mutants or () if judged.reason is None]

    @property
    def survivors(self) -> list[Judged]:
        """The mistakes that no check catches."""
        return [judged for judged in self.mistakes if judged.caught is None]

    @property
    def wrongly_excused(self) -> list[Judged]:
        """Mutants called equivalent that a check catches: the reason cannot be right."""
        excused = [(j, j.excuse) for j in self.mutants or () if j.excuse is not None and j.caught]
        return [judged for judged, excuse in excused if not excuse.depends_on_seed]

    @property
    def mutation_score(self) -> float:
        """The share of the mistakes that is caught."""
        return 1.0 - len(self.survivors) / len(self.mistakes) if self.mistakes else 1.0

    @property
    def proved(self) -> bool:
        """Whether every part that was asked for holds."""
        return (
            self.false_alarms == 0
            and not self.unnamed
            and not self.misnamed_pairs
            and self.mutation_score >= LEAST_CAUGHT
            and not self.stale
            and not self.wrongly_excused
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data in the order of a report."""
        return {
            "schema": SCHEMA,
            "assignment": self.assignment,
            "proved": self.proved,
            "seed": self.seed,
            "correct": None
            if self.correct is None
            else {
                "submissions": len(self.correct),
                "gradings": self.gradings,
                "false_alarms": self.false_alarms,
                "lost": [
                    {"submission": each.name} | asdict(loss)
                    for each in self.correct
                    for loss in each.lost
                ],
            },
            "misconceptions": _namings(self.misconceptions, self.unnamed),
            "pairs": _namings(self.pairs, self.misnamed_pairs),
            "mutants": None if self.mutants is None else self._mutants(),
            "seconds": {name: round(value, 1) for name, value in self.seconds.items()},
            "versions": self.versions,
        }

    def _mutants(self) -> dict[str, Any]:
        return {
            "made": len(self.mutants or ()),
            "equivalent": len(self.mutants or ()) - len(self.mistakes),
            "caught": len(self.mistakes) - len(self.survivors),
            "score": round(self.mutation_score, 5),
            "operators": by_operator(self.mistakes),
            "survivors": [_described(judged) for judged in self.survivors],
            "excused": [_described(j) for j in self.mutants or () if j.reason],
            "wrongly_excused": [_described(judged) for judged in self.wrongly_excused],
            "stale": [asdict(entry) for entry in self.stale],
        }

    def to_json(self) -> str:
        """Indented JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2, allow_nan=False)


def by_operator(mistakes: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """For each mutation operator how many mistakes it made, and how many of them are caught."""
    made = Counter(judged.mutant.operator for judged in mistakes)
    caught = Counter(judged.mutant.operator for judged in mistakes if judged.caught)
    return {name: {"made": made[name], "caught": caught[name]} for name in sorted(made)}


def _namings(namings: Sequence[Naming] | None, wrong: Sequence[Naming]) -> dict[str, Any] | None:
    if namings is None:
        return None
    return {
        "tried": len(namings),
        "lost": sum(naming.lost for naming in namings),
        "named": sum(naming.named is not None and naming.true for naming in namings),
        "wrong": [asdict(naming) for naming in wrong],
    }


def _described(judged: Judged) -> dict[str, Any]:
    mutant = asdict(judged.mutant)
    del mutant["source"]
    if judged.reason:
        mutant["reason"] = judged.reason
    return mutant
