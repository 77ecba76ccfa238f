"""What a grading gives: plain data, the same for every report; JSON by ``result_schema.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from grader.i18n import Text

SCHEMA = "densefit.grader.result/1"
SCHEMA_FILE = Path(__file__).with_name("result_schema.json")

Status = Literal["passed", "failed", "error", "skipped"]


@dataclass(frozen=True)
class Counterexample:
    """A call that shows the failure, as lines to paste, and where the result is wrong."""

    code: tuple[str, ...]
    shapes: dict[str, list[int]]
    output: str | None = None
    index: tuple[int, ...] | None = None
    got: str | None = None
    expected: str | None = None
    shrunk: bool = False


@dataclass(frozen=True)
class NamedMisconception:
    """The mistake that explains every answer: what, why, and where to look."""

    id: str
    title: Text
    explanation: Text
    hint: Text


@dataclass(frozen=True)
class CheckResult:
    """One check's verdict and points.

    ``law`` is the statement that does not hold; ``kind`` says how the function failed to run
    (``timed out``, ``crashed``, ``out of memory``, ``tampered``, …), for ``error`` only.
    """

    name: str
    function: str
    title: Text
    status: Status
    points: float
    max_points: float
    message: Text | None = None
    law: str | None = None
    kind: str | None = None
    trace: tuple[dict[str, Any], ...] = ()
    counterexample: Counterexample | None = None
    misconception: NamedMisconception | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Result:
    """Everything a grading found."""

    assignment: str
    title: Text
    submission: str
    digest: str
    seed: int
    checks: tuple[CheckResult, ...]
    isolation: dict[str, Any]
    versions: dict[str, str]
    notes: tuple[Text, ...] = ()
    output: str = ""
    seconds: float = 0.0
    schema: str = field(default=SCHEMA)

    @property
    def score(self) -> float:
        """Points reached."""
        return _total(check.points for check in self.checks)

    @property
    def max_score(self) -> float:
        """Points there are."""
        return _total(check.max_points for check in self.checks)

    @property
    def passed(self) -> bool:
        """Whether every check passed: full marks."""
        return all(check.status == "passed" for check in self.checks)

    @property
    def failed(self) -> bool:
        """Whether some check failed; a part that was not handed in has not failed."""
        return any(check.status in ("failed", "error") for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Plain data in the order of the schema."""
        data = asdict(self)
        head = {"schema": data.pop("schema"), "assignment": data.pop("assignment")}
        return head | {"score": self.score, "max_score": self.max_score} | data

    def to_json(self) -> str:
        """Indented JSON, one result."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2, allow_nan=False)


def _total(points: Iterable[float]) -> float:
    """A sum without the noise of binary fractions; whole when it is whole."""
    total = round(sum(points), 6)
    return int(total) if total == int(total) else total
