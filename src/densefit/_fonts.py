"""Japanese text in pictures: finds an installed font that has the glyphs, so that no box is drawn.

Matplotlib's own font has none, and which font a machine has differs. Matplotlib takes each glyph
from the first font of a list that has it, so the found font is put behind the default one.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.artist import Artist

Language = Literal["en", "ja"]

#: Looked for first, in this order; else any font with the glyphs is taken.
PREFERRED = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Hiragino Sans",
    "Hiragino Maru Gothic Pro",
    "Yu Gothic",
    "Meiryo",
    "BIZ UDGothic",
    "MS Gothic",
    "IPAexGothic",
    "IPAGothic",
    "TakaoGothic",
    "VL Gothic",
)
#: A kanji, a hiragana, a katakana and the long-vowel mark.
SAMPLE = "学のエー"
JAPANESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


def readable(lang: Language) -> Language:
    """``lang`` if it can be drawn here, else ``"en"``; a missing font is told of once."""
    return lang if lang == "en" or japanese_font() else "en"


def draw_japanese(artist: Artist) -> None:
    """Give every Japanese text in ``artist`` a font that has its glyphs, where there is one."""
    from matplotlib.text import Text

    for text in artist.findobj(Text):
        assert isinstance(text, Text)
        font = japanese_font() if JAPANESE.search(text.get_text()) else None
        if font and font not in text.get_fontfamily():
            text.set_fontfamily([*text.get_fontfamily(), font])


@cache
def japanese_font() -> str | None:
    """The family of an installed font with Japanese glyphs; warns, once, when there is none."""
    found = next(_candidates(), None)
    if found is None:
        warnings.warn(
            "no installed font has Japanese glyphs: labels are drawn in English. Install one, for "
            "example Noto Sans CJK JP (Debian, Ubuntu: apt-get install fonts-noto-cjk), and "
            "start Python again. / 日本語フォントが見つからないため、英語で表示します。",
            stacklevel=2,
        )
    return found


def _candidates() -> Iterator[str]:
    from matplotlib.font_manager import fontManager

    installed: dict[str, str] = {entry.name: entry.fname for entry in fontManager.ttflist}
    names = [name for name in PREFERRED if name in installed]
    names += [name for name in sorted(installed) if name not in PREFERRED]
    return (name for name in names if _has_sample(installed[name]))


def _has_sample(path: str) -> bool:
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path)
    except (OSError, RuntimeError):  # a file gone since the font list was cached, or damaged
        return False
    return all(font.get_char_index(ord(character)) for character in SAMPLE)
