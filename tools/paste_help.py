"""Pastes the help of the commands into the documentation, between its markers.

In Markdown, ``<!-- help: grader check -->`` is followed by a code block, which is replaced by what
``grader check --help`` prints. With ``--check`` nothing is written, and the exit code is 1 when
something differs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PASTED = re.compile(
    r"(<!-- help: (?P<command>[\w -]+) -->\n```text\n)(?P<help>.*?)(```\n)", re.DOTALL
)


def help_of(command: str) -> str:
    """What ``<command> --help`` prints in English, 80 columns wide, without colours."""
    program, *arguments = command.split()
    call = [Path(sys.executable).with_name(program), *arguments, "--help"]
    plain = {
        "COLUMNS": "80",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(call, env=os.environ | plain, capture_output=True, text=True, check=True)
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines()) + "\n"


def pasted(markdown: str) -> str:
    """``markdown`` with the current help in every marked block."""
    return PASTED.sub(lambda m: f"{m[1]}{help_of(m['command'])}{m[4]}", markdown)


def pages() -> list[Path]:
    """Every page of the documentation."""
    return [ROOT / "README.md", ROOT / "README.ja.md", *sorted((ROOT / "docs").rglob("*.md"))]


def main() -> int:
    """Paste into, or with ``--check`` compare with, every page."""
    stale = 0
    for page in pages():
        old = page.read_text(encoding="utf-8")
        new = pasted(old)
        if old != new and "--check" in sys.argv:
            print(f"{page.relative_to(ROOT)} shows an old help; run `make docs`")
            stale = 1
        elif old != new:
            page.write_text(new, encoding="utf-8")
            print(f"{page.relative_to(ROOT)} is up to date now")
    return stale


if __name__ == "__main__":
    sys.exit(main())
