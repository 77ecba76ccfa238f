"""Prints the commands of the first code block of a Markdown file, one per line.

CI runs what this prints for README.md: the README's own text is what is tested.
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(markdown: str) -> list[str]:
    """The lines of the first shell block, without comments and empty lines."""
    block = BLOCK.search(markdown)
    if block is None:
        raise SystemExit("there is no shell code block")
    lines = (line.partition(" #")[0].strip() for line in block[1].splitlines())
    return [line for line in lines if line and not line.startswith("#")]


if __name__ == "__main__":
    print("\n".join(commands(Path(sys.argv[1]).read_text(encoding="utf-8"))))
