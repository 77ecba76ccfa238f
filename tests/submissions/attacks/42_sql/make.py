from pathlib import Path


def make(source: str, target: Path) -> Path:
    path = target / "x'); UPDATE grades SET score=100; --.py"
    path.write_text(source)
    return path
