"""What a grading gives: plain data, the same for every report; JSON by ``result_schema.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from grader.i18n import Text, text

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

    ``override`` is the teacher's reason for points that no check gave, ``graded_points`` what the
    check gave instead. ``law`` is the statement
    that does not hold; ``kind`` says how the function failed to run (``timed out``, ``crashed``,
    ``out of memory``, ``tampered``, …), for ``error`` only.
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
    hidden: bool = False
    override: Text | None = None
    graded_points: float | None = None

    def redacted(self) -> CheckResult:
        """What a student may see of a hidden check before its result is released."""
        return CheckResult(
            name=self.name,
            function=self.function,
            title=self.title,
            status="skipped",
            points=0,
            max_points=self.max_points,
            message=text("Hidden: checked after handing in."),
            hidden=True,
        )


@dataclass(frozen=True)
class Figure:
    """A picture for the report: an SVG document as text, or a PNG in base64.

    ``alt`` says in words what can be seen, for whoever cannot see it; ``function`` names the part
    of the report it belongs to.
    """

    title: Text
    alt: Text
    media_type: Literal["image/svg+xml", "image/png"]
    data: str
    function: str = "diagnosis"


@dataclass(frozen=True)
class Lateness:
    """When it was handed in, the days begun after the deadline, and the percentage that costs."""

    deadline: str
    submitted: str
    days: int
    percent: float


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
    late: Lateness | None = None
    figures: tuple[Figure, ...] = ()
    schema: str = field(default=SCHEMA)

    @property
    def score(self) -> float:
        """Points reached, less what being late costs."""
        reached = sum(check.points for check in self.checks)
        return _total([reached * (100 - self.late.percent) / 100 if self.late else reached])

    @property
    def raw_score(self) -> float:
        """Points reached, whenever it was handed in."""
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

    @property
    def hidden(self) -> bool:
        """Whether there are checks that students do not see the results of."""
        return any(check.hidden for check in self.checks)

    def public(self) -> Result:
        """What a student may see before hidden checks are released."""
        checks = tuple(c.redacted() if c.hidden else c for c in self.checks)
        return replace(self, checks=checks)

    def as_dict(self) -> dict[str, Any]:
        """Plain data in the order of the schema."""
        data = asdict(self)
        head = {"schema": data.pop("schema"), "assignment": data.pop("assignment")}
        scores = {"score": self.score, "max_score": self.max_score, "raw_score": self.raw_score}
        return head | scores | data

    def to_json(self) -> str:
        """Indented JSON, one result."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2, allow_nan=False)


def _total(points: Iterable[float]) -> float:
    """A sum without the noise of binary fractions; whole when it is whole."""
    total = round(sum(points), 6)
    return int(total) if total == int(total) else total
