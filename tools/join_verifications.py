"""Joins verifications that were run in parts into one: other parts, or other seeds.

    python tools/join_verifications.py all.json correct-1.json correct-2.json > joined.json

2,000 gradings take their time. They may be run in pieces, on several machines, each with a
``--seed`` of its own and ``--only correct``; what an interruption has cost is one piece.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PARTS = ("correct", "misconceptions", "pairs", "mutants")
Document = dict[str, Any]


def joined(documents: Sequence[Document]) -> Document:
    """One document; gradings of correct submissions add up, of other parts there is one."""
    whole = dict(documents[0])
    for other in documents[1:]:
        if other["assignment"] != whole["assignment"] or other["versions"] != whole["versions"]:
            raise SystemExit("These are verifications of different assignments or versions.")
        for part in PARTS:
            whole[part] = _both(part, whole[part], other[part])
        whole["proved"] = whole["proved"] and other["proved"]
        seconds = whole["seconds"]
        whole["seconds"] = {
            part: round(seconds.get(part, 0.0) + other["seconds"].get(part, 0.0), 1)
            for part in PARTS
            if part in seconds or part in other["seconds"]
        }
    seeds = [d["seed"] for d in documents if d["correct"] is not None]
    if len(set(seeds)) < len(seeds):
        raise SystemExit("Two of these have graded with the same seed.")
    return whole


def _both(part: str, one: Document | None, other: Document | None) -> Document | None:
    if one is None or other is None:
        return one if other is None else other
    if part != "correct" or one["submissions"] != other["submissions"]:
        raise SystemExit(f"More than one of these holds {part}.")
    return {"submissions": one["submissions"]} | {
        key: one[key] + other[key] for key in ("gradings", "false_alarms", "lost")
    }


if __name__ == "__main__":
    texts = (Path(name).read_text("utf-8") for name in sys.argv[1:])
    print(json.dumps(joined([json.loads(text) for text in texts]), ensure_ascii=False, indent=2))
