"""Workbooks byte by byte: old ones (BIFF8 in a compound file), open ones, and zips that lie."""

import io
import struct
import zipfile
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

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
