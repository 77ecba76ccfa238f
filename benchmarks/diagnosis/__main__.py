"""Counts how often each reading of a learning curve agrees with the experiment.

    python -m benchmarks.diagnosis            read the curves of the cache file again
    python -m benchmarks.diagnosis --train    train the whole grid anew first (ten minutes)

The thresholds of ``diagnose`` were chosen on one half of the grid. What is reported is the other.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from pathlib import Path

from benchmarks import results
from benchmarks.diagnosis import grid
from benchmarks.diagnosis.scores import scores_of
from benchmarks.diagnosis.tables import TARGETS, diagnosis_tables, met
from benchmarks.tables import show

RESULT = results.FOLDER / "diagnosis.json"


def held_out(setting: grid.Setting) -> bool:
    """Whether a setting belongs to the half that no threshold was chosen on."""
    return zlib.crc32(setting.name.encode()) % 2 == 1


def _progress(done: int, of: int) -> None:
    print(f"\r{done} of {of} settings trained", end="\n" if done == of else "", file=sys.stderr)


def main() -> int:
    """Report; the exit code is 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument("--train", action="store_true", help="train the grid anew")
    parser.add_argument("--tuning-half", action="store_true", help="report the other half instead")
    parser.add_argument("--output", type=Path, default=RESULT, help="where the JSON goes")
    options = parser.parse_args()
    if options.train:
        grid.make(grid.CACHE, _progress)
    scores = scores_of(grid.load(), lambda setting: held_out(setting) != options.tuning_half)
    rules = {name: score.as_dict() for name, score in scores.items()}
    show(diagnosis_tables({"rules": rules}))
    reached = met(rules)
    for target, words in TARGETS.items():
        print(f"{'met   ' if reached[target] else 'MISSED'}  {words}")
    if not options.tuning_half:
        results.write(options.output, "diagnosis", {"rules": rules})
    return 0 if all(reached.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
