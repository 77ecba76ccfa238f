"""What runs on Gradescope: grades ``submission``, writes ``results/results.json``.

    python -m grader.export.autograder ASSIGNMENT ROOT

ROOT is ``/autograder`` on Gradescope's machine. Whatever goes wrong with the grader itself leaves
no score: Gradescope then says that the autograder failed, which is true, and nobody gets a zero.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader import policy
from grader.errors import GraderError, SubmissionNotFound
from grader.i18n import join, plain, resolve, text
from grader.result import CheckResult, Result
from grader.times import read_time

STATUSES = {"passed": "passed", "failed": "failed", "error": "failed", "skipped": "failed"}


def results(result: Result, language: str) -> dict[str, Any]:
    """A result as Gradescope reads it; hidden checks stay hidden until grades are published."""
    from io import StringIO

    from grader.render.text import render

    report = StringIO()
    render(result.public(), language, report)
    return {
        "score": result.score,
        "execution_time": round(result.seconds, 3),
        "output": report.getvalue(),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(i, check, language) for i, check in enumerate(result.checks, 1)],
        "extra_data": {
            "seed": str(result.seed),
            "digest": result.digest,
            "versions": result.versions,
        },
    }


def _test(number: int, check: CheckResult, language: str) -> dict[str, Any]:
    name = join([plain(check.function), check.title], " · ")[language]
    return {
        "name": name,
        "number": str(number),
        "score": check.points,
        "max_score": check.max_points,
        "status": STATUSES[check.status],
        "output": _words(check, language),
        "output_format": "text",
        "visibility": "after_published" if check.hidden else "visible",
    }


def _words(check: CheckResult, language: str) -> str:
    """What is wrong, why, and a call that shows it."""
    parts = []
    if check.misconception is not None:
        named = check.misconception
        parts += [named.title[language], named.explanation[language], named.hint[language]]
    elif check.message is not None:
        parts.append(check.message[language])
    if check.counterexample is not None:
        parts.append("\n".join(check.counterexample.code))
    return "\n".join(parts)


def nothing_handed_in(error: SubmissionNotFound, language: str) -> dict[str, Any]:
    """There is nothing to grade: a zero, and the reason."""
    said = {"output": error.text[language], "output_format": "text", "visibility": "visible"}
    return {"score": 0, "tests": [], "stdout_visibility": "hidden"} | said


def about(metadata: Path) -> tuple[datetime | None, str | None]:
    """When and by whom it was handed in, as far as Gradescope's file about it says."""
    try:
        found = json.loads(metadata.read_text("utf-8"))
        users = found.get("users") or [{}]
        student = users[0].get("sid") or users[0].get("email")
        submitted = read_time(str(found.get("created_at") or ""), UTC)
    except (OSError, ValueError, AttributeError, LookupError, TypeError):
        return None, None
    return submitted, None if student is None else str(student)


def main(assignment: str, root: Path) -> int:
    """Grade what lies in ``root/submission``."""
    from grader.assignment import find_assignment
    from grader.runner import grade
    from grader.submission import read_submission

    settings = json.loads((root / "source" / "settings.json").read_text("utf-8"))
    language = resolve(settings["language"])
    written = root / "results" / "results.json"
    written.parent.mkdir(parents=True, exist_ok=True)
    try:
        found = find_assignment(assignment)
        submission = read_submission(root / "submission", found.functions)
        graded = grade(found, submission, isolation=settings["isolation"])
        submitted, student = about(root / "submission_metadata.json")
        ruled = policy.apply(graded, found, submitted=submitted, student=student)
        answer = results(ruled, language)
    except SubmissionNotFound as error:
        answer = nothing_handed_in(error, language)
    except GraderError as error:
        print(text("It could not be checked: {raised}.", raised=error.text)[language])
        return error.exit_code
    new = written.with_suffix(".new")
    new.write_text(json.dumps(answer, ensure_ascii=False, allow_nan=False), "utf-8")
    new.replace(written)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
