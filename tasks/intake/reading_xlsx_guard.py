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

from tasks.intake.reading_json import Malformed

MAX_ENTRIES = 2_000
MAX_UNPACKED = 1 << 30  # bytes, all entries together
RATIO_FROM = 8 << 20  # bytes: smaller entries may be as dense as they like
MAX_RATIO = 150
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
MAX_RECTANGLE = 16_000_000  # cells that a reader may have to hold
SPARSE_FROM, MIN_FILLED = 2_000_000, 0.01
CHUNK = 1 << 22
OVERLAP = 256

_PLAIN_REF = re.compile(rb' r="([A-Z]*)([0-9]+)"')
_ANY_REF = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")
# References that are legal XML but that no spreadsheet writes: read them the careful way.
_ODD_REF = re.compile(rb"\sr\s*=\s*'|\sr\s+=|\sr=\s+\"|[\t\r\n]r=|\sr=\"[a-z&]")
_ESCAPED_REF = re.compile(rb"\sr\s*=\s*[\"'][^\"']*&")


def guard(content: bytes) -> None:
    """Return when the workbook may be parsed. Raises Malformed with the reason when not."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Malformed("an encrypted or an old .xls workbook; save it as .xlsx without a password")
    if not content.startswith(b"PK"):
        raise Malformed("not an xlsx workbook, whatever its name says")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _judge_directory(archive.infolist())
            for entry in archive.infolist():
                _judge_entry(archive, entry)
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


def _judge_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    is_sheet = "worksheets/" in entry.filename.lower()
    extent = _Extent()
    with archive.open(entry) as stream:
        before = b""
        while chunk := stream.read(CHUNK):
            if not before:
                _judge_start(entry, chunk)
            if is_sheet:
                extent.add(before, chunk)
            before = chunk[-OVERLAP:]
    extent.judge()


def _judge_start(entry: zipfile.ZipInfo, chunk: bytes) -> None:
    if not entry.filename.lower().endswith((".xml", ".rels")):
        return
    if not chunk.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or b"\x00" in chunk[:64]:
        raise Malformed("a part of the workbook is not UTF-8 XML")
    if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
        raise Malformed("a part of the workbook declares entities")


@dataclass
class _Extent:
    """How far the cells of one sheet reach, and how many there are."""

    rows: int = 0
    columns: int = 0
    cells: int = 0

    def add(self, before: bytes, chunk: bytes) -> None:
        window = before + chunk
        if _ESCAPED_REF.search(window):
            raise Malformed("a cell reference is written with escapes")
        pattern = _ANY_REF if _ODD_REF.search(window) else _PLAIN_REF
        found = pattern.findall(window)
        self.cells += len(found)
        self.rows = max([self.rows, *map(_row, {digits for _, digits in found})])
        self.columns = max([self.columns, *map(_column, {letters for letters, _ in found})])

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


def _row(digits: bytes) -> int:
    return int(digits) if len(digits) <= 9 else MAX_ROWS + 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - 64
    return number
