"""Why, in words: the sentences of a diagnosis, in English and Japanese."""

from __future__ import annotations

from densefit.learning_curves.diagnosis import Verdict
from densefit.learning_curves.history import Figures, Text, say
from densefit.learning_curves.shapes import (
    DIVERGING,
    DOUBLE_DESCENT,
    STILL_IMPROVING,
    UNREPRESENTATIVE,
)
from densefit.learning_curves.verdict import Evidence

__all__ = ["NAMES", "reasons_for"]

NAMES: dict[str, dict[str, str]] = {
    "underfitting": say("underfitting", "学習不足"),
    "good_fit": say("a good fit", "適切"),
    "overfitting": say("overfitting", "過学習"),
}
JUDGED = {
    "loss": say("validation loss", "検証データの損失"),
    "accuracy": say("validation error rate", "検証データの誤り率"),
}
TRAINED = {
    "loss": say("training loss", "訓練データの損失"),
    "accuracy": say("training error rate", "訓練データの誤り率"),
}


def reasons_for(
    figures: Figures,
    evidence: Evidence,
    shapes: tuple[str, ...],
    verdict: Verdict,
    confidence: float,
) -> tuple[Text, ...]:
    """The sentences, the verdict first."""
    found = [
        _verdict(verdict, confidence),
        *_diverged(figures, shapes),
        _best(figures, evidence),
        *_after(figures, evidence, verdict, shapes),
        *_gain(evidence, shapes, verdict),
        *_baseline(figures, evidence),
        *_accuracy(figures, evidence, verdict),
        *_gap(figures, evidence),
        *_other_shapes(shapes),
    ]
    if figures.metric == "accuracy":
        found.append(
            say(
                "Judged by the accuracy alone: the loss usually turns earlier and shows more.",
                "正解率だけで判断しました。損失があれば、より早く、よりはっきりと分かります。",
            )
        )
    return tuple(found)


def _verdict(verdict: Verdict, confidence: float) -> Text:
    sure = round(100 * confidence)
    return say(
        f"This looks like {NAMES[verdict]['en']} ({sure} % sure).",
        f"「{NAMES[verdict]['ja']}」と読み取れます (確信度 {sure} %)。",
    )


def _best(figures: Figures, evidence: Evidence) -> Text:
    judged, best = JUDGED[figures.metric], evidence.best + 1
    first, last = evidence.tied[0] + 1, evidence.tied[1] + 1
    if first == last:
        return say(
            f"The {judged['en']} is least at epoch {best}, and clearly so.",
            f"{judged['ja']}が最も小さいのは、明らかにエポック {best} です。",
        )
    return say(
        f"The {judged['en']} is least at epoch {best}; the epochs {first} to {last} cannot be told "
        "from it.",
        f"{judged['ja']}が最も小さいのはエポック {best} で、"
        f"エポック {first} から {last} まではほとんど差がありません。",
    )


def _after(
    figures: Figures, evidence: Evidence, verdict: Verdict, shapes: tuple[str, ...]
) -> list[Text]:
    """The rise after the best epoch, and what training did meanwhile."""
    rise = max(0.0, evidence.rise)
    judged, trained = JUDGED[figures.metric], TRAINED[figures.metric]
    if verdict != "overfitting":
        if STILL_IMPROVING in shapes:
            return []
        return [
            say(
                f"Until the end it rises by {rise:.1f} %: too little to speak of overfitting.",
                f"その後、最後までの増加は {rise:.1f} % で、過学習と言うには小さすぎます。",
            )
        ]
    falling = (evidence.training_slope or 0.0) > 0
    en = f", while the {trained['en']} keeps falling" if falling else ""
    ja = f"その間も{trained['ja']}は減り続けています。" if falling else ""
    trend = 100 * evidence.criteria["trend"]
    return [
        say(
            f"Until the end it rises by {rise:.1f} % (generalisation loss; rising trend "
            f"{trend:.0f} % certain){en}.",
            f"その後、{judged['ja']}は最後までに {rise:.1f} % 増えています"
            f" (増加傾向の確かさ {trend:.0f} %)。{ja}",
        )
    ]


def _gain(evidence: Evidence, shapes: tuple[str, ...], verdict: Verdict) -> list[Text]:
    if STILL_IMPROVING in shapes:
        return [
            say(
                f"It is still improving: as many epochs again would gain about {evidence.gain:.0f}"
                " %. More epochs would help.",
                "まだ改善が続いています。同じ回数だけ学習を続ければ、さらに約 "
                f"{evidence.gain:.0f} % 改善する見込みです。エポックを増やしましょう。",
            )
        ]
    if verdict == "overfitting":
        return []
    return [
        say(
            "It has stopped improving: more epochs would gain little.",
            "改善はほぼ止まっています。エポックを増やしても効果はわずかです。",
        )
    ]


def _baseline(figures: Figures, evidence: Evidence) -> list[Text]:
    ratio = evidence.against_baseline
    if ratio is None:
        return []
    judged = JUDGED[figures.metric]
    if ratio > 1:
        return [
            say(
                f"Its best {judged['en']} is {ratio:.2f} times the baseline's: a simpler network "
                "does better.",
                f"最もよい{judged['ja']}でも baseline の {ratio:.2f} 倍で、"
                "より単純なネットワークに劣ります。",
            )
        ]
    return [
        say(
            f"Its best {judged['en']} is {ratio:.2f} times the baseline's: it has learned more.",
            f"最もよい{judged['ja']}は baseline の {ratio:.2f} 倍で、より学習できています。",
        )
    ]


def _accuracy(figures: Figures, evidence: Evidence, verdict: Verdict) -> list[Text]:
    a = figures.accuracy
    if a is None or verdict != "overfitting":
        return []
    end = float(a[-max(1, len(a) // 10) :].mean())
    if end < float(a[evidence.best]) - 0.01:
        return []
    return [
        say(
            "The validation accuracy does not fall: the network grows surer of its mistakes rather "
            "than making more of them.",
            "検証データの正解率は下がっていません。間違いが増えるのではなく、"
            "間違った答えに自信を持つようになっています。",
        )
    ]


def _gap(figures: Figures, evidence: Evidence) -> list[Text]:
    t, v = figures.training, figures.validation
    if t is None:
        return []
    best, end = v[evidence.best] - t[evidence.best], v[-1] - t[-1]
    return [
        say(
            f"The generalisation gap is {best:.3g} at the best epoch and {end:.3g} at the end.",
            f"汎化ギャップは、最良のエポックで {best:.3g}、最後で {end:.3g} です。",
        )
    ]


def _diverged(figures: Figures, shapes: tuple[str, ...]) -> list[Text]:
    if figures.diverged is not None:
        return [
            say(
                f"Training diverged: from epoch {figures.diverged} on there are no numbers. Only "
                "the epochs before are read. Try a smaller learning rate.",
                f"学習が発散しました (エポック {figures.diverged} から数値がありません)。"
                "それより前だけを読みました。学習率を小さくしてみましょう。",
            )
        ]
    if DIVERGING in shapes:
        return [
            say(
                f"The {TRAINED[figures.metric]['en']} itself rises: training diverges. Try a "
                "smaller learning rate.",
                f"{TRAINED[figures.metric]['ja']}まで増えており、学習が発散しています。"
                "学習率を小さくしてみましょう。",
            )
        ]
    return []


def _other_shapes(shapes: tuple[str, ...]) -> list[Text]:
    found: list[Text] = []
    if UNREPRESENTATIVE in shapes:
        found.append(
            say(
                "The validation set may not represent the training data: its figures are better "
                "than the training's throughout, or jump wildly. Is it too small or too easy? "
                "(Dropout, too, makes training figures look worse.)",
                "検証データが訓練データを代表していない可能性があります。ずっと訓練データより"
                "よいか、大きく上下しています。少なすぎたり、簡単すぎたりしませんか。"
                "ドロップアウトを使うと、訓練データの値が悪く見えることもあります。",
            )
        )
    if DOUBLE_DESCENT in shapes:
        found.append(
            say(
                "After a rise it falls a second time: perhaps a double descent. Train longer "
                "before you conclude.",
                "いったん増えた後、もう一度減っています。二重降下 (double descent) かもしれません。"
                "もっと長く学習させてから判断しましょう。",
            )
        )
    return found
