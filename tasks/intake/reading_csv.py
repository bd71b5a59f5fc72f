"""Comma- or tab-separated text as columns: UTF-8 throughout, else GB18030.

Short Chinese in UTF-8 decodes as GB18030 without an error more often than not, so the order
matters, nothing is guessed, and a file is one or the other throughout. Every row must have as many
cells as the heading; the first one that has not is refused with its line. Lines are counted as a
spreadsheet counts them: a quoted cell with line breaks in it is one line.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import csv as arrow_csv

from tasks.intake.reading_grid import NO_ROWS, Grid, Rows, is_no_row, named
from tasks.intake.reading_heading import Layout, head_of, names_of
from tasks.intake.reading_malformed import Malformed

ENCODINGS = ("utf-8-sig", "gb18030")
BLOCK = 1 << 24
MAX_CELL = 1 << 20  # characters
QUOTED = {
    sign: re.compile(rf'(?:(?<=[{sign}\n])|\A)"[^"]*(?:""[^"]*)*"(?=[{sign}\r\n]|\Z)')
    for sign in ",\t"
}


def decode(content: bytes) -> str:
    """The whole file as text. Raises Malformed when neither encoding fits all of it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed("UTF-16 text; save it as UTF-8 or GB18030 (GBK)")
    for encoding in ENCODINGS:
        try:
            return _as_text(content.decode(encoding))
        except UnicodeDecodeError as error:
            failed = error
    line = content.count(b"\n", 0, failed.start) + 1
    raise Malformed(f"neither UTF-8 nor GB18030 throughout: first bad byte in line {line}")


def records(text: str, delimiter: str = ",") -> Grid:
    """Every record of a small file, as it stands."""
    return list(_records(_Lines(text), delimiter))


def read_csv(text: str, layout: Layout, delimiter: str = ",") -> Rows:
    """The rows of a whole file's text. Raises Malformed."""
    text = text.rstrip("\r\n")
    lines = _Lines(text)
    head = head_of(_records(lines, delimiter), layout)
    if not head:
        return NO_ROWS
    names = names_of(head, layout)
    body = _Body(text[lines.position :], len(names), len(head), layout, delimiter)
    return named(names, body.columns(), len(head), layout)


@dataclass(frozen=True)
class _Body:
    """What stands below the heading, which ends in `header_line` and has `width` columns."""

    text: str
    width: int
    header_line: int
    layout: Layout
    delimiter: str

    def columns(self) -> list[pa.Array]:
        if not self.text:
            return [pa.array([], pa.large_string())] * self.width
        blank_line = "\n\n" in self.text or "\n\r\n" in self.text  # it still counts as a line
        if self.width == 1 or blank_line or self._has_stray_quote():
            return self._slowly()
        try:
            return self._quickly()
        except pa.ArrowInvalid:  # its message quotes the row; ours names the line
            return self._slowly()

    def _quickly(self) -> list[pa.Array]:
        names = [str(n) for n in range(self.width)]
        table = arrow_csv.read_csv(
            pa.BufferReader(self.text.encode()),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
        return list(table.columns)

    def _has_stray_quote(self) -> bool:
        """Whether a quote neither opens nor closes a cell: the quick reader would let it swallow
        the rows that follow, the slow one says where it stands."""
        return '"' in self.text and '"' in QUOTED[self.delimiter].sub("", self.text)

    def _slowly(self) -> list[pa.Array]:
        """The same by Python's reader, which can say where a row is ragged."""
        found = _records(_Lines(self.text), self.delimiter, self.header_line)
        rows = [self._row(record, n) for n, record in enumerate(found, self.header_line + 1)]
        return [pa.array(values, pa.large_string()) for values in zip(*rows, strict=True)]

    def _row(self, record: Sequence[str], line: int) -> Sequence[str]:
        """As wide as the heading. Only a blank line or a note may be of another width."""
        if record and len(record) == self.width:
            return record
        first = next((cell for cell in record if cell.strip()), "")
        if any(record) and not is_no_row(first, self.layout):
            raise Malformed(f"line {line} has {len(record)} cells, the heading has {self.width}")
        return [first, *[""] * (self.width - 1)]


def _records(lines: "_Lines", delimiter: str, lines_before: int = 0) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    number = lines_before
    try:
        for number, record in enumerate(reader, lines_before + 1):  # noqa: B007
            yield record
    except csv.Error as error:
        raise Malformed(f"line {number + 1}: {error}") from None


class _Lines:
    """The lines of a text one by one, without a second copy of it; knows how far it has come."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        start = self.position
        if start >= len(self.text):
            raise StopIteration
        self.position = self.text.find("\n", start) + 1 or len(self.text)
        return self.text[start : self.position]


def _as_text(text: str) -> str:
    """A NUL further down is its row's fault, which the suites refuse."""
    if "\x00" in text[: text.find("\n") + 1 or None]:
        raise Malformed("a NUL character in line 1: not a text file, or UTF-16; save it as UTF-8")
    return text
