"""What a report calls the parts of a diagnosis: ``curve_1.best_epoch`` is "Curve 1: best epoch"."""

from __future__ import annotations

from grader.i18n import Text, plain, text

__all__ = ["part_title", "subject_title"]


def part_title(name: str) -> Text:
    """The title of a part such as ``own.remedy``."""
    _, _, part = name.partition(".")
    parts = {
        "verdict": text("verdict"),
        "best_epoch": text("best epoch"),
        "onset": text("onset of overfitting"),
        "remedy": text("remedy"),
        "history": text("history"),
    }
    if not part:
        return subject_title(name)
    return text("{subject}: {part}", subject=subject_title(name), part=parts.get(part, plain(part)))


def subject_title(name: str) -> Text:
    """What a part is about: ``curve_1.remedy`` is about curve 1."""
    subject = name.partition(".")[0]
    if subject == "own":
        return text("Own experiment")
    kind, _, number = subject.partition("_")
    return text("Curve {number}", number=number) if kind == "curve" else plain(subject)
