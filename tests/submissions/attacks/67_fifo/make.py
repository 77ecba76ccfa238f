import os
from pathlib import Path


def make(source: str, target: Path) -> Path:
    path = target / "submission.py"
    os.mkfifo(path)
    return path
