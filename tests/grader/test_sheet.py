"""A teacher's table comes back byte for byte, but for the cells that were set."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text, tuples

from grader.sheet import SheetError, inert, read_sheet, write_table

NAMES = ["山田 太郎", "髙﨑 花子", "O'Neil-Smith", "Zoë", 'say "hi"', "a,b", "two\nlines", "", "①"]
cells = sampled_from(NAMES) | text(alphabet=sampled_from("ab,;\t\"'\n 漢字ーｱ=+-@"), max_size=8)


def table(rows: list[list[str]], delimiter: str, quoting: int, end: str) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue()


@given(
    rows=lists(tuples(cells, cells, cells).map(list), min_size=1, max_size=5),
    delimiter=sampled_from(",;\t"),
    quoting=sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=sampled_from(["\n", "\r\n"]),
    encoding=sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp932"]),
)
def test_what_is_not_touched_stays(
    rows: list[list[str]], delimiter: str, quoting: int, end: str, encoding: str
) -> None:
    words = table([["ID", "氏名", "Grade"], *rows], delimiter, quoting, end)
    data = words.encode(encoding, "replace")
    assert read_sheet(data, "x.csv").to_bytes() == data


@given(
    rows=lists(tuples(cells, cells, cells).map(list), min_size=1, max_size=5),
    value=cells,
    quoting=sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=sampled_from(",;\t"),
)
def test_a_cell_that_was_set_is_read_by_others(
    rows: list[list[str]], value: str, quoting: int, delimiter: str
) -> None:
    everything = [["ID", "氏名", "Grade"], *[[f"n{i}", *row[1:]] for i, row in enumerate(rows)]]
    sheet = read_sheet(table(everything, delimiter, quoting, "\r\n").encode(), "x.csv")
    for row, expected in zip(sheet.rows, everything[1:], strict=True):
        assert [sheet.cell(row, i) for i in range(3)] == expected
        sheet.set(row, 2, value)
        expected[2] = value
    read = csv.reader(io.StringIO(sheet.to_bytes().decode(), newline=""), delimiter=delimiter)
    assert list(read) == everything


def test_characters_with_two_codes_in_cp932_keep_theirs() -> None:
    data = b"id,name,grade\r\n1,\xed\x95,\r\n2,\xfa\xb1,\r\n"  # 﨑 by NEC and by IBM
    sheet = read_sheet(data, "x.csv")
    assert [sheet.cell(row, 1) for row in sheet.rows] == ["﨑", "﨑"]
    sheet.set(sheet.rows[0], 2, "7")
    assert sheet.to_bytes() == data.replace(b"\xed\x95,", b"\xed\x95,7")


def test_lines_too_short_are_filled_up() -> None:
    sheet = read_sheet(b"a,b,c\n1\n", "x.csv")
    assert sheet.cell(sheet.rows[0], 2) == ""
    sheet.set(sheet.rows[0], 2, "x")
    assert sheet.to_bytes() == b"a,b,c\n1,,x\n"


def test_what_cp932_lacks_is_named() -> None:
    sheet = read_sheet("氏名,点\r\n山田,\r\n".encode("cp932"), "x.csv")
    assert not sheet.can_hold("Zoë")
    with pytest.raises(SheetError, match="ë"):
        sheet.set(sheet.rows[0], 1, "Zoë")


@pytest.mark.parametrize("data", [b"", codecs.BOM_UTF8])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(SheetError, match="empty"):
        read_sheet(data, "x.csv")


@pytest.mark.parametrize("words", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1"])
def test_formulas_are_made_inert(words: str) -> None:
    assert inert(words) == f"'{words}"
    assert f"'{words}".encode() in write_table(["a"], [[words]]).replace(b'""', b'"')


@pytest.mark.parametrize("words", ["-2.5", "+3", "7", "Zoë", "山田 太郎", "a=b", ""])
def test_numbers_and_names_stay(words: str) -> None:
    assert inert(words) == words
