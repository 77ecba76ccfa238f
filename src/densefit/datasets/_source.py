"""Where the files of a data set come from, and the proof that they are the right ones.

A file is looked for in ``$DENSEFIT_DATA/<data set>``, then in the cache, then downloaded into the
cache. Wherever it comes from, its SHA-256 is checked each time: of the archive as published or,
where it is known, of what is inside, because copies are often compressed anew.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from densefit.datasets._idx import parse_idx

Split = tuple[NDArray[np.uint8], NDArray[np.uint8]]


class DataNotFoundError(FileNotFoundError):
    """A data set is on no disk and cannot be downloaded: the message names the ways out."""


class DataCorruptedError(ValueError):
    """A file of a data set is not what was published: delete it, or replace it."""


@dataclass(frozen=True)
class IdxFile:
    """One gzipped IDX file and its SHA-256 as published, zipped and (if known) unzipped."""

    name: str
    ndim: int
    archive_sha256: str
    content_sha256: str | None = None


@dataclass(frozen=True)
class Source:
    """A data set of four IDX files, and the addresses (ending in ``/``) that serve them."""

    name: str
    mirrors: Sequence[str]
    x_train: IdxFile
    y_train: IdxFile
    x_test: IdxFile
    y_test: IdxFile

    def load_data(self) -> tuple[Split, Split]:
        """``(x_train, y_train), (x_test, y_test)``, uint8, images (N, 28, 28), labels (N,)."""
        return self._split(self.x_train, self.y_train), self._split(self.x_test, self.y_test)

    def _split(self, images: IdxFile, labels: IdxFile) -> Split:
        x, y = self._array(images), self._array(labels)
        if len(x) != len(y):
            raise DataCorruptedError(
                f"{self.name}: {images.name} holds {len(x)} images, "
                f"but {labels.name} holds {len(y)} labels"
            )
        return x, y

    def _array(self, file: IdxFile) -> NDArray[np.uint8]:
        path = self._find(file) or self._download(file)
        return parse_idx(verified_content(path, file), file.ndim, str(path))

    def _folders(self) -> list[Path]:
        given = os.environ.get("DENSEFIT_DATA")
        roots = [Path(given), cache_folder()] if given else [cache_folder()]
        return [root / self.name for root in roots]

    def _find(self, file: IdxFile) -> Path | None:
        paths = (folder / file.name for folder in self._folders())
        return next((path for path in paths if path.is_file()), None)

    def _download(self, file: IdxFile) -> Path:
        try:
            from densefit.datasets._download import download
        except ImportError as missing:
            raise self._not_found(file, [f"the package {missing.name} is not installed"]) from None
        folder = cache_folder() / self.name
        failures = []
        for mirror in self.mirrors:
            try:
                return download(mirror + file.name, file.archive_sha256, folder / file.name)
            except (OSError, ValueError) as error:
                failures.append(f"{mirror}{file.name}: {error}")
        raise self._not_found(file, failures)

    def _not_found(self, file: IdxFile, failures: Sequence[str]) -> DataNotFoundError:
        looked = "".join(f"\n  - not in {folder}" for folder in self._folders())
        tried = "".join(f"\n  - not downloaded: {failure}" for failure in failures)
        return DataNotFoundError(
            f"{self.name}: {file.name} was not found.{looked}{tried}\n"
            f"Any one of these helps:\n"
            f"  1. with a network: pip install 'densefit[data]', then call load_data() again;\n"
            f"  2. with the four files at hand: put them into a folder {self.name}, and set the "
            f"environment variable DENSEFIT_DATA to the folder that contains it;\n"
            f"  3. with neither: densefit.datasets.fashion_mnist_mini, which is in the package."
        )


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/densefit``, or ``~/.cache/densefit``: where downloads are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "densefit"


def verified_content(path: Path, file: IdxFile) -> bytes:
    """The unzipped bytes of ``path``, once its SHA-256 has been found to be ``file``'s.

    Raises :class:`DataCorruptedError` when it is not, or when the file is no gzip file.
    """
    archive = path.read_bytes()
    got = hashlib.sha256(archive).hexdigest()
    try:
        content = gzip.decompress(archive)
    except (OSError, EOFError, zlib.error) as error:
        raise _corrupted(path, f"it cannot be unzipped ({error})") from error
    if got == file.archive_sha256 or _sha256_is(content, file.content_sha256):
        return content
    raise _corrupted(path, f"its SHA-256 should be {file.archive_sha256}, but is {got}")


def _sha256_is(content: bytes, expected: str | None) -> bool:
    return expected is not None and hashlib.sha256(content).hexdigest() == expected


def _corrupted(path: Path, why: str) -> DataCorruptedError:
    return DataCorruptedError(
        f"{path} is damaged or not the published file: {why}. Delete it (then it is downloaded "
        f"again) or replace it with an intact copy."
    )
