from pathlib import Path


def make(source: str, target: Path) -> Path:
    (target / "submission.py").write_text(source)
    (target / "numpy.py").write_text("print('LEAKED')\n")
    (target / "json.py").write_text("print('LEAKED')\n")
    return target
