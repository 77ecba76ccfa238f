"""Every download is recognised, whose each file is, and no archive can do harm."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic", "yaml")

from grader.batch.archive import MAX_MEMBERS, ZipArchive, open_archive
from grader.batch.intake import pack
from grader.batch.sources import Roster, recognise
from grader.batch.told import apply_map
from grader.errors import GraderError, SubmissionNotFound
from grader.files import MAX_FILE_BYTES
from grader.sheet import read_sheet
from grader.submission import read_submission

SCOPE = "nn/assignment4"
NAMES = ["山田 太郎", "髙﨑 花子", "O'Neil-Smith", "Zoë", "Ann_Marie 3", "名_前 12_3"]


def archive(tmp_path: Path, files: dict[str, bytes], name: str = "download.zip") -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as made:
        for inner, data in files.items():
            made.writestr(inner, data)
    return path


def roster(path: Path, kind: str | None = None) -> Roster:
    return recognise(open_archive(path), SCOPE, kind)


def who(found: Roster) -> dict[str, str]:
    return {entry.person.subject: entry.person.name for entry in found.entries}


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("folder", ["", "NN-assignment 4-77/"])
def test_moodle(tmp_path: Path, flat: bool, folder: str) -> None:
    separator = "_" if flat else "/"
    files = {
        f"{folder}{name}_{i}_assignsubmission_file{separator}sub.py": b"x"
        for i, name in enumerate(NAMES)
    }
    files[f"{folder}Text Only_99_assignsubmission_onlinetext{separator}onlinetext.html"] = b"x"
    found = roster(archive(tmp_path, files))
    assert found.kind == "moodle"
    expected = {str(i): name for i, name in enumerate(NAMES)} | {"99": "Text Only"}
    assert who(found) == expected
    assert {tuple(e.members) for e in found.entries} == {("sub.py",), ("onlinetext.html",)}
    assert {entry.person.provider for entry in found.entries} == {f"moodle:{SCOPE}"}


def test_moodle_keeps_folders_and_joins_both_kinds(tmp_path: Path) -> None:
    files = {
        "A_7_assignsubmission_file/lib/nn.py": b"x",
        "A_7_assignsubmission_file/main.py": b"x",
        "A_7_assignsubmission_onlinetext/onlinetext.html": b"x",
    }
    (entry,) = roster(archive(tmp_path, files)).entries
    assert set(entry.members) == {"lib/nn.py", "main.py", "onlinetext.html"}


def test_canvas(tmp_path: Path) -> None:
    files = {
        "yamadataro_101_5001_submission.py": b"x",
        "yamadataro_101_5002_diagnosis.toml": b"x",
        "oneilsmith_LATE_102_5003_my_work_2.ipynb": b"x",
    }
    found = roster(archive(tmp_path, files))
    assert found.kind == "canvas"
    assert who(found) == {"101": "yamadataro", "102": "oneilsmith"}
    by = {entry.person.subject: entry for entry in found.entries}
    assert set(by["101"].members) == {"submission.py", "diagnosis.toml"}
    assert set(by["102"].members) == {"my_work_2.ipynb"}
    assert by["102"].late
    assert not by["101"].late


METADATA = """
submission_11:
  :submitters:
  - :name: 山田 太郎
    :sid: '0012'
    :email: yamada@example.org
  - :name: Zoë
    :email: zoe@example.org
  :created_at: 2026-04-01 09:00:00.000000000 Z
submission_12:
  :submitters:
  - :name: O'Neil-Smith
    :sid: 7
"""


def test_gradescope(tmp_path: Path) -> None:
    files = {
        "assignment_1_export/submission_metadata.yml": METADATA.encode(),
        "assignment_1_export/submission_11/sub.py": b"x",
        "assignment_1_export/submission_12/sub.py": b"y",
    }
    found = roster(archive(tmp_path, files))
    assert found.kind == "gradescope"
    assert who(found) == {"0012": "山田 太郎", "zoe@example.org": "Zoë", "7": "O'Neil-Smith"}
    assert [set(entry.members) for entry in found.entries] == [{"sub.py"}] * 3


def cp932_zip(path: Path, files: dict[str, bytes]) -> Path:
    """As a Japanese Windows writes it: names in CP932, bit 11 of the flags unset."""

    class Info(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode("cp932"), self.flag_bits & ~0x800

    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(Info(name), data)
    return path


def test_webclass_with_names_in_cp932(tmp_path: Path) -> None:
    answers = "ユーザID,氏名,report/answer,点数\r\ns01,山田 太郎,report/表.py,\r\ns02,髙﨑,,\r\n"
    files = {"answer.csv": answers.encode("cp932"), "report/表.py": b"x = 1"}
    found = roster(cp932_zip(tmp_path / "w.zip", files))
    assert found.kind == "webclass"
    assert who(found) == {"s01": "山田 太郎", "s02": "髙﨑"}
    by = {entry.person.subject: entry for entry in found.entries}
    assert by["s01"].members == {"表.py": "report/表.py"}
    assert by["s02"].members == {}


def test_webclass_without_the_column_says_which_there_are(tmp_path: Path) -> None:
    path = archive(tmp_path, {"answer.csv": "番号,氏名\n1,山田\n".encode()})
    with pytest.raises(GraderError, match="番号, 氏名"):
        roster(path)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_names_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    name = "髙﨑 花子_3_assignsubmission_file/表 ソ能.py"
    if encoding == "cp932":
        path = cp932_zip(tmp_path / "d.zip", {name: b"x"})
    else:
        path = archive(tmp_path, {name: b"x"})
    (entry,) = roster(path).entries
    assert entry.person.name == "髙﨑 花子"
    assert list(entry.members) == ["表 ソ能.py"]
    assert open_archive(path).read(entry.members["表 ソ能.py"]) == b"x"


@pytest.mark.parametrize("zipped", [False, True])
def test_a_folder_of_files_and_folders(tmp_path: Path, zipped: bool) -> None:
    files = {"yamada.py": b"x", "zoë/main.py": b"y", "zoë/lib/nn.py": b"z"}
    if zipped:
        path = archive(tmp_path, files)
    else:
        path = tmp_path / "folder"
        for name, data in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
        (path / "link.py").symlink_to("yamada.py")
        (path / ".hidden").write_bytes(b"x")
    found = roster(path)
    assert found.kind == "folder"
    assert who(found) == {"yamada": "yamada", "zoë": "zoë"}
    assert {tuple(sorted(e.members)) for e in found.entries} == {
        ("yamada.py",),
        ("lib/nn.py", "main.py"),
    }


def test_a_kind_that_it_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="canvas"):
        roster(archive(tmp_path, {"a.py": b""}), "canvas")


def test_the_teachers_map_names_people_and_joins_files(tmp_path: Path) -> None:
    found = roster(archive(tmp_path, {"x1.py": b"", "x2.toml": b"", "y.py": b""}))
    table = "file,ID,name,email\nx1.py,s1,山田 太郎,y@example.org\nx2.toml,s1,山田 太郎,\n"
    mapped = apply_map(found, read_sheet(table.encode("cp932"), "m.csv"), "m.csv").roster
    by = {entry.person.subject: entry for entry in mapped.entries}
    assert set(by) == {"s1", "y"}
    assert len(by["s1"].members) == 2
    assert by["s1"].person.provider == "map"


def test_a_map_without_its_columns_says_so(tmp_path: Path) -> None:
    found = roster(archive(tmp_path, {"x1.py": b""}))
    with pytest.raises(GraderError, match="file and id"):
        apply_map(found, read_sheet(b"a,b\n1,2\n", "m.csv"), "m.csv")


def test_names_that_would_slip_out_are_left_out(tmp_path: Path) -> None:
    files = {"../evil.py": b"", "/abs.py": b"", "a/../../b.py": b"", "ok.py": b""}
    assert open_archive(archive(tmp_path, files)).names() == ["ok.py"]


def test_links_in_a_zip_are_left_out(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link.py")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as made:
        made.writestr(info, "/etc/passwd")
    assert open_archive(tmp_path / "l.zip").names() == []


def test_a_bomb_costs_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a_1_assignsubmission_file/big.py", b"0" * (MAX_FILE_BYTES + 1))
        made.writestr("b_2_assignsubmission_file/ok.py", b"x = 1")
    opened = open_archive(path)
    bomb, fine = roster(path).entries
    with pytest.raises(SubmissionNotFound, match="too large"):
        pack(opened, bomb)
    assert pack(opened, fine)


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.batch.archive.MAX_MEMBERS", 2)
    assert MAX_MEMBERS > 10_000
    with pytest.raises(SubmissionNotFound, match="3 files"):
        ZipArchive(archive(tmp_path, {"a": b"", "b": b"", "c": b""}))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 not really"])
def test_what_is_no_archive_is_explained(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(SubmissionNotFound, match="neither a folder nor a zip"):
        open_archive(path)


def test_the_same_files_are_packed_to_the_same_bytes(tmp_path: Path) -> None:
    files = {"a_1_assignsubmission_file/m.py": b"x = 1", "a_1_assignsubmission_file/n.py": b"y"}
    first = archive(tmp_path, files)
    second = archive(tmp_path, dict(reversed(files.items())), "other.zip")
    packed = [pack(open_archive(p), roster(p).entries[0]) for p in (first, second)]
    assert packed[0] == packed[1]


def test_a_zip_handed_in_alone_is_that_zip(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("submission.py", "def relu_forward(z): return z")
    path = archive(tmp_path, {"a_1_assignsubmission_file/my work.zip": inner.getvalue()})
    packed = pack(open_archive(path), roster(path).entries[0])
    (tmp_path / "back.zip").write_bytes(packed)
    assert read_submission(tmp_path / "back.zip").name == "submission.py"


def test_a_zip_of_a_folder_is_its_class(tmp_path: Path) -> None:
    """As ``zip -r class.zip class`` makes it."""
    found = roster(archive(tmp_path, {"class/s1.py": b"x", "class/s2/main.py": b"x"}))
    assert who(found) == {"s1": "s1", "s2": "s2"}
    (alone,) = roster(archive(tmp_path, {"s1/nn/main.py": b"x", "s1/nn/lib.py": b"x"})).entries
    assert alone.person.subject == "s1"
    assert set(alone.members) == {"nn/main.py", "nn/lib.py"}


def test_older_moodles_end_the_folder_with_an_underscore(tmp_path: Path) -> None:
    (entry,) = roster(
        archive(tmp_path, {"山田 太郎_12345_assignsubmission_file_/s.py": b"x"})
    ).entries
    assert (entry.person.subject, entry.person.name) == ("12345", "山田 太郎")
    assert set(entry.members) == {"s.py"}
