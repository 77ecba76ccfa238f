"""Reads the files of a submission without following links, and never more than the limits."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from grader.errors import SubmissionNotFound
from grader.i18n import text
from grader.sanitise import clean

MAX_FILE_BYTES = 32 << 20
MAX_TOTAL_BYTES = 128 << 20
MAX_ENTRIES = 2000
MAX_DEPTH = 4
IGNORED = frozenset({"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "env"})


class Files(Protocol):
    """The files of a submission by relative name, wherever they are."""

    def names(self) -> list[str]:
        """Names in sorted order, ``/`` between folders."""
        ...

    def read(self, name: str) -> bytes:
        """The bytes of one file."""
        ...


def open_files(path: Path) -> tuple[Files, str | None]:
    """The files at ``path``, and the name of the one that ``path`` is, if it is one."""
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        raise SubmissionNotFound(
            text("There is no file or folder {path}.", path=clean(str(path)))
        ) from error
    if stat.S_ISDIR(mode):
        return FolderFiles(path), None
    _insist_on_regular(mode, str(path))
    if path.suffix.lower() == ".zip":
        return ZipFiles(path), None
    return FolderFiles(path.parent), path.name


class FolderFiles:
    """A folder on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._left = MAX_TOTAL_BYTES

    def names(self) -> list[str]:
        """The regular files, a few folders deep; hidden ones and environments are left out."""
        found: list[str] = []
        for entry in self._walk(self.folder, ()):
            found.append(entry)
            if len(found) >= MAX_ENTRIES:
                break
        return sorted(found)

    def read(self, name: str) -> bytes:
        """The bytes of one file; a link anywhere below the folder is refused."""
        path = self.folder
        for part in PurePosixPath(name).parts:
            path = path / part
            if path.is_symlink():
                raise _refused(str(path))
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            _insist_on_regular(os.fstat(descriptor).st_mode, str(path))
            data = stream.read(MAX_FILE_BYTES + 1)
        self._left -= len(data)
        if len(data) > MAX_FILE_BYTES or self._left < 0:
            raise _too_large(str(path))
        return data

    def _walk(self, folder: Path, parents: tuple[str, ...]) -> Iterator[str]:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)[:MAX_ENTRIES]
        for entry in listed:
            if entry.name.startswith(".") or entry.name in IGNORED or entry.is_symlink():
                continue
            if entry.is_file(follow_symlinks=False):
                yield "/".join((*parents, entry.name))
            elif entry.is_dir(follow_symlinks=False) and len(parents) < MAX_DEPTH - 1:
                yield from self._walk(Path(entry.path), (*parents, entry.name))


class ZipFiles:
    """A zip archive, read in memory: nothing is unpacked, so nothing can slip out."""

    def __init__(self, path: Path) -> None:
        self._left = MAX_TOTAL_BYTES
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SubmissionNotFound(
                text("{path} is not a zip archive that can be opened.", path=clean(str(path)))
            ) from error
        if len(self._archive.infolist()) > MAX_ENTRIES:
            raise _too_large(str(path))
        self._members = {
            info.filename: info for info in self._archive.infolist() if _is_plain_member(info)
        }

    def names(self) -> list[str]:
        """The regular members with harmless names."""
        return sorted(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of one member, counted while they are unpacked."""
        limit = min(MAX_FILE_BYTES, self._left)
        try:
            with self._archive.open(self._members[name]) as stream:
                data = stream.read(limit + 1)
        except (RuntimeError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as e:
            raise SubmissionNotFound(
                text("{path} in the zip archive cannot be read.", path=clean(name))
            ) from e
        self._left -= len(data)
        if len(data) > limit:
            raise _too_large(name)
        return data


def _is_plain_member(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    return (
        not info.is_dir()
        and kind in (0, stat.S_IFREG)
        and not info.filename.startswith("/")
        and not any(c in info.filename for c in "\\:\0")
        and len(parts) <= MAX_DEPTH
        and not any(p.startswith(".") or p in IGNORED for p in parts)
    )


def _insist_on_regular(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        raise _refused(path)


def _refused(path: str) -> SubmissionNotFound:
    return SubmissionNotFound(
        text(
            "{path} is a link or a device, not a regular file. Hand in the file itself.",
            path=clean(path),
        )
    )


def _too_large(path: str) -> SubmissionNotFound:
    return SubmissionNotFound(
        text(
            "{path} is too large. Hand in only your source files; clear the notebook's output.",
            path=clean(path),
        )
    )
