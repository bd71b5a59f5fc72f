"""The hostile corpus: what may come through a door, and what must become of it.

Each case is a claim. It names the one outcome that is allowed: refused as a whole with a reason,
the bad row quarantined with a code while the good one is taken, accepted with a value, or accepted
and flagged. Rows that are judged one by one (`ROWS`) all come in one file.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.period import DAY_MS
from tests.hostile import server, workbooks
from tests.hostile.county import COLUMNS, FILE, GEO, WEB, Seen, cells, table, written
from tests.hostile.server import Answer
from tests.hostile.workbooks import broken_xls, ods, with_cell, with_entry, xls, xlsx
from tests.store.tiny import MONDAY, Row, finding, iso

FAR = "a rectangle of|beyond row"
LIMITS = r"parsing it takes more than|more than 256 MB of text|it holds"


@dataclass(frozen=True)
class Case:
    """What comes (a file, or an answer of a server) and its outcome. Dangerous cases run in a
    process of their own."""

    claim: str
    file: Callable[[], tuple[str, bytes]] | None = None
    answer: Answer | None = None
    source: str = FILE
    refused: str = ""  # what the reason says when nothing is taken
    codes: str = ""  # of the bad row, beside which the good one is taken
    line: int = 0  # of the bad row, as its sender sees it
    accepted: tuple[tuple[str, Any], ...] = ()  # of the row that is taken
    left_out: int = 0
    dangerous: bool = False

    def judge(self, seen: Seen) -> None:
        """The outcome is the one that is required."""
        if self.refused:
            assert re_search(self.refused, seen.report.problem), seen.report.problem
            assert (seen.report.taken, seen.accepted) == (0, {})
            return
        assert seen.report.problem == "", seen.report.problem
        assert sorted(set(seen.refused.values())) == ([self.codes] if self.codes else [])
        if self.codes:
            assert "G" in seen.accepted, seen
        if self.line:
            assert set(seen.lines.values()) == {self.line}
        if self.accepted:
            (said,) = [{"source_id": k} | v for k, v in seen.accepted.items() if k != "G"]
            assert dict(self.accepted).items() <= said.items(), said
        assert seen.report.left_out == self.left_out


@dataclass(frozen=True)
class RowCase:
    """A row among all others: it goes back with a code, or is taken with values or a warning."""

    claim: str
    fields: tuple[tuple[str, str], ...]
    codes: str = ""
    accepted: tuple[tuple[str, Any], ...] = ()
    flags: str = ""

    def row(self, number: int) -> Row:
        return finding(f"R{number}") | dict(self.fields)

    def judge(self, seen: Seen, number: int) -> None:
        line = number + 2  # as the sender sees it, below the heading
        source_id = str(dict(self.accepted).get("source_id", self.row(number)["source_id"]))
        refused = {at: seen.refused[i] for i, at in seen.lines.items()}
        assert refused.get(line, "") == self.codes
        assert (source_id in seen.accepted) == (not self.codes)
        said = {"source_id": source_id} | seen.accepted.get(source_id, {})
        assert dict(self.accepted).items() <= said.items(), said
        assert self.flags in seen.warned.get(line, "")


def re_search(pattern: str, text: str) -> bool:
    import re

    return re.search(pattern, text) is not None


# ---- how cases are written


def bad(claim: str, codes: str, **fields: str) -> RowCase:
    """A row that goes back."""
    return RowCase(claim, tuple(fields.items()), codes)


def good(claim: str, expected: dict[str, Any], **fields: str) -> RowCase:
    return RowCase(claim, tuple(fields.items()), accepted=tuple(expected.items()))


def flagged(claim: str, code: str, **fields: str) -> RowCase:
    return RowCase(claim, tuple(fields.items()), flags=code)


def whole(claim: str, name: str, content: Callable[[], bytes], reason: str, **more: Any) -> Case:
    return Case(claim, file=lambda: (name, content()), refused=reason, **more)


def file_with(*rows: Row, name: str = "a.csv") -> Callable[[], tuple[str, bytes]]:
    return lambda: (name, table(*rows))


def answered(claim: str, reason: str, answer: Answer | bytes, **more: Any) -> Case:
    made = server.page(answer) if isinstance(answer, bytes) else answer
    return Case(claim, answer=made, source=WEB, refused=reason, **more)


def fed(claim: str, codes: str, bad_row: str) -> Case:
    """A JSON row, as its text, beside a good one."""
    content = f'{{"items": [{json.dumps(finding("G"))}, {bad_row}]}}'.encode()
    return Case(claim, answer=server.page(content), source=WEB, codes=codes, line=2)


def xml(claim: str, content: bytes) -> Case:
    answer = server.page(content, "text/xml", after=content)
    return Case(claim, answer=answer, source=GEO, refused="entities are refused|not XML|XML with")


def text_of(*rows: Row) -> str:
    return table(*rows).decode()


GOOD = text_of(finding("G"))
HEAD = ",".join(COLUMNS)
JSON_ROW = json.dumps(finding("B"))
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10) for n in range(10))
    + b"]><l>&a9;</l>"
)


def book(**fields: str) -> bytes:
    return xlsx(cells(finding("G"), finding("B") | fields))


XLSX = (
    whole(
        "a cell at XFD1048576 is refused before it is parsed",
        "a.xlsx",
        lambda: with_cell('<c r="XFD1048576" t="n"><v>1</v></c>'),
        FAR,
        dangerous=True,
    ),
    whole(
        "a far cell in single quotes is found too",
        "a.xlsx",
        lambda: with_cell("<c r='XFD1048576'><v>1</v></c>"),
        FAR,
    ),
    whole(
        "a far cell whose reference is escaped is refused",
        "a.xlsx",
        lambda: with_cell('<c r="&#88;FD1048576"><v>1</v></c>'),
        "escapes",
    ),
    whole(
        "a far cell that does not say where it stands ends in its child",
        "a.xlsx",
        workbooks.far_without_reference,
        LIMITS,
        dangerous=True,
    ),
    whole(
        "a cell of 500 MB in a zip of 0.5 MB is never unpacked",
        "a.xlsx",
        lambda: workbooks.vast_cell(500 << 20),
        "zip bomb",
        dangerous=True,
    ),
    whole(
        "three million rows are more than a sheet has",
        "a.xlsx",
        lambda: workbooks.many_rows(3_000_000),
        f"rows; a sheet has at most|{LIMITS}",
        dangerous=True,
    ),
    whole(
        "one long text shared by 200,000 cells ends in its child",
        "a.xlsx",
        lambda: workbooks.one_text_everywhere(30_000, 200_000),
        LIMITS,
        dangerous=True,
    ),
    whole(
        "a directory that lies about sizes is found",
        "a.xlsx",
        lambda: workbooks.lying_directory(book()),
        "damaged",
    ),
    whole(
        "an entry that points outside the archive is refused",
        "a.xlsx",
        lambda: with_entry(book(), "../../evil.xml", b"<a/>"),
        "outside",
    ),
    whole(
        "an entry with an absolute path is refused",
        "a.xlsx",
        lambda: with_entry(book(), "/etc/evil", b"x"),
        "outside",
    ),
    whole(
        "macros are refused",
        "a.xlsx",
        lambda: with_entry(book(), "xl/vbaProject.bin", b"x"),
        "macros",
    ),
    whole(
        "two entries of one name are refused",
        "a.xlsx",
        lambda: workbooks.twice_named(book()),
        "two files of one name",
    ),
    whole(
        "thousands of entries are refused",
        "a.xlsx",
        lambda: workbooks.crowded(book(), 2_500),
        "files inside the workbook",
    ),
    whole(
        "an encrypted zip is refused",
        "a.xlsx",
        lambda: workbooks.encrypted_entry(book()),
        "encrypted",
    ),
    whole(
        "a workbook with a password is refused with what to do",
        "a.xlsx",
        lambda: workbooks.compound(b"\0" * 5000, "EncryptedPackage"),
        "without a password",
    ),
    whole("a csv that calls itself xlsx is refused", "a.xlsx", GOOD.encode, "not an xlsx"),
    whole(
        "a web page that calls itself xls is refused",
        "a.xls",
        lambda: b"<html><table><tr><td>1</td></tr></table></html>",
        "not an xls workbook",
    ),
    whole("an xls that calls itself xlsx is refused", "a.xlsx", lambda: xls([["a"]]), "old .xls"),
    whole("half a workbook is refused", "a.xlsx", lambda: book()[:-300], "damaged"),
    whole(
        "a sheet in UTF-16 is refused",
        "a.xlsx",
        lambda: with_entry(book(), workbooks.SHEET, "<worksheet/>".encode("utf-16")),
        "not UTF-8",
    ),
    whole(
        "external entities in a workbook are refused",
        "a.xlsx",
        lambda: with_entry(book(), workbooks.STRINGS, DOCTYPE),
        "declares entities",
    ),
    whole(
        "a billion laughs in a workbook are refused",
        "a.xlsx",
        lambda: with_entry(book(), workbooks.SHEET, LAUGHS),
        "declares entities",
    ),
    whole(
        "a parser that panics is a refusal",
        "a.xls",
        lambda: broken_xls(514, 0),
        "damaged",
    ),
    whole(
        "a parser that panics over an offset is a refusal",
        "a.xls",
        lambda: broken_xls(589, 119),
        "damaged",
    ),
    whole(
        "an xls with a cell in its last corner ends in its child",
        "a.xls",
        workbooks.far_xls,
        f"{LIMITS}|column 'a'|no heading|nothing",
        dangerous=True,
    ),
    whole(
        "an ods that repeats a cell 17 billion times is refused",
        "a.ods",
        workbooks.repeated_ods,
        f"{LIMITS}|damaged",
        dangerous=True,
    ),
    Case(
        "a formula is its stored value, never calculated",
        file=lambda: (
            "a.xlsx",
            xlsx(cells(finding("B")), {"I2": ('=CONCAT("电线","坏")', "配电箱无门")}),
        ),
        accepted=(("description", "配电箱无门"),),
    ),
    Case(
        "a formula without a stored value is a blank, and goes back",
        file=lambda: ("a.xlsx", xlsx(cells(finding("G"), finding("B")), {"I3": ("=A1", "")})),
        codes="R001",
        line=3,
    ),
    Case(
        "a text that looks like a formula stays a text",
        file=lambda: ("a.xlsx", book(description="=HYPERLINK(1)配电箱无门")),
        accepted=(("description", "=HYPERLINK(1)配电箱无门"),),
    ),
    Case(
        "an id typed as a number of 18 digits has lost some, and goes back",
        file=lambda: (
            "a.xlsx",
            xlsx([*cells(finding("G")), [330282199001010001, *cells(finding("B"))[1][1:]]]),
        ),
        codes="N002",
    ),
    Case(
        "an old workbook is read like a new one",
        file=lambda: ("a.xls", xls(cells(finding("G"), finding("B", found_at="2025-02-30")))),
        codes="D002",
        line=3,
    ),
    Case(
        "an open workbook is read like a new one",
        file=lambda: ("a.ods", ods(cells(finding("G"), finding("B", found_at="2025-02-30")))),
        codes="D002",
        line=3,
    ),
)

SHORT = finding("B", description="灯坏", unit_name="厂")


def encoded(claim: str, encoding: str, **fields: str) -> Case:
    row = SHORT | fields
    said = (("description", row["description"]), ("unit_name", row["unit_name"]))
    return Case(claim, file=lambda: ("a.csv", text_of(row).encode(encoding)), accepted=said)


ENCODINGS = (
    encoded("short Chinese in UTF-8 is not taken for GB18030", "utf-8"),
    encoded("GB18030 is read", "gb18030"),
    encoded("a name beyond GBK is read from GB18030", "gb18030", unit_name="𠮷野㐂厂"),
    encoded("a byte order mark is no part of the first heading", "utf-8-sig"),
    Case(
        "a byte order mark in GB18030 is none either",
        file=lambda: ("a.csv", ("\ufeff" + text_of(SHORT)).encode("gb18030")),
        accepted=(("description", "灯坏"),),
    ),
    whole(
        "half UTF-8 and half GB18030 is refused with its line",
        "a.csv",
        lambda: GOOD.encode() + "B,灭火器过期失效\n".encode("gb18030") + b"\xff\xff\n",
        r"neither UTF-8 nor GB18030.*line",
    ),
    whole(
        "UTF-16 is refused with what to do",
        "a.csv",
        lambda: GOOD.encode("utf-16"),
        "UTF-16 text; save it as UTF-8",
    ),
    whole(
        "UTF-16 without a mark is refused",
        "a.csv",
        lambda: "source_id,x\nB,1\n".encode("utf-16-le"),
        "NUL character in line 1",
    ),
    Case(
        "a NUL in a text file goes back with its row",
        file=lambda: (
            "a.csv",
            table(finding("G"), finding("B", description="疏散通道\x00堵塞")),
        ),
        codes="T003",
        line=3,
    ),
    whole(
        "half a character, coded as if it were one, is refused",
        "a.csv",
        lambda: (GOOD + "隐患\ud800,灯坏了\n").encode("utf-8", "surrogatepass"),
        r"neither UTF-8 nor GB18030|has \d+ cells",
    ),
    fed(
        "half a character in JSON goes back",
        "T003",
        JSON_ROW.replace("B\\u53f7", "B\\ud800"),
    ),
    fed("a NUL in JSON goes back", "T003", JSON_ROW.replace("B\\u53f7", "B\\u0000")),
)

SHAPE = (
    whole(
        "a first row that is too long shifts nothing: it is refused with its line",
        "a.csv",
        lambda: f"{HEAD}\nB,{','.join('x' * len(COLUMNS))}\n".encode(),
        r"line 2 has \d+ cells, the heading has \d+",
    ),
    whole(
        "a row that is too short is refused with its line",
        "a.csv",
        lambda: (GOOD + "B,1\n").encode(),
        r"line 3 has 2 cells, the heading has \d+",
    ),
    whole(
        "two headings of one name are refused with their columns",
        "a.csv",
        lambda: GOOD.replace("place_id", "source_id", 1).encode(),
        "'source_id' stands in columns 1 and 2",
    ),
    whole(
        "a column with data and without a heading is refused",
        "a.csv",
        lambda: GOOD.replace("place_id", "", 1).encode(),
        "line 1: column 2 holds data but has no heading",
    ),
    whole(
        "a quote that is never closed is refused with its line",
        "a.csv",
        lambda: (GOOD + 'B,"' + "x,\n" * 100).encode(),
        "line 3",
    ),
    whole(
        "a quote that is never closed in the heading is refused",
        "a.csv",
        lambda: GOOD.replace("place_id", '"place_id', 1).encode(),
        "line 1",
    ),
    whole(
        "a cell of two million characters is refused with its line",
        "a.csv",
        lambda: (GOOD + "B," + "x" * 2_000_000 + "\n").encode(),
        "line 3: field larger than",
    ),
    whole(
        "a column that vanished is named",
        "a.csv",
        lambda: GOOD.replace("description", "details", 1).encode(),
        "'description' is missing",
    ),
    Case(
        "a row keeps the number that its sender sees, below line breaks and blank rows",
        file=lambda: (
            "a.csv",
            (
                text_of(finding("G", unit_name="上\n\n下厂"))
                + "\n"
                + text_of(finding("B", town_code="没有镇")).partition("\n")[2]
            ).encode(),
        ),
        codes="U001",
        line=4,
    ),
    Case(
        "tabs separate as commas do",
        file=lambda: ("a.tsv", table(finding("B", description="灯,坏"), delimiter="\t")),
        accepted=(("description", "灯,坏"),),
    ),
    Case(
        "a total under the table is no row: it is left out and counted",
        file=lambda: ("total.csv", written([*cells(finding("B")), ["合 计", "1"]]).encode()),
        accepted=(("source_id", "B"),),
        left_out=1,
    ),
)

UNREAD = (
    bad(claim, code, found_at=said)
    for claim, code, said in (
        ("the 30th of February goes back", "D002", "2025-02-30"),
        ("the 30th of February in words goes back", "D002", "2025年2月30日"),
        ("a thirteenth month goes back", "D002", "2025-13-01"),
        ("a year of the Republic is not guessed", "D002", "115-03-01"),
        ("a day or a month first is not guessed", "D002", "03/04/2026"),
        ("a serial number of a spreadsheet is not guessed", "D002", "45720"),
        ("today is no date", "D002", "today"),
        ("a digit of another script is no date", "D002", "٢٠٢٥-03-03"),
        ("a year beyond all calendars goes back", "D002", "99999-01-01"),
        ("an hour that does not exist goes back", "D002", "2025-03-03 25:00"),
        ("a blank day goes back", "D001", ""),
        ("a day after tomorrow has not happened", "D003", iso(MONDAY + 3 * DAY_MS)),
    )
)
DATES = (
    *UNREAD,
    good(
        "a full-width date is a date",
        {"claimed_at": MONDAY},
        found_at="２０２５－０３－０３",
        sent_at=iso(MONDAY),
    ),
)


def money(claim: str, said: str) -> RowCase:
    return bad(claim, "N001", event="elements_filed", money=said)


NUMBERS = (
    money("a square is no number", "5²"),
    money("Arabic digits are no number", "١٢"),
    money("NaN in a cell is no number", "NaN"),
    money("Infinity in a cell is no number", "Infinity"),
    money("a number in the exponent's form is no amount", "1e5"),
    money("less than nothing is no amount", "-5"),
    good("a full-width id is the id", {"source_id": "B12"}, source_id="Ｂ１２"),
    good("an id keeps its zeros", {"source_id": "0012"}, source_id="0012"),
    good(
        "an id of 21 digits keeps every one",
        {"source_id": "330282199001010000001"},
        source_id="330282199001010000001",
    ),
    good("NA is a text", {"unit_name": "NA"}, unit_name="NA"),
    good("a square in an id is no two", {"source_id": "B²"}, source_id="B²"),
    flagged("a zero-width space within an id is flagged", "T005", source_id="B\u200b1"),
    flagged("a text that runs backwards is flagged", "T005", unit_name="厂\u202excod.厂"),
    flagged("a zero-width joiner in a name is flagged", "T005", unit_name="五金\u200d厂"),
    flagged("a Cyrillic letter among Latin ones is flagged", "T006", unit_name="А1 ABC 厂"),
)

JSON = (
    answered("NaN is refused", "NaN is not a JSON|not JSON", b'{"items": [{"source_id": NaN}]}'),
    answered(
        "Infinity is refused", "Infinity is not|not JSON", b'{"items": [{"source_id": Infinity}]}'
    ),
    answered(
        "two keys of one name are refused",
        "key 'source_id' stands twice",
        b'{"items": [{"source_id": "1", "source_id": "2"}]}',
    ),
    answered(
        "an array 100,000 deep is refused",
        "nested too deep|depth limit",
        b'{"items": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        dangerous=True,
    ),
    answered(
        "an object 200 deep is refused",
        "nested more than",
        b'{"items": [' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"]}",
    ),
    answered(
        "a number of 5,000 digits is refused",
        "a number of 5,000 digits|infinity",
        b'{"items": [{"source_id": ' + b"9" * 5000 + b"}]}",
        dangerous=True,
    ),
    answered("half a page is refused", "not JSON", b'{"items": [{"source_id": "1"'),
    answered(
        "what is no UTF-8 is refused", "not UTF-8|not JSON", b'{"items": [{"source_id": "\xff"}]}'
    ),
    answered("rows that are no objects are refused", "not an object", b'{"items": [1, 2]}'),
    answered("another root is refused with its keys", "no 'items'", b'{"rows": []}'),
    answered("a page without fields is refused", "without a single field", b'{"items": [{}]}'),
)

XML = (
    xml("external entities are refused and never fetched", DOCTYPE),
    xml("a billion laughs are refused", LAUGHS),
    xml("a document type is refused", b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x"><r/>'),
    xml("elements nested without end are refused", b"<r>" + b"<a>" * 5000),
)

NETWORK = (
    answered(
        "a redirect to a private address is not followed",
        "points to another host",
        server.redirect("http://169.254.169.254/latest/meta-data"),
    ),
    answered(
        "a redirect to another port of this machine is not followed",
        "points to another host",
        server.redirect("http://127.0.0.1:9/feed"),
    ),
    answered(
        "a redirect to a file is not followed",
        "points to another host",
        server.redirect("file:///etc/hostname"),
    ),
    answered("a redirect in circles ends", "redirects in circles", server.redirect("/feed")),
    answered(
        "an endless stream ends at its bound", "sends more than", server.endless, dangerous=True
    ),
    answered("a slow drip ends in time", "was not done within|did not answer", server.drip),
    answered("an answer shorter than announced is no answer", "broke off", server.short),
    answered(
        "an answer larger than allowed is refused",
        "sends more than",
        b'{"items": [], "x": "' + b"x" * (5 << 20) + b'"}',
    ),
    answered(
        "a packed answer is measured unpacked",
        "sends more than",
        server.packed(16 << 20),
        dangerous=True,
    ),
    answered(
        "a web page where rows were expected is refused",
        "HTML|html",
        server.page(b"<!doctype html><html>502</html>", "text/html"),
    ),
)

CASES = (*XLSX, *ENCODINGS, *SHAPE, *JSON, *XML, *NETWORK)
ROWS = (*DATES, *NUMBERS)
