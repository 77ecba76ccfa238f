"""The figures of a class add up."""

from __future__ import annotations

from typing import Any

import needs

needs.need("sqlalchemy", "alembic")

from hypothesis import given
from hypothesis.strategies import floats, lists

from grader.batch.statistics import BINS, histogram, of_class


def document(status: str, mistake: str | None = None) -> dict[str, Any]:
    words = {"en": mistake or "", "ja": mistake or ""}
    named = None if mistake is None else {"id": mistake, "title": words}
    check = {
        "function": "f",
        "name": "values",
        "title": {"en": "values", "ja": "値"},
        "max_points": 4,
        "status": status,
        "misconception": named,
    }
    return {"max_score": 8, "seconds": 1.0, "checks": [check, check | {"name": "other"}]}


@given(points=lists(floats(0, 15)))
def test_everybody_is_in_one_bar(points: list[float]) -> None:
    bars = histogram(points, 10)
    assert len(bars) == BINS
    assert sum(bar.count for bar in bars) == len(points)
    for bar in bars[:-1]:
        inside = sum(int(p) == int(bar.low + 0.5) for p in points)
        assert bar.count == inside


def test_a_class_without_points_has_no_bars() -> None:
    assert histogram([0.0], 0) == ()
    assert of_class([], []).mean == 0


def test_checks_and_mistakes_are_counted_by_student() -> None:
    found = of_class([document("passed"), document("failed", "m"), document("error")], [8, 0, 1])
    assert [check.counts["passed"] for check in found.checks] == [1, 1]
    assert found.checks[0].counts == {"passed": 1, "failed": 1, "error": 1, "skipped": 0}
    (mistake,) = found.misconceptions
    assert mistake.who == {1}
    assert (found.mean, found.median, found.max_points) == (3, 1, 8)
