"""The files of a whole class, in a folder or a zip, read one submission at a time.

A zip written in Japan often names its files in CP932 and does not say so: bit 11 of the flags,
which promises UTF-8, is unset. UTF-8 is tried first, for no CP932 text of some length is UTF-8 by
accident; then CP932; a name that is neither keeps the letters the zip specification gives it.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from grader.errors import SubmissionNotFound
from grader.files import MAX_FILE_BYTES
from grader.i18n import text
from grader.sanitise import clean

MAX_MEMBERS = 200_000
UTF8_FLAG = 0x800
IGNORED = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})


class Archive(Protocol):
    """The files of a class by relative name."""

    def names(self) -> list[str]:
        """Names of regular files in sorted order, ``/`` between folders."""
        ...

    def read(self, name: str) -> bytes:
        """The bytes of one file; raises :class:`SubmissionNotFound` when there are too many."""
        ...


def open_archive(path: Path) -> Archive:
    """The folder or zip at ``path``."""
    if path.is_dir():
        return FolderArchive(path)
    if path.is_file() and zipfile.is_zipfile(path):
        return ZipArchive(path)
    raise SubmissionNotFound(
        text(
            "{path} is neither a folder nor a zip archive. Give what your LMS downloads, or a "
            "folder with one file or folder for each student.",
            path=clean(str(path)),
        )
    )


class FolderArchive:
    """A folder; links are left out, whatever they point at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """The regular files, however deep."""
        return sorted(self._walk())

    def read(self, name: str) -> bytes:
        """The bytes of one file."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(self.folder / name, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unreadable(name)
            return _limited(stream.read(MAX_FILE_BYTES + 1), name)

    def _walk(self) -> Iterator[str]:
        for parent, folders, files in os.walk(self.folder, followlinks=False):
            folders[:] = [name for name in folders if not _is_ignored(name)]
            for name in files:
                path = Path(parent, name)
                if not _is_ignored(name) and stat.S_ISREG(path.lstat().st_mode):
                    yield path.relative_to(self.folder).as_posix()


class ZipArchive:
    """A zip archive, read in memory: nothing is unpacked, so nothing can slip out."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SubmissionNotFound(
                text("{path} is not a zip archive that can be opened.", path=clean(str(path)))
            ) from error
        listed = self._archive.infolist()
        if len(listed) > MAX_MEMBERS:
            raise SubmissionNotFound(
                text(
                    "{path} lists {count} files; more than {limit} are not read.",
                    path=clean(str(path)),
                    count=len(listed),
                    limit=MAX_MEMBERS,
                )
            )
        self._members = {decoded_name(info): info for info in listed if _is_harmless(info)}

    def names(self) -> list[str]:
        """The regular members with harmless names."""
        return sorted(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of one member, counted while they are unpacked."""
        try:
            with self._archive.open(self._members[name]) as stream:
                return _limited(stream.read(MAX_FILE_BYTES + 1), name)
        except (
            RuntimeError,
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            EOFError,
            OSError,
        ) as error:
            raise _unreadable(name) from error


def decoded_name(info: zipfile.ZipInfo) -> str:
    """The name of a member, in the encoding it was probably written in."""
    if info.flag_bits & UTF8_FLAG:
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_harmless(info: zipfile.ZipInfo) -> bool:
    name = decoded_name(info)
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    return (
        not info.is_dir()
        and not name.endswith("/")
        and kind in (0, stat.S_IFREG)
        and not name.startswith("/")
        and not any(c in name for c in "\\\0")
        and not any(part == ".." or _is_ignored(part) for part in parts)
    )


def _is_ignored(part: str) -> bool:
    return part.startswith(".") or part in IGNORED


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > MAX_FILE_BYTES:
        raise SubmissionNotFound(
            text(
                "{path} is too large. Hand in only your source files; clear the notebook's output.",
                path=clean(name),
            )
        )
    return data


def _unreadable(name: str) -> SubmissionNotFound:
    return SubmissionNotFound(text("{path} in the zip archive cannot be read.", path=clean(name)))
