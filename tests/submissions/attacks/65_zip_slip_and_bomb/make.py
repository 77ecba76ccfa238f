import zipfile
from pathlib import Path


def make(source: str, target: Path) -> Path:
    path = target / "submission.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("submission.py", source)
        archive.writestr("../escaped.py", "print('LEAKED')")
        with archive.open("bomb.py", "w") as member:
            for _ in range(64):
                member.write(bytes(1 << 20))
    return path
