"""Comma-separated text as columns: UTF-8 over the whole file first, then GB18030, never guessed.

Short Chinese in UTF-8 decodes as GB18030 without an error more often than not, so the order
matters, and a file is one or the other throughout. Every row must have as many cells as the
heading; the first one that has not is refused with its line. Lines are counted as a spreadsheet
counts them: a quoted cell with line breaks in it is one line.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from tasks.intake.reading_grid import named
from tasks.intake.reading_json import Malformed

ENCODINGS = ("utf-8-sig", "gb18030")
BLOCK = 1 << 24
MAX_CELL = 1 << 20  # characters
QUOTED = re.compile(r'(?:(?<=[,\n])|\A)"[^"]*(?:""[^"]*)*"(?=[,\r\n]|\Z)')


def decode(content: bytes) -> str:
    """The whole file as text. Raises Malformed when neither encoding fits all of it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed("UTF-16 text; save it as UTF-8 or GB18030 (GBK)")
    for encoding in ENCODINGS:
        try:
            return _without_nul(content.decode(encoding))
        except UnicodeDecodeError as error:
            failed = error
    line = content.count(b"\n", 0, failed.start) + 1
    raise Malformed(f"neither UTF-8 nor GB18030 throughout: first bad byte in line {line}")


def records(content: bytes) -> list[list[str]]:
    """Every record of a small file, as it stands."""
    return list(_records(decode(content)))


def read_csv(content: bytes, header_line: int) -> tuple[pa.Table, np.ndarray]:
    """(text columns, line of each row). Raises Malformed."""
    text = decode(content).rstrip("\r\n")
    lines = _Lines(text)
    head = list(islice(csv.reader(lines, strict=True), header_line))
    if len(head) < header_line or not head:
        return pa.table({}), np.zeros(0, dtype=np.int64)
    header, rest = head[-1], text[lines.position :]
    columns = _columns(rest, len(header), header_line)
    rows = len(columns[0]) if columns else 0
    return named(header, columns, np.arange(rows) + header_line + 1, header_line)


def _columns(rest: str, width: int, header_line: int) -> list[pa.Array]:
    if not rest:
        return [pa.array([], pa.large_string())] * width
    blank_line = "\n\n" in rest or "\n\r\n" in rest  # it still counts as a line
    if width == 1 or blank_line or _has_stray_quote(rest):
        return _slowly(rest, width, header_line)
    try:
        return _quickly(rest, width)
    except pa.ArrowInvalid:  # its message quotes the row; ours names the line
        return _slowly(rest, width, header_line)


def _quickly(rest: str, width: int) -> list[pa.Array]:
    names = [str(n) for n in range(width)]
    table = arrow_csv.read_csv(
        pa.BufferReader(rest.encode()),
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=BLOCK),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )
    return list(table.columns)


def _has_stray_quote(rest: str) -> bool:
    """Whether a quote neither opens nor closes a cell: the quick reader would let it swallow the
    rows that follow, the slow one says where it stands."""
    return '"' in rest and '"' in QUOTED.sub("", rest)


def _slowly(rest: str, width: int, header_line: int) -> list[pa.Array]:
    """The same by Python's reader, which can say where a row is ragged."""
    rows: list[Sequence[str]] = []
    for line, record in enumerate(_records(rest, header_line), header_line + 1):
        if len(record) != width and any(record):
            raise Malformed(f"line {line} has {len(record)} cells, the heading has {width}")
        rows.append(record if record and len(record) == width else [""] * width)
    return [pa.array(values, pa.large_string()) for values in zip(*rows, strict=True)]


def _records(text: str, lines_before: int = 0) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(_Lines(text), strict=True)
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


def _without_nul(text: str) -> str:
    at = text.find("\x00")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise Malformed(f"a NUL character in line {line}: not a text file")
    return text
