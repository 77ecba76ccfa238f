"""What the page of a submission says beside its checks."""

from __future__ import annotations

import needs

needs.need("sqlalchemy", "starlette")

import results
from grader.diagnosis_titles import part_title, subject_title
from grader.service.reports import Report


def test_late_days_and_the_teachers_points_are_explained() -> None:
    report = Report.of(results.EVERYTHING.as_dict(), teacher=True)
    said = " ".join(remark["en"] for remark in report.remarks)
    assert "2 days late: 20 %" in said
    assert "Our own mistake." in said


def test_hidden_points_show_in_no_total() -> None:
    """Late days are taken off what can be seen, and what is hidden cannot be worked out."""
    document = results.EVERYTHING.as_dict()
    shown = Report.of(document, teacher=False).document
    public = results.EVERYTHING.public()
    assert document["raw_score"] != public.raw_score
    assert (shown["score"], shown["raw_score"]) == (public.score, public.raw_score)


def test_parts_of_a_diagnosis_have_names_in_both_languages() -> None:
    assert part_title("curve_1.best_epoch") == {
        "en": "Curve 1: best epoch",
        "ja": "曲線 1: 最良のエポック",
    }
    assert part_title("own.remedy")["ja"] == "自分の実験: 対策"
    assert subject_title("own.remedy")["en"] == "Own experiment"
    assert part_title("other.thing")["en"] == "other: thing"
    assert part_title("other")["en"] == "other"
