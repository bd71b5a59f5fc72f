"""The search finds a planted canary wherever one could lie, in every spelling."""

import gzip
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from tests.canary.birds import CANARIES, NAME, PHONE
from tests.canary.search import search, spellings


def found(folder: Path, *canaries: str) -> set[tuple[str, str]]:
    hits = search(folder, canaries=canaries or CANARIES)
    return {(hit.canary, hit.spelling) for hit in hits}


@pytest.mark.parametrize("canary", [NAME, PHONE])
@pytest.mark.parametrize("spelling", list(spellings("x")))
def test_every_spelling_is_found_as_programs_write_it(
    tmp_path: Path, canary: str, spelling: str
) -> None:
    (tmp_path / "file").write_bytes(b"before " + spellings(canary)[spelling] + b" after")
    assert (canary, spelling) in found(tmp_path, canary)


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        (json.dumps([NAME]).encode(), "json1"),
        (json.dumps(json.dumps([NAME])).encode(), "json2"),
        (json.dumps(json.dumps(json.dumps(NAME))).encode(), "json3"),
        (f"a{NAME}".encode("utf-16"), "utf-16-le"),
        (NAME.encode("ascii", "xmlcharrefreplace"), "entity"),
        (repr(NAME.encode()).encode(), "bytes"),
        (ascii(NAME).encode(), "python"),
    ],
)
def test_a_spelling_is_what_the_library_writes(
    tmp_path: Path, written: bytes, spelling: str
) -> None:
    (tmp_path / "file").write_bytes(written)
    assert (NAME, spelling) in found(tmp_path, NAME)


@pytest.mark.parametrize("before", range(6))
def test_base64_is_found_wherever_it_begins(tmp_path: Path, before: int) -> None:
    import base64

    (tmp_path / "file").write_bytes(base64.b64encode(b"x" * before + NAME.encode() + b"after"))
    assert {s.partition("+")[0] for _, s in found(tmp_path, NAME)} == {"base64"}


def test_what_is_packed_is_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{NAME}</t>" + "x" * 1000)
        archive.writestr("inner.gz", gzip.compress(PHONE.encode() * 9))
    hits = search(tmp_path, canaries=(NAME, PHONE))
    assert {hit.place.partition("!")[2] for hit in hits} == {
        "xl/sharedStrings.xml",
        "inner.gz!gunzip",
    }


def test_a_database_is_searched_row_by_row_with_its_log(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "a.sqlite")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE t (x)")
    # Longer than a page: in the file its pieces lie apart.
    text = "".join(NAME + "·" * n for n in range(900))
    database.execute("INSERT INTO t VALUES (?)", (text,))
    database.commit()
    places = {hit.place for hit in search(tmp_path, canaries=(NAME,))}
    assert f"{tmp_path.name}/a.sqlite!t" in places
    assert f"{tmp_path.name}/a.sqlite-wal" in places
    database.close()


def test_names_of_files_are_searched(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.txt").write_bytes(b"")
    assert found(tmp_path, NAME) == {(NAME, "utf-8")}


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("13900007390 金丝鸟".encode() * 100)
    assert search(tmp_path, canaries=CANARIES) == []
