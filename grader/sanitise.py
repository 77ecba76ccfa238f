"""Words from a submission, made safe to show in a terminal, a page or a table."""

from __future__ import annotations

import re
import unicodedata

_ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")


def clean(words: str, limit: int = 300) -> str:
    """``words`` without control, escape and bidirectional characters, at most ``limit`` long."""
    words = _ANSI.sub("", words.expandtabs(4))
    kept = "".join(c for c in words if c == "\n" or unicodedata.category(c)[0] != "C")
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"
