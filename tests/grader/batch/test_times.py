"""Who handed in when: from the download, its worksheet, names of files, or the teacher's map."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import needs

needs.need("sqlalchemy", "alembic", "yaml")

from hypothesis import given
from hypothesis import strategies as st

from grader.batch.archive import open_archive
from grader.batch.sources import Roster, SourceError, recognise
from grader.batch.told import apply_map, apply_worksheet
from grader.sheet import read_sheet
from grader.times import read_time

TOKYO = timezone(timedelta(hours=9))
EVENING = datetime(2026, 7, 31, 23, 59, tzinfo=TOKYO)
FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年 %m月 %d日(火) %H:%M", "%d %B %Y, %I:%M %p")
HEADER = "ID,氏名,メールアドレス,IDナンバー,ステータス,最終更新日時 (提出)\r\n"


def download(tmp_path: Path, *names: str) -> Roster:
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as made:
        for name in names:
            made.writestr(name, b"x = 1")
    return recognise(open_archive(tmp_path / "d.zip"), "nn/a", zone=TOKYO)


@pytest.mark.parametrize(
    "words",
    [
        "2026-07-31T23:59:00+09:00",
        "2026-07-31T14:59:00Z",
        "2026-07-31 23:59",
        "2026/07/31 23:59:00",
        "2026/7/31 23:59",
        "2026年 07月 31日(金曜日) 23:59",
        "2026年7月31日 23:59",
        "Friday, 31 July 2026, 11:59 PM",
        "31 July 2026, 11:59 PM",
    ],
)
def test_times_as_platforms_write_them(words: str) -> None:
    assert read_time(words, TOKYO) == EVENING


@pytest.mark.parametrize("words", ["", "-", "Never", "2026/13/45 23:59", "12", "山田"])
def test_what_is_no_time_is_none(words: str) -> None:
    assert read_time(words, TOKYO) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)))
def test_every_form_is_read_back(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0, tzinfo=TOKYO)
    for form in FORMS:
        assert read_time(moment.strftime(form), TOKYO) == moment
    assert read_time(moment.isoformat(), UTC) == moment


def test_names_of_files_may_hold_the_time_and_are_attempts(tmp_path: Path) -> None:
    names = ("s1 2026-07-31 23-59.py", "s1_2026-07-30T080000.py", "s2.py")
    found = download(tmp_path, *names, "s3@2026-07-31_2359/a.py").entries
    assert [(e.person.subject, e.submitted and e.submitted.isoformat()) for e in found] == [
        ("s1", "2026-07-30T08:00:00+09:00"),
        ("s1", "2026-07-31T23:59:00+09:00"),
        ("s2", None),
        ("s3", "2026-07-31T23:59:00+09:00"),
    ]


def test_a_number_is_not_taken_for_a_time(tmp_path: Path) -> None:
    (entry,) = download(tmp_path, "20260731_2359.py").entries
    assert (entry.person.subject, entry.submitted) == ("20260731_2359", None)


def test_gradescope_says_when(tmp_path: Path) -> None:
    metadata = (
        "submission_1:\n  :submitters:\n  - :name: Zoë\n    :sid: '7'\n"
        "  :created_at: 2026-07-31 14:59:00.000000000 Z\n"
    )
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as made:
        made.writestr("submission_metadata.yml", metadata)
        made.writestr("submission_1/a.py", b"")
    (entry,) = recognise(open_archive(tmp_path / "d.zip"), "nn/a").entries
    assert entry.submitted == EVENING


def test_moodles_worksheet_tells_names_numbers_and_times(tmp_path: Path) -> None:
    found = download(
        tmp_path,
        "山田 太郎_12_assignsubmission_file_/s.py",
        "Zoë_13_assignsubmission_file_/s.py",
        "Absent_99_assignsubmission_file_/s.py",
    )
    rows = (
        "参加者12,山田 太郎,taro@example.org,s0012,提出済み,2026年 07月 31日(金曜日) 23:59\r\n"
        "参加者13,Zoë,,,提出済み,-\r\n"
    )
    sheet = read_sheet(b"\xef\xbb\xbf" + (HEADER + rows).encode(), "w.csv")
    told = apply_worksheet(found, sheet, "w.csv", TOKYO)
    by = {entry.person.subject: entry for entry in told.roster.entries}
    assert by["12"].submitted == EVENING
    assert (by["12"].person.email, by["12"].person.student_number) == ("taro@example.org", "s0012")
    assert by["13"].submitted is None
    assert told.unused == ("Absent (99)",)


def test_a_worksheet_needs_a_moodle_download(tmp_path: Path) -> None:
    found = download(tmp_path, "a.py", "b.py")
    with pytest.raises(SourceError, match="not the grading worksheet"):
        apply_worksheet(found, read_sheet(HEADER.encode(), "w.csv"), "w.csv")


def test_a_map_tells_times_and_what_it_names_in_vain(tmp_path: Path) -> None:
    found = download(tmp_path, "x/main.py", "y/main.py")
    table = b"file,id,submitted\nx,s1,2026/07/31 23:59\nz,s9,\n"
    told = apply_map(found, read_sheet(table, "m.csv"), "m.csv", TOKYO)
    found_times = {e.person.subject: e.submitted for e in told.roster.entries}
    assert found_times == {"s1": EVENING, "y": None}
    assert told.unused == ("z",)
    wrong = b"file,id,submitted\nx,s1,yesterday\n"
    with pytest.raises(SourceError, match="'yesterday' in the column submitted"):
        apply_map(found, read_sheet(wrong, "m.csv"), "m.csv", TOKYO)
