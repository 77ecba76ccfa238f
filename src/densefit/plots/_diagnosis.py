"""A diagnosis drawn over its learning curves: words, shades and hatching, never colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from densefit._fonts import Language
from densefit.plots._style import COLOURS, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from densefit.learning_curves import Diagnosis

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "underfitting": "underfitting",
        "good_fit": "good fit",
        "overfitting": "overfitting",
        "title": "{verdict} ({sure:.0f} % sure)",
        "tied": "tied for best: {first} to {last}",
        "onset": "overfitting from epoch {epoch}",
        "diverging": "diverging",
        "still_improving": "still improving",
        "unrepresentative_validation": "unrepresentative validation data?",
        "double_descent": "double descent?",
    },
    "ja": {
        "underfitting": "学習不足",
        "good_fit": "適切",
        "overfitting": "過学習",
        "title": "{verdict} (確信度 {sure:.0f} %)",
        "tied": "最良と同等: {first} 〜 {last}",
        "onset": "過学習: エポック {epoch} から",
        "diverging": "発散",
        "still_improving": "まだ改善中",
        "unrepresentative_validation": "検証データが代表的でない?",
        "double_descent": "二重降下?",
    },
}


def headline(diagnosis: Diagnosis, lang: Language) -> str:
    """Verdict, how sure it is, and the further shapes."""
    words = words_of(TEXTS, lang)
    verdict = words[diagnosis.verdict]
    found = words["title"].format(verdict=verdict, sure=100 * diagnosis.confidence)
    return " · ".join([found, *(words[shape] for shape in diagnosis.shapes)])


def draw_diagnosis(ax: Axes, diagnosis: Diagnosis, lang: Language) -> None:
    """Shade the epochs tied for best; hatch what comes after the onset of overfitting."""
    words = words_of(TEXTS, lang)
    first, last = diagnosis.tied
    label = words["tied"].format(first=first, last=last)
    ax.axvspan(first - 0.5, last + 0.5, color=COLOURS[2], alpha=0.18, lw=0, zorder=0, label=label)
    if diagnosis.onset is None:
        return
    ax.axvspan(
        diagnosis.onset,
        diagnosis.epochs,
        facecolor="none",
        edgecolor="0.75",
        hatch="//",
        lw=0,
        zorder=0,
        label=words["onset"].format(epoch=diagnosis.onset),
    )
