"""Looking for a canary in every byte of a folder, in every spelling, inside of whatever holds it.

A zip (workbook, Word file), a gzip and a SQLite database are searched as they lie on the disk and
opened: what a page's edge cuts in two is whole in its row.
"""

import base64
import gzip
import io
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.postgresql.ways import ON_POSTGRESQL, elsewhere

SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Hit:
    """Where a canary was found: a file (and what lies in it), which string, spelled how."""

    place: str
    canary: str
    spelling: str


def spellings(text: str) -> dict[str, bytes]:
    """How a text may be written by a program that means no harm."""
    units = [text.encode("utf-16-be")[i : i + 2].hex() for i in range(0, len(text) * 2, 2)]
    found = {
        "utf-8": text.encode(),
        "gb18030": text.encode("gb18030"),
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "JSON": "".join(f"\\u{unit.upper()}" for unit in units).encode(),
        "entity": "".join(f"&#{ord(c)};" for c in text).encode(),
        "percent": quote(text).encode(),
        "python": text.encode("unicode_escape"),
        "bytes": repr(text.encode())[2:-1].encode(),
    }
    for depth, slashes in enumerate(("\\", "\\" * 2, "\\" * 4), 1):  # JSON within JSON within JSON
        found[f"json{depth}"] = "".join(f"{slashes}u{unit}" for unit in units).encode()
    for shift in range(3):
        found[f"base64+{shift}"] = _base64(text.encode(), shift)
    return found


def _base64(content: bytes, shift: int) -> bytes:
    """What is sure to stand in base64 of anything that holds this content so far from a start."""
    whole = (shift + len(content)) * 8 // 6
    return base64.b64encode(bytes(shift) + content)[-(-shift * 8 // 6) : whole]


def search(*places: Path, canaries: tuple[str, ...]) -> list[Hit]:
    """Every hit in files below these folders, their names too."""
    needles = [(c, name, s) for c in canaries for name, s in spellings(c).items()]
    found: dict[Hit, None] = {}
    for top in places:
        for path in sorted(p for p in top.rglob("*") if p.is_file()):
            name = path.relative_to(top.parent).as_posix()
            for inside, content in ((name, name.encode()), *contents(name, path)):
                for canary, spelling, needle in needles:
                    if needle in content:
                        found[Hit(inside, canary, spelling)] = None
    return list(found)


def contents(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """(where, bytes) of a file, and of all that it holds."""
    content = path.read_bytes()
    yield from _unpacked(name, content)
    if content.startswith(SQLITE):
        yield from _rows(name, path)
    elif ON_POSTGRESQL and path.name == "bihuan.sqlite":
        for table, values in elsewhere(path):
            yield f"{name}!{table}", b"\x00".join(values)


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.namelist():
                yield from _unpacked(f"{name}!{entry}", archive.read(entry))
    elif content.startswith(b"\x1f\x8b"):
        yield from _unpacked(f"{name}!gunzip", gzip.decompress(content))
    elif content[:2] in (b"\x78\x9c", b"\x78\x01", b"\x78\xda"):
        try:
            yield from _unpacked(f"{name}!inflate", zlib.decompress(content))
        except zlib.error:
            return


def _rows(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """The values of every table, each whole, with what the write-ahead log adds."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        database.text_factory = bytes
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            try:
                rows = database.execute(f'SELECT * FROM "{table.decode()}"').fetchall()
            except sqlite3.DatabaseError:  # a virtual table without its module
                continue
            where = f"{name}!{table.decode()}"
            values = [v for row in rows for v in row if isinstance(v, bytes)]
            yield where, b"\x00".join(values)
            packed = [v for v in values if v[:2] in (b"PK", b"\x1f\x8b", b"\x78\x9c")]
            for value in packed:
                yield from _unpacked(where, value)
