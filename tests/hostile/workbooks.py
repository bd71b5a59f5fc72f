"""Workbooks byte by byte: old ones (BIFF8 in a compound file), open ones, and zips that lie."""

import io
import struct
import warnings
import zipfile
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

Table = list[list[Any]]
SECTOR = 512


def xls(rows: Table) -> bytes:
    """An Excel 97 workbook of one sheet with text, numbers and days."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for r, row in enumerate(rows):
        sheet += b"".join(xls_cell(r, c, value) for c, value in enumerate(row) if value != "")
    return compound(_globals() + sheet + _record(0x000A, b""))


def xls_cell(row: int, column: int, value: Any) -> bytes:
    """A cell's record: LABEL or NUMBER; a day is a number in the second format."""
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        head = struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1)
        return _record(0x0204, head + text)
    is_day = isinstance(value, date)
    number = float((value - date(1899, 12, 30)).days if is_day else value)
    return _record(0x0203, struct.pack("<HHHd", row, column, int(is_day), number))


def _globals() -> bytes:
    """What stands before the sheet: two formats (general, a day) and the sheet's place."""
    head = _record(0x0809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    head += _record(0x0042, struct.pack("<H", 1200))
    head += b"".join(_record(0x00E0, struct.pack("<HHHHHHHHH", 0, f, 0, *[0] * 6)) for f in (0, 14))
    name = "台账".encode("utf-16-le")
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name) // 2, 1) + name
    place = len(head) + 4 + len(bound) + 4
    return head + _record(0x0085, struct.pack("<I", place) + bound[4:]) + _record(0x000A, b"")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file (OLE) that holds one stream."""
    stream += b"\0" * (-len(stream) % SECTOR or 0)
    stream += b"\0" * max(0, 4096 - len(stream))  # below 4,096 bytes it would lie elsewhere
    count = len(stream) // SECTOR
    tables = 1
    while tables * 128 < count + tables + 1:
        tables += 1
    chain = [*range(1, count), 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFD] * tables]
    chain += [0xFFFFFFFF] * (tables * 128 - len(chain))
    first_table = count + 1
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<III", 0, tables, count)
    header += struct.pack("<IIIIII", 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    difat = [*range(first_table, first_table + tables), *[0xFFFFFFFF] * (109 - tables)]
    header += struct.pack("<109I", *difat)
    folder = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
    folder += _entry(name, 2, 0, len(stream)) + _entry("", 0, 0, 0) * 2
    return header + stream + folder + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    none = 0xFFFFFFFF
    return text.ljust(64, b"\0") + struct.pack(
        "<HBBIII36xIQ", len(text), kind, 1, none, none, child, start, size
    )


def ods(rows: Table) -> bytes:
    """An OpenDocument sheet of text, numbers and days."""
    body = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    return ods_of(f'<table:table table:name="台账">{body}</table:table>')


def ods_of(tables: str) -> bytes:
    kinds = {"office": "office", "table": "table", "text": "text"}
    urn = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{k}="{urn}{v}:1.0"' for k, v in kinds.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return out.getvalue()


def _ods_cell(value: Any) -> str:
    if value == "":
        return "<table:table-cell/>"
    if isinstance(value, date):
        said = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, str):
        said = 'office:value-type="string"'
    else:
        said = f'office:value-type="float" office:value="{value}"'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f"<table:table-cell {said}>{lines}</table:table-cell>"


# ---- xlsx

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
Merges = dict[str, str]


def xlsx(rows: Table, formulas: dict[str, tuple[str, Any]] | None = None) -> bytes:
    """A workbook; `formulas`: cell → (formula, stored value)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as made:
        page = made.add_worksheet("台账")
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
        for cell, (formula, value) in (formulas or {}).items():
            page.write_formula(cell, formula, None, value)
    return out.getvalue()


def with_entry(content: bytes, name: str, data: bytes) -> bytes:
    """A workbook with one entry replaced or added, packed as tightly as zip can."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, data)
    return out.getvalue()


def sheet_of(rows: bytes) -> bytes:
    """A sheet's XML around its rows."""
    return (
        b'<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    )


def with_cell(cell: str) -> bytes:
    """A workbook whose second cell is written as given."""
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c>'
    return with_entry(xlsx([["a"]]), SHEET, sheet_of(f"{first}{cell}</row>".encode()))


def vast_cell(size: int) -> bytes:
    """A cell of `size` bytes, packed a thousand to one."""
    out = io.BytesIO(with_entry(xlsx([["a"]]), "docProps/x.xml", b"<a/>"))
    piece = b"x" * (1 << 20)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w") as sheet,
    ):
        sheet.write(b'<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>')
        for _ in range(size >> 20):
            sheet.write(piece)
        sheet.write(b"</t></is></c></row></sheetData></worksheet>")
    return out.getvalue()


def many_rows(count: int) -> bytes:
    """Rows that do not say where they stand, of numbers that do not pack well."""
    out, step = io.BytesIO(), 100_000
    numbers = (k * 2654435761 % 10**9 for k in range(step))
    block = b"".join(b"<row><c><v>%d</v></c></row>" % k for k in numbers)
    with (
        zipfile.ZipFile(io.BytesIO(xlsx([["a"]]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in set(old.namelist()) - {SHEET}:
            new.writestr(name, old.read(name))
        with new.open(SHEET, "w") as sheet:
            sheet.write(b"<worksheet><sheetData>")
            for _ in range(0, count, step):
                sheet.write(block)
            sheet.write(b"</sheetData></worksheet>")
    return out.getvalue()


def far_without_reference() -> bytes:
    """A row at the last line and 16,384 columns, none of which says where it stands."""
    wide = b'<row r="1">' + b"<c><v>1</v></c>" * 16_384 + b"</row>"
    return with_entry(
        xlsx([["a"]]), SHEET, sheet_of(wide + b'<row r="1048576"><c><v>1</v></c></row>')
    )


def one_text_everywhere(length: int, count: int) -> bytes:
    """One shared text of `length`, in `count` cells: small as a file, vast once written out."""
    text = f'<sst count="1" uniqueCount="1"><si><t>{"x" * length}</t></si></sst>'.encode()
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, count + 1)
    )
    return with_entry(with_entry(xlsx([["a"]]), SHEET, sheet_of(rows)), STRINGS, text)


def encrypted_entry(content: bytes) -> bytes:
    """A zip of which the first entry says it is encrypted."""
    made = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.find(mark) + offset] |= 1
    return bytes(made)


def lying_directory(content: bytes) -> bytes:
    """A zip whose directory says that the first sheet is 100 bytes long."""
    made = bytearray(content)
    at = made.rfind(SHEET.encode()) - 46 + 24
    made[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(made)


def twice_named(content: bytes) -> bytes:
    out = io.BytesIO(content)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(SHEET, "<worksheet/>")
    return out.getvalue()


def crowded(content: bytes, count: int) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        for n in range(count):
            archive.writestr(f"xl/media/{n}", b"")
    return out.getvalue()


# ---- xls, ods


def broken_xls(at: int, byte: int) -> bytes:
    """An old workbook with one byte changed, found by trying: its parser panics."""
    made = bytearray(xls([["a", "b"], ["1", 2.0]]))
    made[at] = byte
    return bytes(made)


def far_xls() -> bytes:
    """An old workbook with a cell in its last corner: 16.7 million cells for its parser."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    sheet += xls_cell(0, 0, "a") + xls_cell(65_535, 255, "z")
    return compound(_globals() + sheet + _record(0x000A, b""))


def repeated_ods() -> bytes:
    """An open workbook that repeats one cell over the whole sheet."""
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
    row = f"{cell}<text:p>x</text:p></table:table-cell>"
    repeated = '<table:table-row table:number-rows-repeated="1048576">'
    return ods_of(f'<table:table table:name="a">{repeated}{row}</table:table-row></table:table>')
