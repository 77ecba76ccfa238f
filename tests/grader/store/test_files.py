"""What was handed in comes back as it was, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic")

from hypothesis import given
from hypothesis.strategies import binary

from grader.store.files import FileStore


@given(data=binary(max_size=200))
def test_what_was_added_comes_back(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    files = FileStore(tmp_path_factory.mktemp("files"))
    digest = files.add(data)
    assert digest == files.add(data) == hashlib.sha256(data).hexdigest()
    assert files.read(digest) == data
    files.remove(digest)
    files.remove(digest)
    assert not files.path(digest).exists()


def test_nothing_half_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="space"):
        FileStore(tmp_path).add(b"x")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    digest = files.add(b"x")
    files.path(digest).write_bytes(b"y")
    with pytest.raises(OSError, match="damaged"):
        files.read(digest)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_only_digests_name_files(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        FileStore(tmp_path).path(digest)
