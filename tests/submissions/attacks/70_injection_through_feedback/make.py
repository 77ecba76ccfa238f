from pathlib import Path


def make(source: str, target: Path) -> Path:
    path = target / "\x1b[31m=cmd<script>.py"
    path.write_text(source)
    return path
