"""A stored result comes back as it was."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.assignment import Assignment
from grader.result import Figure, Lateness
from grader.runner import grade
from grader.stored import restore
from grader.submission import read_submission

from .conftest import LIMITS, ROOT

WRONG = ROOT / "tests" / "submissions" / "wrong"


def test_a_result_survives_json(assignment4: Assignment) -> None:
    folder = sorted(WRONG.iterdir())[0]
    submission = read_submission(folder, assignment4.functions)
    result = grade(assignment4, submission, isolation="auto", limits=LIMITS)
    assert any(check.counterexample for check in result.checks)
    words = {"en": "a", "ja": "あ"}
    full = replace(
        result,
        late=Lateness("2026-04-01T00:00:00+09:00", "2026-04-02T00:00:01+09:00", 2, 20.0),
        figures=(Figure(words, words, "image/svg+xml", "<svg/>"),),
    )
    document = json.loads(full.to_json())
    assert restore(document).as_dict() == full.as_dict()
    assert json.loads(restore(document | {"from_the_future": 1}).to_json()) == document
