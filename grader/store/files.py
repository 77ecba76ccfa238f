"""Keeps what was handed in: one file for each content, named by its SHA-256.

A file is complete or absent: it is written beside its place, flushed to the disk and renamed.
Whoever adds the row to the database afterwards can therefore acknowledge the submission.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """A folder of files by digest, ``ab/abcd…``; may be shared by processes and machines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where the content of this digest lies or would lie."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a SHA-256 in hexadecimal: {digest!r}")
        return self.folder / digest[:2] / digest

    def add(self, data: bytes) -> str:
        """Keep ``data``; its digest. On return it is on the disk, and survives a power cut."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        _sync_folder(self.folder)
        return digest

    def read(self, digest: str) -> bytes:
        """The content of a digest, checked: a damaged disk must not become a grade."""
        data = self.path(digest).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise OSError(f"{self.path(digest)} was damaged: its content has another digest")
        return data

    def remove(self, digest: str) -> None:
        """Forget the content of a digest; nothing happens when it is not there."""
        self.path(digest).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk only once its folder is; Windows has no such call."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
