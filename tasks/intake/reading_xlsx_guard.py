"""What a workbook must be before any parser opens it.

A zip of a few kilobytes can name the cell XFD1048576 and take a reader to gigabytes, or unpack one
cell of 500 MB. So the zip's own directory is judged first (entries, sizes, ratio, names, macros),
then every sheet is streamed once and its cell references are bounded: the rectangle from A1 to the
last cell must be affordable and not almost wholly empty. Sizes in the directory that lie are
found, because every entry is read to its end against them.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import cast

import numpy as np

from tasks.intake.reading_malformed import Malformed

MAX_ENTRIES = 2_000
MAX_UNPACKED = 1 << 30  # bytes, all entries together
RATIO_FROM = 8 << 20  # bytes: smaller entries may be as dense as they like
MAX_RATIO = 150
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
MAX_RECTANGLE = 16_000_000  # cells that a reader may have to hold
SPARSE_FROM, MIN_FILLED = 2_000_000, 0.01
CHUNK = 1 << 22
OVERLAP = 256

# Every way in which XML may spell the attribute, and references hidden behind escapes.
_ANY_REF = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")
_ESCAPED_REF = re.compile(rb"\sr\s*=\s*[\"'][^\"'<>]*&")
# Every way in which a cell may begin. Text that looks like one makes a sheet less plain, no worse.
_CELLS = [b + a for b in (b"<c", b":c") for a in (b" ", b">", b"/", b"\n", b"\t", b"\r")]
_SPACED = (b"r =", b"r\t=", b"r\n=", b"r\r=")
_LONGEST_REF = 11  # XFD1048576 and its closing quote


@dataclass(frozen=True)
class Measured:
    """What a workbook comes to: bytes unpacked, cells from A1 to the last one (all sheets), the
    bytes of the longest text that cells may share; whether every cell says where it stands (only
    then is the rectangle more than a guess)."""

    unpacked: int
    rectangle: int
    longest: int
    is_plain: bool


def guard(content: bytes) -> Measured:
    """Measure a workbook that may be parsed. Raises Malformed with the reason when it may not."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Malformed("an encrypted or an old .xls workbook; save it as .xlsx without a password")
    if not content.startswith(b"PK"):
        raise Malformed("not an xlsx workbook, whatever its name says")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _judge_directory(entries)
            extents = [_judge_entry(archive, entry) for entry in entries]
            return Measured(
                sum(e.file_size for e in entries),
                sum(x.rows * x.columns for x in extents),
                max((x.longest for x in extents), default=0),
                all(x.tags == x.cells for x in extents),
            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Malformed(f"the workbook's zip is damaged ({type(error).__name__})") from None


def _judge_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Malformed(f"{len(entries):,} files inside the workbook")
    if len({e.filename for e in entries}) != len(entries):
        raise Malformed("two files of one name inside the workbook")
    unpacked = sum(e.file_size for e in entries)
    if unpacked > MAX_UNPACKED:
        raise Malformed(f"the workbook unpacks to {unpacked:,} bytes; at most {MAX_UNPACKED:,}")
    for entry in entries:
        _judge_name(entry)
        if entry.file_size > max(RATIO_FROM, MAX_RATIO * entry.compress_size):
            ratio = entry.file_size // max(1, entry.compress_size)
            raise Malformed(f"{entry.file_size:,} bytes packed {ratio:,} to one: a zip bomb")


def _judge_name(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name:
        raise Malformed("a file inside the workbook points outside of it")
    if name.lower().endswith("vbaproject.bin"):
        raise Malformed("the workbook carries macros; save it as .xlsx without them")
    if entry.flag_bits & 1:
        raise Malformed("the workbook is encrypted; save it without a password")


def _judge_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> "_Extent":
    name, extent = entry.filename.lower(), _Extent()
    take = extent.add if "worksheets/" in name else extent.share if "strings" in name else None
    with cast(zipfile.ZipExtFile, archive.open(entry)) as stream:
        _judge_start(entry, stream.peek(64)[:CHUNK])
        rest = b""
        while chunk := stream.read(CHUNK):
            _judge_text(entry, chunk)
            if take is not None:
                rest = take(rest + chunk)
    extent.judge()
    return extent


def _judge_start(entry: zipfile.ZipInfo, start: bytes) -> None:
    if not start or not _is_xml(entry):
        return
    if not start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or b"\x00" in start[:64]:
        raise Malformed("a part of the workbook is not UTF-8 XML")


def _judge_text(entry: zipfile.ZipInfo, chunk: bytes) -> None:
    if _is_xml(entry) and (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk):
        raise Malformed("a part of the workbook declares entities")


def _is_xml(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith((".xml", ".rels"))


@dataclass
class _Extent:
    """How far the cells of one sheet reach, and how many there are; the longest shared text."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    tags: int = 0
    longest: int = 0

    def add(self, window: bytes) -> bytes:
        """Take in all whole tags of a piece of the sheet; return what is left at its end."""
        end = window.rfind(b">") + 1 or max(0, len(window) - OVERLAP)
        whole = window[:end]
        rows, columns, cells = _plain_extent(whole) or _any_extent(whole)
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)
        self.cells += cells
        self.tags += sum(map(whole.count, _CELLS))
        return window[end:]

    def share(self, window: bytes) -> bytes:
        """Take in shared texts; return the last one, which may go on."""
        texts = window.split(b"<si")
        self.longest = max(self.longest, *map(len, texts))
        return texts[-1]

    def judge(self) -> None:
        if self.rows > MAX_ROWS or self.columns > MAX_COLUMNS:
            raise Malformed(f"a cell beyond row {MAX_ROWS:,} or column {MAX_COLUMNS:,}")
        rectangle = self.rows * self.columns
        sparse = rectangle > SPARSE_FROM and self.cells < MIN_FILLED * rectangle
        if rectangle > MAX_RECTANGLE or sparse:
            raise Malformed(
                f"cells reach to row {self.rows:,}, column {self.columns:,}, a rectangle of"
                f" {rectangle:,} cells of which {self.cells:,} exist; delete what lies far out"
            )


def _plain_extent(xml: bytes) -> tuple[int, int, int] | None:
    """(rows, columns, cells) where all are written ` r="AB12"`, as every program does; None
    where any is not. A table scan instead of a regular expression: sheets have millions."""
    text = np.frombuffer(b"   " + xml + b" " * 16, np.uint8)
    quotes = np.flatnonzero(text[3:-16] == ord('"')) + 3
    for back, expected in ((1, "="), (2, "r"), (3, " ")):
        quotes = quotes[text[quotes - back] == ord(expected)]
    if xml.count(b"r=") != len(quotes) or any(spaced in xml for spaced in _SPACED):
        return None
    rows = np.zeros(len(quotes), dtype=np.int64)
    columns, going = rows.copy(), np.ones(len(quotes), dtype=bool)
    for step in range(1, _LONGEST_REF + 1):
        sign = text[quotes + step].astype(np.int64)
        letter = going & (sign >= ord("A")) & (sign <= ord("Z"))
        digit = going & (sign >= ord("0")) & (sign <= ord("9"))
        columns = np.where(letter, columns * 26 + sign - 64, columns)
        rows = np.where(digit, rows * 10 + sign - 48, rows)
        if not (sign[going & ~letter & ~digit] == ord('"')).all():
            return None
        going = letter | digit
    if going.any():
        return None
    return int(rows.max(initial=0)), int(columns.max(initial=0)), int((columns > 0).sum())


def _any_extent(xml: bytes) -> tuple[int, int, int]:
    if _ESCAPED_REF.search(xml):
        raise Malformed("a cell reference is written with escapes")
    found = _ANY_REF.findall(xml)
    rows = max(map(_row, {digits for _, digits in found}), default=0)
    return (
        rows,
        max(map(_column, {letters for letters, _ in found}), default=0),
        sum(bool(a) for a, _ in found),
    )


def _row(digits: bytes) -> int:
    return int(digits) if len(digits) <= 9 else MAX_ROWS + 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - 64
    return number
