from pathlib import Path


def make(source: str, target: Path) -> Path:
    (target / "submission.py").write_text(source)
    (target / "evil.pth").write_text("import os; print('LEAKED')\n")
    for name in ("sitecustomize.py", "usercustomize.py"):
        (target / name).write_text("print('LEAKED')\n")
    return target
