"""Downloading one file with a checksum and a progress bar; needs pooch (the extra ``data``)."""

from __future__ import annotations

from pathlib import Path

import pooch
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

SECONDS_WITHOUT_DATA = 30


class _Bar:
    """What pooch asks of a progress bar, drawn by rich on standard error's terminal."""

    def __init__(self, label: str) -> None:
        from rich.console import Console

        columns = (TextColumn(label), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._task = self._progress.add_task(label)
        self._total = 0

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        self._total = size
        self._progress.update(self._task, total=size)
        self._progress.start()

    def update(self, size: int) -> None:
        self._progress.advance(self._task, size)

    def reset(self) -> None:
        self._progress.reset(self._task, total=self._total)

    def close(self) -> None:
        self._progress.update(self._task, completed=self._total)
        self._progress.stop()


def download(url: str, sha256: str, path: Path) -> Path:
    """Fetch ``url`` to ``path``, which appears only when complete and of the right SHA-256.

    Raises ``OSError`` when the address does not answer, ``ValueError`` on another checksum.
    """
    pooch.get_logger().setLevel("WARNING")
    bar = _Bar(path.name)
    try:
        downloader = pooch.HTTPDownloader(progressbar=bar, timeout=SECONDS_WITHOUT_DATA)
        pooch.retrieve(
            url, f"sha256:{sha256}", fname=path.name, path=path.parent, downloader=downloader
        )
    finally:
        bar.close()
    return path
