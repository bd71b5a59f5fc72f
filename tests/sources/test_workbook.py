"""A folder of weekly files: real xlsx and csv, good, bad, locked, misnamed and silent."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import xlsxwriter

from tasks.intake.reading_json import Malformed
from tasks.sources.base import Pulled, PullRequest, SourceDown, SourceRefused
from tasks.sources.workbook import normal_period, pull

NAME = r"^(?P<unit>\d{9})_(?P<period>.+?)(?:_补报\d*)?\.(?:xlsx|csv|xls|et|tsv)$"
CSV = "编号,类型\n0001,隐患\n"


def xlsx(*rows: list[str]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    return out.getvalue()


@pytest.fixture
def request_for(ask: Any, tmp_path: Path) -> Callable[..., PullRequest]:
    def build(**options: Any) -> Any:
        settings = {"max_bytes": options.pop("max_bytes", 2**20), "folder": tmp_path}
        return ask({"type": "workbook", "name": NAME, **options}, **settings)

    return build


def taken(request: PullRequest) -> tuple[list[Pulled], str]:
    """(what was yielded, the reason of the SourceDown that came last or "")."""
    found: list[Pulled] = []
    try:
        for pulled in pull(request):
            found.append(pulled)
    except SourceDown as error:
        return found, error.reason
    return found, ""


def test_a_file_is_a_delivery_of_its_unit_and_week(request_for: Any, tmp_path: Path) -> None:
    (tmp_path / "999001003_2025W10.xlsx").write_bytes(xlsx(["编号"], ["0001"]))
    (tmp_path / "999001004_2025年第9周_补报1.csv").write_bytes(CSV.encode("gb18030"))
    found, reason = taken(request_for())
    assert reason == ""
    assert [(p.reporting_unit, p.period, p.media) for p in found] == [
        ("999001003", "2025-W10", "xlsx"),
        ("999001004", "2025-W09", "csv"),
    ]
    assert found[1].parts[0].content == CSV.encode("gb18030")
    assert not found[0].nil_return


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("2025-W10", "2025-W10"),
        ("2025w1", "2025-W01"),
        ("2025年第10周", "2025-W10"),
        ("2025-03-09", "2025-W10"),
        ("20250303", "2025-W10"),
        ("2024-12-30", "2025-W01"),
        ("2020-W53", "2020-W53"),
    ],
)
def test_a_week_is_understood_however_it_is_written(text: str, week: str) -> None:
    assert normal_period(text) == week


@pytest.mark.parametrize("text", ["2025-W54", "2025-W00", "2021-W53", "本周", "2025-02-30", ""])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="no week"):
        normal_period(text)


@pytest.mark.parametrize(
    "name",
    [
        "~$999001003_2025-W10.xlsx",
        ".999001003_2025-W10.csv",
        "999001003_2025-W10.csv.part",
        "999001003_2025-W10.xlsx.tmp",
        "说明.txt",
    ],
)
def test_locks_half_copied_files_and_notes_are_left_alone(
    request_for: Any, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"PK half")
    assert taken(request_for()) == ([], "")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("周巷第10周.xlsx", b"", "the name does not say"),
        ("999001003_上周.csv", CSV.encode(), "no week"),
        ("999001003_2025-W10.xls", b"\xd0\xcf\x11\xe0", "damaged"),
        ("999001003_2025-W10.xls", CSV.encode(), "not an xls workbook"),
        ("999001003_2025-W10.et", b"\xd0\xcf\x11\xe0", "save it as .xlsx or .csv"),
        ("999001003_2025-W10.xlsx", CSV.encode(), "not an xlsx workbook"),
        ("999001003_2025-W10.csv", b"\xff\xfea\x00", "UTF-16"),
        ("999001003_2025-W10.csv", "编号,编号\n1,2\n".encode(), "'编号' stands in columns 1 and 2"),
        ("999001003_2025-W10.csv", "编号,类型\n1,2\n1\n".encode(), "line 3 has 1 cells"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_after_all_others_were_yielded(
    request_for: Any, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "999009999_2025-W10.csv").write_text(CSV)
    found, said = taken(request_for())
    assert [p.reporting_unit for p in found] == ["999009999"]
    assert reason in said
    assert name in said


def test_a_file_larger_than_allowed_is_named(request_for: Any, tmp_path: Path) -> None:
    (tmp_path / "999001003_2025-W10.csv").write_text(CSV)
    assert "max_bytes" in taken(request_for(max_bytes=10))[1]


@pytest.mark.parametrize(
    "content",
    ["零报告\n", "编号,类型\n零报告\n", "编号,类型\n,零报告。\n", "编号,类型\n 零报告 ,\n,\n"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_nil_return_is_recognised_in_csv(
    request_for: Any, tmp_path: Path, content: str, encoding: str
) -> None:
    (tmp_path / "999001003_2025-W10.csv").write_text(content, encoding=encoding)
    (pulled,), _ = taken(request_for())
    assert pulled.nil_return


def test_a_nil_return_is_recognised_in_xlsx(request_for: Any, tmp_path: Path) -> None:
    path = tmp_path / "999001003_2025-W10.xlsx"
    path.write_bytes(xlsx(["编号", "类型"], ["", "零报告"]))
    (pulled,), _ = taken(request_for())
    assert pulled.nil_return


@pytest.mark.parametrize(
    "content", ["", "编号,类型\n", CSV, CSV + "零报告,\n", "编号,类型\n1,零报告制度未落实\n"]
)
def test_an_empty_file_or_one_with_rows_is_no_nil_return(
    request_for: Any, tmp_path: Path, content: str
) -> None:
    (tmp_path / "999001003_2025-W10.csv").write_text(content)
    (pulled,), reason = taken(request_for())
    assert not pulled.nil_return
    assert reason == ""


def test_a_source_that_reports_alone_reports_as_itself(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text(CSV)
    (pulled,) = pull(ask({"type": "workbook", "name": r"^all\.csv$"}, folder=tmp_path))
    assert (pulled.reporting_unit, pulled.period) == ("feed", None)


def test_a_missing_folder_names_the_setting(ask: Any, tmp_path: Path) -> None:
    for folder, error in ((None, SourceRefused), (tmp_path / "gone", SourceDown)):
        with pytest.raises(error, match=r"\[sources\.feed\] folder"):
            next(pull(ask({"type": "workbook", "name": NAME}, folder=folder)))


def test_what_was_taken_is_not_offered_again_but_what_changed_is(
    request_for: Any, tmp_path: Path
) -> None:
    for unit in ("999001003", "999001004"):
        (tmp_path / f"{unit}_2025-W10.csv").write_text(CSV, "utf-8")
        sleep(0.02)  # a change time of its own
    first, _ = taken(request_for())
    after = first[-1].cursor_after
    again, _ = taken(replace(request_for(), cursor=after))
    assert [p.reporting_unit for p in again] == ["999001004"]  # at the cursor itself: offered again
    sleep(0.02)
    late = tmp_path / "999001003_2025-W10.csv"
    late.write_text(CSV + "0002,隐患\n", "utf-8")
    os.utime(late, (0, 0))  # a copy may bring an old modification time
    changed, _ = taken(replace(request_for(), cursor=after))
    assert [p.reporting_unit for p in changed] == ["999001004", "999001003"]


def test_the_cursor_stays_before_a_file_that_gave_nothing(request_for: Any, tmp_path: Path) -> None:
    (tmp_path / "999001003_2025-W10.xls").write_bytes(b"old")
    sleep(0.02)
    (tmp_path / "999001004_2025-W10.csv").write_text(CSV, "utf-8")
    found, reason = taken(request_for())
    assert [p.cursor_after for p in found] == [""]
    again, reason_again = taken(replace(request_for(), cursor=found[-1].cursor_after))
    assert len(again) == 1
    assert reason_again == reason != ""


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_a_note_under_a_nil_return_is_no_row(request_for: Any, tmp_path: Path, suffix: str) -> None:
    text = "某镇周台账\n编号,类型\n零报告,\n填表人：赵虚构\n"
    path = tmp_path / f"999001003_2025-W10.{suffix}"
    path.write_text(text.replace(",", "\t") if suffix == "tsv" else text, "utf-8")
    (pulled,), reason = taken(request_for(header_words=["编号"], not_rows=["填表人.*"]))
    assert (pulled.nil_return, pulled.media, reason) == (True, suffix, "")


@pytest.mark.parametrize("key", ["sheets", "not_rows"])
def test_an_expression_that_is_none_is_refused_with_the_declaration(ask: Any, key: str) -> None:
    wrong = "(" if key == "sheets" else ["("]
    with pytest.raises(ValueError, match="no regular expression"):
        ask({"type": "workbook", "name": NAME, key: wrong})
