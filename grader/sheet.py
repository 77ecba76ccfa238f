"""A teacher's CSV, changed in some cells and kept byte for byte in all others.

Spreadsheets of an LMS come in UTF-8 with or without a BOM, UTF-16 or CP932, separated by commas,
semicolons or tabs, quoted everywhere or only where needed. A sheet is kept as the raw text of each
cell; only a cell that is set is written anew, quoted as it was.

Raw means bytes: CP932 has two codes for some characters (﨑 is one); decoding and encoding again
would exchange them. Delimiters, quotes and line ends are never part of a longer
character, neither in UTF-8 nor in CP932; UTF-16 is carried as UTF-8, which is exact.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grader.errors import GraderError
from grader.i18n import text

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DELIMITERS = (b",", b"\t", b";")
# What a spreadsheet program takes for a formula when a cell begins with it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class SheetError(GraderError):
    """The table cannot be read or written. Save it as CSV in UTF-8 and try again."""


def inert(words: str) -> str:
    """``words`` that no spreadsheet program runs as a formula; numbers stay numbers."""
    return f"'{words}" if words.startswith(FORMULA) and not _is_number(words) else words


def _is_number(words: str) -> bool:
    try:
        float(words)
    except ValueError:
        return False
    return words.isascii()


@dataclass
class Row:
    """The raw cells of a line, with their quotes, and the line's own end."""

    raw: list[bytes]
    end: bytes


@dataclass
class Sheet:
    """A table with a header line; ``encoding`` is that of the cells, ``file_encoding`` outside."""

    bom: bytes
    file_encoding: str
    encoding: str
    delimiter: bytes
    lines: list[Row] = field(default_factory=list)

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [self._value(cell) for cell in self.lines[0].raw] if self.lines else []

    @property
    def rows(self) -> list[Row]:
        """The lines below the header that hold anything."""
        return [row for row in self.lines[1:] if any(row.raw)]

    def find(self, names: Sequence[str]) -> int | None:
        """The column of the first of ``names`` there is, whatever the case."""
        header = [name.strip().casefold() for name in self.header]
        wanted = [name.casefold() for name in names]
        return next((header.index(name) for name in wanted if name in header), None)

    def cell(self, row: Row, column: int) -> str:
        """The value of a cell; empty when the line is too short."""
        return self._value(row.raw[column]) if column < len(row.raw) else ""

    def set(self, row: Row, column: int, value: str) -> None:
        """Change a cell; quoted when it was, or when the value needs it."""
        row.raw += [b""] * (column + 1 - len(row.raw))
        if value == self.cell(row, column):
            return
        raw = self._encoded(value)
        special = any(mark in raw for mark in (self.delimiter, b'"', b"\n", b"\r"))
        if special or row.raw[column].startswith(b'"'):
            raw = b'"' + raw.replace(b'"', b'""') + b'"'
        row.raw[column] = raw

    def to_bytes(self) -> bytes:
        """The file; untouched cells are the bytes they were."""
        body = b"".join(self.delimiter.join(row.raw) + row.end for row in self.lines)
        if self.file_encoding != self.encoding:
            body = body.decode(self.encoding).encode(self.file_encoding)
        return self.bom + body

    def can_hold(self, words: str) -> bool:
        """Whether the file's encoding has every character of ``words``."""
        try:
            words.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _encoded(self, value: str) -> bytes:
        try:
            return value.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SheetError(
                text(
                    "{character} cannot be written in {encoding}, the encoding of this file.",
                    character=error.object[error.start],
                    encoding=self.encoding,
                )
            ) from error

    def _value(self, raw: bytes) -> str:
        if len(raw) >= 2 and raw.startswith(b'"') and raw.endswith(b'"'):
            raw = raw[1:-1].replace(b'""', b'"')
        return raw.decode(self.encoding)


def read_sheet(data: bytes, name: str) -> Sheet:
    """The table in a CSV file of whatever encoding and delimiter."""
    bom, file_encoding = _encoding(data, name)
    body, encoding = data[len(bom) :], file_encoding
    if encoding.startswith("utf-16"):
        body, encoding = body.decode(encoding).encode(), "utf-8"
    head = body.partition(b"\n")[0]
    delimiter = max(DELIMITERS, key=lambda mark: _outside_quotes(head, mark))
    sheet = Sheet(bom, file_encoding, encoding, delimiter, list(_rows(body, delimiter)))
    if not sheet.lines:
        raise SheetError(text("{file} is empty.", file=name))
    return sheet


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, bom: bool = True) -> bytes:
    """A new CSV in UTF-8; with a BOM, for without it spreadsheet programs guess wrongly."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return (codecs.BOM_UTF8 if bom else b"") + stream.getvalue().encode()


def _encoding(data: bytes, name: str) -> tuple[bytes, str]:
    """The BOM, and the encoding it or the bytes themselves tell."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return bom, encoding
    for encoding in ("utf-8", "cp932"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return b"", encoding
    raise SheetError(text("{name} is neither UTF-8 nor CP932 text. Save it as UTF-8.", name=name))


def _rows(body: bytes, delimiter: bytes) -> Iterator[Row]:
    """Cut bytes into raw cells; a quote opens a quoted cell only at a cell's start."""
    raw: list[bytes] = []
    start = position = 0
    marks = re.compile(rb"[\r\n" + re.escape(delimiter) + b"]")
    while start < len(body):
        position = _after_quotes(body, start) if body.startswith(b'"', start) else start
        found = marks.search(body, position)
        if found is None:
            break
        raw.append(body[start : found.start()])
        start = found.end()
        if found[0] != delimiter:
            end = b"\r\n" if body.startswith(b"\r\n", found.start()) else found[0]
            start = found.start() + len(end)
            yield Row(raw, end)
            raw = []
    if raw or start < len(body):
        yield Row([*raw, body[start:]], b"")


def _after_quotes(body: bytes, start: int) -> int:
    """The position after the quoted text that begins at ``start``."""
    position = start + 1
    while True:
        closing = body.find(b'"', position)
        if closing < 0:
            return len(body)
        if not body.startswith(b'""', closing):
            return closing + 1
        position = closing + 2


def _outside_quotes(line: bytes, mark: bytes) -> int:
    return sum(part.count(mark) for part in line.split(b'"')[::2])
