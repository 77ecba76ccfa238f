"""Grades reach every gradebook, and nothing else in the teacher's file changes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import needs

needs.need("sqlalchemy", "alembic")

from hypothesis import given
from hypothesis.strategies import floats

from grader.cli import cli
from grader.errors import GraderError
from grader.export import tables
from grader.export.fill import Columns, fill
from grader.sheet import read_sheet

from .conftest import CLASS

if TYPE_CHECKING:
    from grader.batch.roll import Line

MOODLE_EN = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments"
)
MOODLE_JA = (
    "ID,氏名,メールアドレス,ステータス,評点,最大評点,評点の変更可,"
    "最終更新日時 (提出),最終更新日時 (評点),フィードバックコメント"
)


def moodle(header: str, word: str, most: str) -> bytes:
    rows = [header]
    for number, name, _ in reversed(CLASS):
        name = '"' + name.replace('"', '""') + '"'
        rows.append(f'{word}{number},{name},,"提出済み, 遅れ","",{most},Yes,"4月 1日",-,""')
    rows.append(f"{word}99,Someone Else,,-,,{most},Yes,-,-,")
    return b"\xef\xbb\xbf" + ("\r\n".join(rows) + "\r\n").encode()


def read(data: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


@pytest.mark.parametrize(
    ("header", "word"), [(MOODLE_EN, "Participant "), (MOODLE_JA, "参加者")], ids=["en", "ja"]
)
def test_moodles_worksheet_keeps_everything_else(header: str, word: str, lines: list[Line]) -> None:
    data = moodle(header, word, "10.00")
    filled = fill(read_sheet(data, "w.csv"), "moodle", lines, Columns(), "ja")
    before, after = read(data), read(filled.data)
    assert filled.filled == len(CLASS)
    assert [line.name for line in filled.absent] == ["Nobody"]
    expected = {number: points for number, _, points in CLASS}
    for old, new in zip(before[1:], after[1:], strict=True):
        number = new[0].removeprefix(word)
        assert [c for i, c in enumerate(new) if i not in (4, 9)] == [
            c for i, c in enumerate(old) if i not in (4, 9)
        ]
        if number in expected:
            assert float(new[4]) == pytest.approx(expected[number], abs=0.005)
            assert ("軸" in new[9]) == (expected[number] < 10)
        else:
            assert new == old
    assert after[0] == before[0]
    assert filled.data.startswith(b"\xef\xbb\xbf")
    assert filled.data.count(b"\r\n") == data.count(b"\r\n")
    assert b"SECRET" not in filled.data


def test_points_are_scaled_to_what_the_worksheet_gives(lines: list[Line]) -> None:
    data = moodle(MOODLE_EN, "Participant ", "100.00")
    filled = fill(read_sheet(data, "w.csv"), "moodle", lines, Columns(), "en")
    assert filled.scaled_to == 100
    grades = {row[0]: row[4] for row in read(filled.data)}
    assert grades["Participant 11"] == "100"
    assert grades["Participant 12"] == "72.56"
    assert grades["Participant 14"] == "99.99"


def test_a_comment_in_moodle_is_no_html(lines: list[Line]) -> None:
    data = moodle(MOODLE_EN, "Participant ", "10.00")
    filled = fill(read_sheet(data, "w.csv"), "moodle", lines, Columns(), "en")
    comments = [row[9] for row in read(filled.data)[1:]]
    assert any("&lt;over&gt;" in words for words in comments)
    assert not any("<over>" in words for words in comments)


CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Assignment 3 (76),Assignment 4 (77)
    Points Possible,,,,,5.00,20.00
"Smith, O'Neil",913,n13,u13,NN,4.00,
"山田, 太郎",911,n11,u11,NN,,
Zoë,914,n14,u14,NN,5.00,1.00
"Student, Test",999,,x,NN,,
"""


def test_canvas_fills_the_assignments_own_column(lines: list[Line]) -> None:
    columns = Columns(grade="Assignment 4 (77)")
    filled = fill(read_sheet(CANVAS.encode(), "g.csv"), "canvas", lines, columns, "en")
    before, after = read(CANVAS.encode()), read(filled.data)
    assert [row[:6] for row in after] == [row[:6] for row in before]
    assert [row[6] for row in after] == ["Assignment 4 (77)", "20.00", "0", "20", "19.998", ""]
    assert not filled.data.startswith(b"\xef\xbb\xbf")
    assert filled.data.splitlines()[1] == CANVAS.encode().splitlines()[1]
    assert {line.name for line in filled.absent} == {"髙﨑 花子", "=cmd|' C calc'!A0", "Nobody"}


def test_canvas_without_a_column_lists_them(lines: list[Line]) -> None:
    with pytest.raises(GraderError, match=r"--grade-column.*Assignment 4 \(77\)"):
        fill(read_sheet(CANVAS.encode(), "g.csv"), "canvas", lines, Columns(), "en")


def test_webclass_in_cp932_with_tabs(lines: list[Line]) -> None:
    words = (
        "ユーザID\t氏名\treport/answer\t点数\tコメント\t備考\n"
        "w11\t山田 太郎\ta.py\t\t\t①㈱\n"
        'w12\t"髙﨑 花子"\tb.py\t0\t"古い"\t\n'
    )
    data = words.encode("cp932")
    filled = fill(read_sheet(data, "answer.csv"), "webclass", lines, Columns(), "ja")
    rows = [line.split("\t") for line in filled.data.decode("cp932").splitlines()]
    assert rows[0] == words.splitlines()[0].split("\t")
    assert rows[1][:4] == ["w11", "山田 太郎", "a.py", "10"]
    assert rows[1][5] == "①㈱"
    assert rows[2][1] == '"髙﨑 花子"'
    assert rows[2][3] == "7.26"
    assert rows[2][4].startswith('"7.26 / 10; dense_backward: 和をとる軸が違います')


def test_what_cp932_lacks_becomes_a_question_mark(lines: list[Line]) -> None:
    words = "ユーザID,点数,コメント\nw12,,\n"
    (line,) = (line for line in lines if line.student_number == "n12")
    assert line.document is not None
    line.document["checks"][0]["misconception"]["title"]["en"] = "café au lait"
    filled = fill(read_sheet(words.encode("cp932"), "a.csv"), "webclass", lines, Columns(), "en")
    assert "caf? au lait" in filled.data.decode("cp932")


def test_a_plain_table_reads_back(lines: list[Line]) -> None:
    table = read(tables.plain_csv(lines, "en"))
    rows = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
    assert {row["name"].removeprefix("'") for row in rows.values()} == {
        *(name for _, name, _ in CLASS),
        "Nobody",
    }
    assert rows["n15"]["name"].startswith("'=")
    assert rows["n12"]["points"] == "7.26"
    assert rows["n16"]["status"] == "not checked"
    assert rows["n16"]["points"] == ""
    assert rows["n11"]["dense_backward"] == "10"


def test_json_keeps_names_as_they_are(lines: list[Line]) -> None:
    found = json.loads(tables.as_json(lines, "assignment4", "course"))
    names = {student["name"] for student in found["students"]}
    assert names == {*(name for _, name, _ in CLASS), "Nobody"}
    assert found["schema"] == tables.JSON_SCHEMA


def test_moodles_gradebook_has_who_was_graded(lines: list[Line]) -> None:
    header, *rows = read(tables.moodle_gradebook(lines, "en"))
    assert header == ["username", "idnumber", "email", "grade", "feedback"]
    assert {row[0]: row[3] for row in rows} == {
        "u11": "10",
        "u12": "7.26",
        "u13": "0",
        "u14": "9.999",
        "u15": "3",
    }


@given(points=floats(0, 1000))
def test_no_number_is_rounded_up_to_a_full_mark(points: float) -> None:
    shown = float(tables.number(points))
    assert shown == pytest.approx(points, abs=0.005)
    assert int(shown) <= int(points + 1e-5)


def test_the_command(graded: Path, tmp_path: Path) -> None:
    (tmp_path / "answer.csv").write_bytes("番,点,名\nw11,,山田 太郎\n".encode("cp932"))
    call = ["export", "assignment4", "--grades", str(graded), "--format", "webclass"]
    call += ["--into", str(tmp_path / "answer.csv"), "-o", str(tmp_path / "out.csv")]
    named = [*call, "--identity-column", "番", "--grade-column", "点", "--lang", "en"]
    first = CliRunner().invoke(cli, named)
    assert first.exit_code == 1, first.output
    assert "1 of 6 students" in first.output
    assert "髙﨑 花子 (n12): not in the file" in first.output
    assert (tmp_path / "out.csv").read_bytes().decode("cp932") == "番,点,名\nw11,10,山田 太郎\n"
    again = CliRunner().invoke(cli, [*call, "--lang", "ja"])  # the columns were remembered
    assert "6 人のうち 1 人分" in again.output


@pytest.mark.parametrize("kind", ["csv", "json", "moodle-gradebook"])
def test_the_command_makes_files(graded: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    call = ["export", "assignment4", "--grades", str(graded), "--format", kind, "-o", str(out)]
    assert CliRunner().invoke(cli, call, catch_exceptions=False).exit_code == 0
    assert "山田" in out.read_text("utf-8") or kind == "moodle-gradebook"


def test_missing_grades_are_explained(tmp_path: Path) -> None:
    call = ["export", "assignment4", "--grades", str(tmp_path / "none"), "-o", "x"]
    with pytest.raises(GraderError, match="grader batch first"):
        CliRunner().invoke(cli, call, catch_exceptions=False)
