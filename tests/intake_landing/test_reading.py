"""Reading: whatever comes, a frame of text or one reason why not."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from schemas.source import SourceDeclaration
from tasks.intake.reading import Unreadable, read_rows, sheet_and_row
from tasks.intake.reading import read as reading
from tasks.intake.reading_xlsx import judged
from tests.hostile.workbooks import ods, xls

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def read(put: Any, declare: Any) -> Any:
    """read(connector, media, *contents) → frame."""

    def do(connector: Any, media: str, *contents: bytes, **options: Any) -> pd.DataFrame:
        declaration: SourceDeclaration = declare(connector)
        return read_rows(put(declaration, media, *contents, **options), declaration)

    return do


def columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    return {name: list(frame[name]) for name in frame.columns}


def csv_file(read: Any, content: str | bytes, **options: Any) -> pd.DataFrame:
    connector = {"type": "workbook", "name": ".*", **options}
    return read(connector, "csv", content if isinstance(content, bytes) else content.encode())


def xlsx_file(read: Any, content: bytes, **options: Any) -> pd.DataFrame:
    return read({"type": "workbook", "name": ".*", **options}, "xlsx", content)


def book(*rows: list[Any], sheet: str = "台账") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm"}) as made:
        page = made.add_worksheet(sheet)
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
    return out.getvalue()


def merged(*rows: list[Any], over: dict[str, str]) -> bytes:
    """A workbook with merged ranges: range → its value; the rows hold what stands elsewhere."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        page = made.add_worksheet("台账")
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
        for cells, value in over.items():
            page.merge_range(cells, value)
    return out.getvalue()


def sheets(**pages: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        for name, rows in pages.items():
            page = made.add_worksheet(name)
            for n, row in enumerate(rows):
                page.write_row(n, 0, row)
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


def sheet_with(cell: str) -> bytes:
    head = b'<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData><row r="1">'
    first = b'<c r="A1" t="inlineStr"><is><t>a</t></is></c>'
    return head + first + cell.encode() + b"</row></sheetData></worksheet>"


# ---- csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_is_text_throughout_in_either_encoding(read: Any, encoding: str, newline: str) -> None:
    rows = [
        "编号,数量,日期,备注",
        "0012,1.0,2025-02-30,NA",
        '330282199001010000001,,null,"a,b"',
        "",
    ]
    frame = csv_file(read, newline.join(rows).encode(encoding))
    assert columns(frame) == {
        "编号": ["0012", "330282199001010000001"],
        "数量": ["1.0", ""],
        "日期": ["2025-02-30", "null"],
        "备注": ["NA", "a,b"],
        "line": [2, 3],
    }
    assert [str(t) for t in frame.dtypes] == ["str", "str", "str", "str", "int64"]


def test_short_chinese_in_utf8_is_not_taken_for_gb18030(read: Any) -> None:
    assert list(csv_file(read, "编号,描述\n1,电线老化\n")["描述"]) == ["电线老化"]


def test_a_file_that_is_half_utf8_and_half_gb18030_is_refused_with_its_line(read: Any) -> None:
    mixed = "编号,描述\n1,电线\n".encode() + "2,灭火器过期\n".encode("gb18030") + b"\xff\xff\n"
    with pytest.raises(Unreadable, match=r"neither UTF-8 nor GB18030.*line"):
        csv_file(read, mixed)


def test_lines_are_counted_as_a_spreadsheet_counts_them(read: Any) -> None:
    frame = csv_file(read, '编号,描述\n1,"上\n\n下"\n\n,\n2,b\n\n\n')
    assert columns(frame) == {"编号": ["1", "2"], "描述": ["上\n\n下", "b"], "line": [2, 5]}


def test_a_heading_may_stand_lower_down(read: Any) -> None:
    frame = csv_file(read, "某镇周台账\n填报：平安办,2025\n编号,描述\n1,a\n", header_line=3)
    assert columns(frame) == {"编号": ["1"], "描述": ["a"], "line": [4]}


def test_a_single_column_keeps_its_rows(read: Any) -> None:
    assert columns(csv_file(read, "编号\n1\n\n2\n")) == {"编号": ["1", "2"], "line": [2, 4]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a,b,a\n1,2,3\n", "heading 'a' stands in columns 1 and 3"),
        ("a, a \n1,2\n", "heading 'a' stands in columns 1 and 2"),
        ("a,b\n1,2,3\n4,5\n", "line 2 has 3 cells, the heading has 2"),
        ("a,b\n1,2\n\n3,4\n5\n", "line 5 has 1 cells, the heading has 2"),
        ("a,b,\n1,2,3\n", "line 1: column 3 holds data but has no heading"),
        ('a,b\n1,2\n3,"4\n', "line 3"),
        ('a,"b\n1,2\n', "line 1"),
        ('a,b\n1,"2\n3,4\n5,"6\n', "line 2"),
        ("a,\x00b\n1,2\n", "NUL character in line 1"),
        ("a,b\n1," + "x" * 2_000_000 + "\n2\n", "line 2: field larger than"),
    ],
)
def test_a_shape_that_cannot_be_trusted_is_refused_with_its_line(
    read: Any, content: str, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        csv_file(read, content)


def test_a_trailing_comma_throughout_is_no_column(read: Any) -> None:
    assert columns(csv_file(read, "a,b,\n1,2,\n")) == {"a": ["1"], "b": ["2"], "line": [2]}


@pytest.mark.parametrize("content", ["", "\n", "\ufeff"])
def test_an_empty_file_is_an_empty_frame(read: Any, content: str) -> None:
    assert len(csv_file(read, content)) == 0


def test_a_file_with_only_a_heading_keeps_its_columns(read: Any) -> None:
    assert columns(csv_file(read, "a,b\n")) == {"a": [], "b": [], "line": []}


def test_a_nil_return_is_an_empty_frame(read: Any) -> None:
    frame = read("workbook", "csv", "编号,描述\n零报告\n".encode(), nil_return=True)
    assert columns(frame) == {"line": []}


def test_a_column_called_line_does_not_replace_ours(read: Any) -> None:
    assert columns(csv_file(read, "line\n7\n")) == {"line_": ["7"], "line": [2]}


def test_no_message_quotes_a_cell(read: Any) -> None:
    for content in ("a,b\ncanary,1,2\n", 'a,b\n"canary\n', "canary\x00,b\n1,2\n"):
        with pytest.raises(Unreadable) as caught:
            csv_file(read, content)
        assert "canary" not in str(caught.value)


# ---- xlsx


def test_cells_are_the_text_a_person_would_type(read: Any) -> None:
    day = pd.Timestamp("2025-03-04 08:30").to_pydatetime()
    made = book(["编号", "数量", "时间", "是"], ["0012", 12, day, True], ["", 0.1, "", False])
    assert columns(xlsx_file(read, made)) == {
        "编号": ["0012", ""],
        "数量": ["12", "0.1"],
        "时间": ["2025-03-04 08:30:00", ""],
        "是": ["true", "false"],
        "line": [2, 3],
    }


def test_lines_of_a_workbook_are_its_row_numbers(read: Any) -> None:
    made = book(["台账"], ["编号", "描述"], [], ["1", "a"], [" ", ""], ["2", "b"])
    frame = xlsx_file(read, made, header_line=2, sheet="台账")
    assert columns(frame) == {"编号": ["1", "2"], "描述": ["a", "b"], "line": [4, 6]}


@pytest.mark.parametrize("sheet", ["别的", 3])
def test_a_missing_sheet_names_the_sheets_there_are(read: Any, sheet: str | int) -> None:
    with pytest.raises(Unreadable, match="it has \\['台账'\\]"):
        xlsx_file(read, book(["a"]), sheet=sheet)


@pytest.mark.parametrize("content", [b"", book(), book(["编号", "描述"])])
def test_a_workbook_without_rows_is_an_empty_frame(read: Any, content: bytes) -> None:
    assert len(xlsx_file(read, content)) == 0


def test_headings_of_a_workbook_are_unique_too(read: Any) -> None:
    with pytest.raises(Unreadable, match="'编号' stands in columns 1 and 2"):
        xlsx_file(read, book(["编号", "编号"], ["1", "2"]))


BOMBS = {
    "cell at the far corner": '<c r="XFD1048576" t="n"><v>1</v></c>',
    "single quotes": "<c r='XFD1048576' t='n'><v>1</v></c>",
    "spaces": '<c\n r = "XFD1048576"><v>1</v></c>',
    "lower case": '<c r="xfd1048576"><v>1</v></c>',
    "escaped": '<c r="&#88;FD1048576"><v>1</v></c>',
    "beyond the grid": '<c r="A3000000"><v>1</v></c>',
    "sparse": '<c r="ZZ9999"><v>1</v></c>',
}


@pytest.mark.parametrize("cell", BOMBS.values(), ids=BOMBS.keys())
def test_a_cell_far_out_is_refused_before_parsing(read: Any, cell: str) -> None:
    with pytest.raises(Unreadable, match=r"far out|beyond row|escapes"):
        xlsx_file(read, with_entry(book(["a"]), SHEET, sheet_with(cell)))


HOSTILE = {
    "zip bomb": (SHEET, b"<a>" + b" " * 60_000_000, "zip bomb"),
    "macros": ("xl/vbaProject.bin", b"x", "macros"),
    "zip slip": ("../../evil.xml", b"<a/>", "outside"),
    "entities": ("xl/sharedStrings.xml", b"<?xml version='1.0'?><!DOCTYPE a []><a/>", "entities"),
    "utf-16": (SHEET, "<a/>".encode("utf-16"), "not UTF-8"),
    "rubbish": (SHEET, b"<worksheet><sheetData><row", "damaged"),
}


@pytest.mark.parametrize(("name", "data", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_workbook_is_refused_with_a_reason(
    read: Any, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        xlsx_file(read, with_entry(book(["a"], ["1"]), name, data))


def test_a_directory_that_lies_about_sizes_is_found(read: Any) -> None:
    made = bytearray(with_entry(book(["a"]), SHEET, sheet_with("") + b" " * 5000))
    at = made.rfind(SHEET.encode()) - 46 + 24  # uncompressed size in the central directory
    made[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(Unreadable, match="damaged"):
        xlsx_file(read, bytes(made))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"a,b\n1,2\n", "not an xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted or an old"),
        (book(["a"], ["1"])[:-200], "damaged"),
    ],
)
def test_what_is_no_workbook_is_refused(read: Any, content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        xlsx_file(read, content)


@pytest.mark.parametrize(
    ("stored", "read_as"),
    [
        (12, "12"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (999_999_999_999_999, "999999999999999"),
        (330282199001010001, "3.3028219900101e+17"),  # its digits are lost: not passed off as whole
        ("330282199001010000001", "330282199001010000001"),
        ("0012", "0012"),
        (date(2025, 3, 4), "2025-03-04"),
        (pd.Timestamp("2025-03-04 23:59:59.9").to_pydatetime(), "2025-03-05 00:00:00"),
    ],
)
def test_numbers_and_days_are_what_people_see(read: Any, stored: Any, read_as: str) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        page, day = made.add_worksheet(), made.add_format({"num_format": "yyyy-mm-dd"})
        page.write(0, 0, "a")
        page.write(1, 0, stored, day if isinstance(stored, date) else None)
    assert list(xlsx_file(read, out.getvalue())["a"]) == [read_as]


# ---- what people do to their tables


def test_a_heading_is_found_by_its_words(read: Any) -> None:
    rows = [["某镇周台账"], ["填报：平安办"], [], ["编　号", "隐患\n描述"], ["1", "a"]]
    expected = {"编号": ["1"], "隐患描述": ["a"], "line": [5]}
    words = {"header_words": ["编号", "隐患描述"]}
    assert columns(xlsx_file(read, book(*rows), **words)) == expected
    lines = '某镇周台账\n填报：平安办\n\n编　号,"隐患\n描述"\n1,a\n'
    assert columns(csv_file(read, lines, **words)) == expected


def test_a_heading_that_is_not_there_is_told_with_its_words(read: Any) -> None:
    for content in ("某镇周台账\n编号,备注\n1,a\n", "x\n" * 60 + "编号,描述\n1,a\n"):
        with pytest.raises(Unreadable, match=r"lines is a heading that holds \['编号', '描述'\]"):
            csv_file(read, content, header_words=["编号", "描述"])


GROUPED = {"编号": ["1"], "整改/人": ["甲"], "整改/时限": ["3日"], "备注": ["x"], "line": [4]}


def test_a_merged_heading_names_the_columns_below_it(read: Any) -> None:
    made = merged(
        ["某镇周台账"],
        ["", "", "", ""],
        ["", "人", "时限", "备注"],
        ["1", "甲", "3日", "x"],
        over={"A2:A3": "编号", "B2:C2": "整改"},
    )
    assert columns(xlsx_file(read, made, header_line=2, header_lines=2)) == GROUPED
    found = xlsx_file(read, made, header_words=["编号"], header_lines=2)
    assert columns(found) == GROUPED


def test_a_heading_of_two_lines_is_read_without_merges_too(read: Any) -> None:
    lines = "某镇周台账\n编号,整改,,备注\n,人,时限,\n1,甲,3日,x\n"
    assert columns(csv_file(read, lines, header_line=2, header_lines=2)) == GROUPED
    made = book(*(row.split(",") for row in lines.splitlines()))
    assert columns(xlsx_file(read, made, header_line=2, header_lines=2)) == GROUPED


def test_totals_and_notes_are_left_out_and_counted_with_their_lines(put: Any, declare: Any) -> None:
    rows = [["编号", "件数"], ["1", "2"], ["小 计", "2"], ["2", "合计"], ["", "合计"], ["注：周报"]]
    declaration = declare(
        {"type": "workbook", "name": ".*", "not_rows": ["小计|合计", "注[:：].*", "填表人.*"]}
    )
    text = "\n".join(",".join(row) for row in rows).encode()
    for media, content in (("xlsx", book(*rows)), ("csv", text)):
        found = reading(put(declaration, media, content), declaration)
        assert columns(found.rows) == {"编号": ["1", "2"], "件数": ["2", "合计"], "line": [2, 4]}
        assert list(found.left_out) == [3, 5, 6]


def test_a_note_that_was_not_declared_is_a_row(read: Any) -> None:
    assert list(xlsx_file(read, book(["编号", "件数"], ["合计", "2"]))["编号"]) == ["合计"]
    with pytest.raises(Unreadable, match="line 3 has 1 cells"):
        csv_file(read, "编号,件数\n1,2\n注：周报\n")


def test_a_merged_cell_is_the_value_of_all_its_rows_where_that_is_declared(read: Any) -> None:
    rows = [["镇", "村", "编号"], ["", "", "1"], ["", "", "2"], ["", "", ""], ["乙", "丙", "3"]]
    made = merged(*rows, over={"A2:A4": "甲", "B2:B3": "丁"})
    frame = xlsx_file(read, made, fill_merged=["镇"])
    assert columns(frame) == {
        "镇": ["甲", "甲", "乙"],
        "村": ["丁", "", "丙"],
        "编号": ["1", "2", "3"],
        "line": [2, 3, 5],
    }


def test_merges_over_each_other_are_refused(read: Any) -> None:
    made = merged(["镇", "编号"], ["", "1"], ["", "2"], ["", "3"], over={"A2:A4": "甲"})
    over = b'<mergeCells count="1"><mergeCell ref="A2:A4"/>'
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        sheet = archive.read(SHEET)
    twice = sheet.replace(over, over + b'<mergeCell ref="A2:A1048576"/>' * 50)
    assert twice != sheet
    with pytest.raises(Unreadable, match="merged cells lie over each other"):
        xlsx_file(read, with_entry(made, SHEET, twice), fill_merged=["镇"])


@pytest.mark.usefixtures("private_key")
def test_reporters_in_sheets_under_merged_headings_are_sealed(put: Any, declare: Any) -> None:
    pages = {}
    for n, name in enumerate(("三月", "四月")):
        pages[name] = [
            ["id", "举报", "", "when"],
            ["", "姓名", "what", ""],
            [n, f"canary{n}", "x", ""],
        ]
    connector = {"type": "workbook", "name": ".*", "sheets": ".月", "header_lines": 2}
    declaration = declare(connector, "举报/姓名")
    delivery = put(declaration, "xlsx", sheets(**pages))
    assert [part.name for part in delivery.parts()] == ["三月", "四月"]
    assert not any(b"canary" in part.content for part in delivery.parts())
    frame = read_rows(delivery, declaration)
    assert list(frame["_sheet"]) == ["三月", "四月"]
    assert list(frame["line"]) == [3, 10_000_003]
    assert all(name.startswith("sealed:") for name in frame["举报/姓名"])


def test_rows_of_several_sheets_keep_their_sheet_and_their_row(read: Any) -> None:
    made = sheets(说明=[["怎么填"]], 三月=[["编号"], ["1"]], 四月=[["编号", "注"], ["2", "x"]])
    frame = xlsx_file(read, made, sheets=".月")
    assert columns(frame) == {
        "编号": ["1", "2"],
        "_sheet": ["三月", "四月"],
        "注": ["", "x"],
        "line": [2, 10_000_002],
    }
    assert sheet_and_row(10_000_002) == (1, 2)


def test_a_fault_in_one_of_several_sheets_names_the_sheet(read: Any) -> None:
    made = sheets(三月=[["编号"], ["1"]], 四月=[["编号", "编号"], ["2", "x"]])
    with pytest.raises(Unreadable, match=r"sheet '四月': line 1: the heading '编号' stands in"):
        xlsx_file(read, made, sheets=".*")
    with pytest.raises(Unreadable, match=r"no sheet '五月'; it has \['三月', '四月'\]"):
        xlsx_file(read, made, sheets="五月")


def test_a_csv_file_is_a_sheet_of_its_own_name(put: Any, declare: Any) -> None:
    declaration = declare({"type": "workbook", "name": ".*", "sheets": ".*"})
    delivery = put(declaration, "csv", "编号\n1\n".encode(), names="三月.csv")
    assert list(reading(delivery, declaration).rows["_sheet"]) == ["三月.csv-1"]


def test_tab_separated_text_is_read_like_csv(read: Any) -> None:
    text = '编号\t描述\n0012\t"上\n下, 左"\n'
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        frame = read("workbook", "tsv", text.encode(encoding))
        assert columns(frame) == {"编号": ["0012"], "描述": ["上\n下, 左"], "line": [2]}


OLD = {"编号": ["0012", "13"], "日期": ["2025-03-04", ""], "描述": ["电线\n老化", "x"]}


@pytest.mark.parametrize("made", [xls, ods], ids=["xls", "ods"])
def test_old_and_open_workbooks_are_read_like_new_ones(read: Any, made: Any) -> None:
    cells = [["台账"], [], ["编号", "日期", "描述"], ["0012", date(2025, 3, 4), "电线\n老化"]]
    content = made([*cells, [13, "", "x"]])
    frame = read({"type": "workbook", "name": ".*", "header_line": 3}, made.__name__, content)
    assert columns(frame) == OLD | {"line": [4, 5]}


def test_a_large_workbook_is_read_by_the_child_as_a_small_one_is_read_here(read: Any) -> None:
    rows = [["编号", "镇", "日期"], *([f"{n:05d}", '甲\r乙,"丙"', n] for n in range(70_000))]
    made = book(*rows)
    assert not judged(made, "xlsx")
    frame = xlsx_file(read, made)
    assert list(frame["编号"]) == [row[0] for row in rows[1:]]
    assert set(frame["镇"]) == {'甲\r乙,"丙"'}
    assert frame["line"].iloc[-1] == 70_001


# ---- json, xml


def test_nested_json_is_dotted_and_numbers_keep_their_digits(read: Any) -> None:
    page = (
        b'{"items": [{"id": "0012", "n": 1.10, "big": 123456789012345678901, "ok": true,'
        b' "plan": {"lead": "\xe6\x9f\x90", "funds": {"yuan": 2e3}}, "tags": ["a", 1], "no": null},'
        b' {"id": "0013", "plan": null, "extra": -0.0}]}'
    )
    assert columns(read("http_json", "json", page)) == {
        "id": ["0012", "0013"],
        "n": ["1.10", ""],
        "big": ["123456789012345678901", ""],
        "ok": ["true", ""],
        "plan.lead": ["某", ""],
        "plan.funds.yuan": ["2e3", ""],
        "tags": ['["a","1"]', ""],
        "no": ["", ""],
        "extra": ["", "-0.0"],
        "line": [1, 2],
    }


def test_pages_are_one_delivery_with_lines_counted_through(read: Any) -> None:
    pages = [json.dumps({"items": [{"id": str(n), **extra}]}).encode() for n, extra in
             [(1, {}), (2, {"late": "x"})]]  # fmt: skip
    frame = read("http_json", "json", *pages, b'{"items": []}')
    assert columns(frame) == {"id": ["1", "2"], "late": ["", "x"], "line": [1, 2]}


def test_a_delivery_without_rows_is_an_empty_frame(read: Any) -> None:
    assert columns(read("http_json", "json", b'{"items": []}')) == {"line": []}
    assert columns(read("table", "json", b"[]")) == {"line": []}
    assert len(read("open311", "xml", b"<service_requests/>", names="request")) == 0


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b'{"items": [{"a": NaN}]}', "NaN is not a JSON number"),
        (b'{"items": [{"a": -Infinity}]}', "-Infinity is not a JSON number"),
        (b'{"items": [{"a": ' + b"9" * 5000 + b"}]}", "a number of 5,000 digits"),
        (b'{"items": ' + b"[" * 100_000, "nested too deep"),
        (b'{"items": [' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"]}", "nested more than"),
        (b'{"items": [{"a": 1, "a": 2}]}', "key 'a' stands twice"),
        (b'{"items": [{"a.b": 1, "a": {"b": 2}}]}', "two fields are called 'a.b'"),
        (b'{"items": [1]}', "row 1 is not an object"),
        (b'{"items": [{}]}', "without a single field"),
        (b'{"rows": []}', "no 'items' in the page"),
        (b'{"items": 5}', "no list of rows"),
        (b'{"items": [{"a": "\xff"}]}', "not UTF-8"),
        (b'{"items": [', "not JSON"),
    ],
)
def test_json_that_cannot_be_trusted_is_refused(read: Any, page: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read("http_json", "json", page)


def test_characters_no_database_takes_become_nul_which_the_suites_refuse(read: Any) -> None:
    page = b'{"items": [{"a": "x\\u0000y", "b": "\\ud800z"}, {"a": "ok", "b": "\\ud83d\\ude00"}]}'
    assert columns(read("http_json", "json", page)) == {
        "a": ["x\x00y", "ok"],
        "b": ["\x00z", "😀"],
        "line": [1, 2],
    }


def test_a_row_that_two_windows_brought_is_read_once(read: Any) -> None:
    first, second = ([{"service_request_id": i} for i in ids] for ids in ("ab", "bc"))
    parts = [json.dumps(p).encode() for p in (first, second)]
    frame = read("open311", "json", *parts, names="request")
    assert columns(frame) == {
        "service_request_id": ["a", "b", "c"],
        "_kind": ["request"] * 3,
        "line": [1, 2, 4],
    }


def test_xml_is_nested_and_repeated_tags_are_lists(read: Any) -> None:
    xml = (
        "<ns:requests xmlns:ns='urn:x'><ns:request><ns:id> 006 </ns:id><ns:at><ns:lat>1.50</ns:lat>"
        "</ns:at><ns:m>a</ns:m><ns:m>b</ns:m><ns:none/></ns:request></ns:requests>"
    )
    assert columns(read("open311", "xml", xml.encode(), names="request")) == {
        "id": ["006"],
        "at.lat": ["1.50"],
        "m": ['["a","b"]'],
        "none": [""],
        "_kind": ["request"],
        "line": [1],
    }


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/hosts"><a/>',
        b"<a>" * 5000,
        b"<html><body/></html>",
        b"<errors><error><code>1</code></error></errors>",
        b"\x00",
        b"<r>" + b"<a>" * 100 + b"</a>" * 100 + b"</r>",
    ],
)
def test_hostile_xml_is_refused(read: Any, xml: bytes) -> None:
    with pytest.raises(Unreadable):
        read("open311", "xml", xml, names="request")


# ---- the real thing


def test_real_self_checks_are_read_row_by_row(read: Any, shared_data: Path) -> None:
    content = (shared_data / "shenzhen_selfcheck" / "train.csv").read_bytes()
    frame = csv_file(read, content)
    expected = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert len(frame) == len(expected) == 12_000
    assert (frame["content"].to_numpy() == expected["content"].to_numpy()).all()
    assert frame["line"].iloc[-1] == 12_001
