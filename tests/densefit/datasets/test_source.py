"""Files are found in the order promised, verified wherever they lie, and downloaded at last."""

import gzip
import hashlib
import struct
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from densefit.datasets import DataCorruptedError, DataNotFoundError
from densefit.datasets._source import IdxFile, Source

NOWHERE = "http://127.0.0.1:9/"  # the discard port: nothing listens


def archive(array: np.ndarray, level: int = 9) -> bytes:
    sizes = b"".join(struct.pack(">I", n) for n in array.shape)
    content = bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()
    return gzip.compress(content, compresslevel=level, mtime=0)


ARRAYS = {
    "x_train": np.arange(5 * 4 * 3).reshape(5, 4, 3),
    "y_train": np.arange(5),
    "x_test": np.arange(2 * 4 * 3).reshape(2, 4, 3),
    "y_test": np.arange(2),
}
ARCHIVES = {part: archive(array) for part, array in ARRAYS.items()}


def write_files(folder: Path, archives: dict[str, bytes] = ARCHIVES) -> None:
    folder.mkdir(parents=True)
    for part, data in archives.items():
        (folder / f"{part}.gz").write_bytes(data)


def make_source(*mirrors: str, content_known: bool = False) -> Source:
    def file(part: str) -> IdxFile:
        content = hashlib.sha256(gzip.decompress(ARCHIVES[part])).hexdigest()
        return IdxFile(
            name=f"{part}.gz",
            ndim=ARRAYS[part].ndim,
            archive_sha256=hashlib.sha256(ARCHIVES[part]).hexdigest(),
            content_sha256=content if content_known else None,
        )

    return Source("toy", mirrors, *(file(part) for part in ARRAYS))


def assert_loads(source: Source) -> None:
    (x_train, y_train), (x_test, y_test) = source.load_data()
    for got, part in zip((x_train, y_train, x_test, y_test), ARRAYS, strict=True):
        assert got.dtype == np.uint8
        np.testing.assert_array_equal(got, ARRAYS[part])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DENSEFIT_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "densefit" / "toy"


@pytest.fixture
def given_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DENSEFIT_DATA", str(tmp_path / "given"))
    return tmp_path / "given" / "toy"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """The address of a real HTTP server, serving the files of the folder ``served``."""
    write_files(tmp_path / "served")
    handler = partial(_Quiet, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_the_folder_given_comes_first(given_folder: Path, cache: Path) -> None:
    write_files(given_folder)
    write_files(cache, dict.fromkeys(ARCHIVES, b"never read"))
    assert_loads(make_source())


def test_the_cache_comes_second(given_folder: Path, cache: Path) -> None:
    write_files(cache)
    assert_loads(make_source())


def test_a_download_fills_the_cache(
    mirror: str, cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pooch", reason="needs the extra 'data'")
    assert_loads(make_source(mirror))
    assert {path.name for path in cache.iterdir()} == {f"{part}.gz" for part in ARRAYS}
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "x_train.gz" in captured.err
    assert_loads(make_source(NOWHERE))


def test_the_second_mirror_serves_when_the_first_does_not(mirror: str) -> None:
    pytest.importorskip("pooch", reason="needs the extra 'data'")
    assert_loads(make_source(NOWHERE, mirror))


def test_a_mirror_with_other_bytes_is_not_believed(
    mirror: str, tmp_path: Path, cache: Path
) -> None:
    pytest.importorskip("pooch", reason="needs the extra 'data'")
    (tmp_path / "served" / "y_test.gz").write_bytes(archive(np.array([7, 7])))
    with pytest.raises(DataNotFoundError, match=r"not downloaded: .*y_test.gz"):
        make_source(mirror).load_data()
    assert not (cache / "y_test.gz").exists()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-9], id="truncated"),
        pytest.param(
            lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:], id="a bit flipped"
        ),
        pytest.param(lambda data: b"<html>not found</html>", id="a web page"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: archive(ARRAYS["x_test"][::-1]), id="other images"),
    ],
)
@pytest.mark.parametrize("content_known", [False, True])
def test_a_damaged_local_file_is_named(given_folder: Path, damage, content_known: bool) -> None:
    write_files(given_folder, ARCHIVES | {"x_test": damage(ARCHIVES["x_test"])})
    with pytest.raises(DataCorruptedError, match=r"x_test\.gz is damaged .* Delete it"):
        make_source(content_known=content_known).load_data()


def test_a_copy_compressed_anew_is_accepted_where_the_content_is_known(given_folder: Path) -> None:
    write_files(given_folder, {part: archive(array, level=0) for part, array in ARRAYS.items()})
    assert_loads(make_source(content_known=True))
    with pytest.raises(DataCorruptedError, match="SHA-256 should be"):
        make_source().load_data()


def test_images_and_labels_must_be_as_many(given_folder: Path) -> None:
    write_files(given_folder)
    source = make_source()
    swapped = replace(source, y_train=source.y_test, y_test=source.y_train)
    with pytest.raises(DataCorruptedError, match=r"5 images, but y_test.gz holds 2 labels"):
        swapped.load_data()


def test_neither_data_nor_network_names_all_three_ways_out(given_folder: Path, cache: Path) -> None:
    pytest.importorskip("pooch", reason="needs the extra 'data'")
    with pytest.raises(DataNotFoundError) as caught:
        make_source(NOWHERE).load_data()
    message = str(caught.value)
    for part in (str(given_folder), str(cache), NOWHERE + "x_train.gz"):
        assert part in message
    for way_out in ("pip install 'densefit[data]'", "DENSEFIT_DATA", "fashion_mnist_mini"):
        assert way_out in message


def test_without_pooch_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.delitem(sys.modules, "densefit.datasets._download", raising=False)
    with pytest.raises(DataNotFoundError, match="the package pooch is not installed"):
        make_source(NOWHERE).load_data()
