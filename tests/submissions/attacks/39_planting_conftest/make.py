from pathlib import Path


def make(source: str, target: Path) -> Path:
    (target / "submission.py").write_text(source)
    (target / "conftest.py").write_text(
        "import os\nprint('LEAKED')\n\ndef pytest_configure(config):\n    os._exit(0)\n"
    )
    return target
