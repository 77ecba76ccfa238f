"""Submissions as they come: encodings, notebooks, folders, zips, and what must not be followed."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from grader.errors import SubmissionNotFound
from grader.notebook import strip_magics
from grader.submission import read_submission

SOURCE = "# 活性化関数\ndef relu_forward(z):\n\treturn z\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(SOURCE.replace("\n", newline).encode(encoding))
    assert read_submission(path).cells[0].source == SOURCE


def test_a_notebooks_code_cells_in_order(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "source": ["%matplotlib inline\n", "a = 1"]},
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": "b = 2"},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}), "utf-8")
    found = read_submission(path).cells
    assert [(c.name, c.source) for c in found] == [("cell 1", "pass\na = 1"), ("cell 2", "b = 2")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("!pip install numpy\nx = 1", "pass\nx = 1"),
        ("if True:\n    %time f()", "if True:\n    pass"),
        ("files = !ls", "files = None"),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%bash\nrm -r /", ""),
        ("f?", "pass"),
        ('s = """\n%done\n!"""', 's = """\n%done\n!"""'),
        ("x = 5 \\\n% 3", "x = 5 \\\n% 3"),
    ],
)
def test_magics_go_and_lines_stay(source: str, expected: str) -> None:
    assert strip_magics(source) == expected


def test_the_file_that_defines_most_is_taken_and_named(tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text("x = 1\n")
    (tmp_path / "work.py").write_text("def softmax(z): return z\n")
    found = read_submission(tmp_path, ["softmax"])
    assert found.name == "work.py"
    assert "work.py" in found.notes[0]["en"]


def test_imported_modules_come_along_and_others_do_not(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from helper import f\n")
    (tmp_path / "helper.py").write_text("import deeper\n")
    (tmp_path / "deeper.py").write_text("")
    (tmp_path / "another_students.py").write_text("secret = 1\n")
    assert sorted(read_submission(tmp_path / "a.py").helpers) == ["deeper.py", "helper.py"]


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    real = tmp_path / "real.py"
    real.write_text(SOURCE, "utf-8")
    (tmp_path / "link.py").symlink_to(real)
    os.mkfifo(tmp_path / "pipe.py")
    for name in ("link.py", "pipe.py"):
        with pytest.raises(SubmissionNotFound, match="link or a device"):
            read_submission(tmp_path / name)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.py").symlink_to(real)
    with pytest.raises(SubmissionNotFound):
        read_submission(folder)


def test_a_zip_is_read_without_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../slip.py", "def softmax(z): return 1\n")
        archive.writestr("/absolute.py", "def softmax(z): return 1\n")
        archive.writestr("__MACOSX/x.py", "def softmax(z): return 1\n")
        archive.writestr("work/mine.py", "x = 1\n")
        archive.writestr("work/diagnosis.toml", "a = 1\n")
    found = read_submission(path, ["softmax"])
    assert (found.name, found.diagnosis) == ("mine.py", "a = 1\n")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", b" " * (33 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(SubmissionNotFound, match="too large"):
        read_submission(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", bytes(range(100, 200))])
def test_a_broken_zip_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(SubmissionNotFound):
        read_submission(path)


def test_the_digest_depends_on_everything_handed_in(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    first = read_submission(path).digest
    (tmp_path / "diagnosis.toml").write_text('[own]\nhistory = "h.json"\n')
    second = read_submission(path).digest
    (tmp_path / "h.json").write_text("{}")
    third = read_submission(path).digest
    assert len({first, second, third}) == 3
