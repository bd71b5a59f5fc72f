"""The exported table holds what the list shows, typed, and no cell of it is a formula."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from rules.clocks import WorkingDays
from schemas.vocabulary import State
from tasks.hazard_export import ExportRefused, export
from tasks.hazard_lists import Request, UnknownUnit, listed
from tasks.rendering.hazard_table import COLUMNS, Language, write_csv, write_xlsx
from tests.hazard.conftest import NOW
from tests.hostile.test_export import KILLERS, LEADS
from tests.store.tiny import Tiny

ALL = Request(state="all")
LANGUAGE = Language("zh", {}, {}, WorkingDays.build())
HEADS = [LANGUAGE.heading(name) for name in COLUMNS]


def rows_of(path: Path) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def frame(texts: list[str]) -> pd.DataFrame:
    """Hazards that say these texts wherever somebody can say something."""
    blank: dict[str, Any] = {
        **dict.fromkeys(("state", "severity", "elements", "listed_level", "marks"), 0),
        **dict.fromkeys(("self_check", "backdated", "overdue_days"), 0),
        **dict.fromkeys(("due_at", "original_due_at", "found_at", "verified_at"), 0),
        **dict.fromkeys(("assigned_at", "accepted_at", "closed_at"), 0),
        **dict.fromkeys(("root_id", "town_code", "sector_code", "channel"), "x"),
    }
    said = dict.fromkeys(("source", "source_id", "unit_name", "category", "description"), texts)
    return pd.DataFrame(said | {k: [v] * len(texts) for k, v in blank.items()})


@pytest.fixture
def workbook(told_once: Tiny, tmp_path: Path) -> Path:
    path = tmp_path / "all.xlsx"
    assert export(told_once.county, ALL, path, NOW, "zh") == 7
    return path


def test_every_row_of_the_list_is_a_row_with_chinese_headings(
    told_once: Tiny, workbook: Path
) -> None:
    rows = rows_of(workbook)
    assert list(rows[0]) == HEADS
    assert HEADS[:3] == ["编号", "状态", "等级"]
    items = listed(told_once.county, ALL, NOW, 0)["items"]
    assert [r["编号"] for r in rows] == [i["number"] for i in items]
    by_number = {r["编号"]: r for r in rows}
    major = by_number["findings:B1"]
    assert (major["状态"], major["等级"], major["镇街"], major["行业领域"]) == (
        "整改中", "重大", "掌起镇", "消防",
    )  # fmt: skip
    overdue = {i["number"]: i["overdue_days"] or None for i in items}
    assert {r["编号"]: r["逾期天数"] for r in rows} == overdue
    assert by_number["findings:G1"]["所缺要素"] == "责任、措施、时限"
    assert by_number["findings:C1"]["自查自纠"] == "是"


def test_times_are_dates_in_the_countys_zone_and_counts_are_numbers(workbook: Path) -> None:
    rows = {r["编号"]: r for r in rows_of(workbook)}
    found, due = rows["findings:C1"]["发现时间"], rows["findings:C1"]["整改时限"]
    assert (str(found), str(due)) == ("2025-03-03 00:00:00", "2025-03-08 00:00:00")
    assert isinstance(due, datetime)
    assert rows["findings:C1"]["逾期天数"] == 24
    assert rows["findings:G1"]["整改时限"] is None
    assert str(rows["findings:A1"]["销号"]) == "2025-03-03 06:00:00"


def test_the_head_is_frozen_and_filtered_and_a_sheet_says_what_it_is(workbook: Path) -> None:
    book = openpyxl.load_workbook(workbook)
    sheet, about = book.worksheets
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(len(HEADS))}8"
    said = dict(about.iter_rows(values_only=True))
    assert said == {"地区": "慈溪市", "截至": "2025年4月2日 09:00", "筛选条件": "state=all"}


def test_english_headings_for_who_asks_for_them(told_once: Tiny, tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    export(told_once.county, Request(overdue=True), path, NOW, "en")
    rows = rows_of(path)
    assert {r["State"] for r in rows} == {"rectifying", "submitted for acceptance"}
    assert rows[0]["Town"] == "Zhangqi Town"


def test_csv_says_the_same(told_once: Tiny, workbook: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    assert export(told_once.county, ALL, path, NOW, "zh") == 7
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for ours, theirs in zip(rows, rows_of(workbook), strict=True):
        assert ours == {k: _plain(k, v) for k, v in theirs.items()}
    assert {r["单位"] for r in rows} >= {"'=虚构=五金厂"}


def _plain(head: str, value: Any) -> str:
    if isinstance(value, datetime):
        days = {LANGUAGE.heading(n) for n, (kind, _) in COLUMNS.items() if kind == "day"}
        return f"{value:%Y-%m-%d}" if head in days else f"{value:%Y-%m-%d %H:%M}"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith("=") else text


def test_no_cell_is_a_formula_whatever_a_text_begins_with(tmp_path: Path) -> None:
    # Half a character can be in no store, so in no frame of one.
    killers = [words for words in KILLERS.values() if "\ud800" not in words]
    texts = [*LEADS.values(), *killers, " =1+1", "\n=1"]
    assert write_xlsx(tmp_path / "x.xlsx", [frame(texts)], LANGUAGE, {"=1": "=2"}) == len(texts)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {(c.data_type, c.hyperlink) for c in cells if c.value is not None} == {("s", None)}
    said = [str(row[7].value) for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [len(words) <= 32_767 for words in said] == [True] * len(texts)
    write_csv(tmp_path / "x.csv", [frame(texts)], LANGUAGE)
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        cells_of_csv = [cell for row in csv.reader(file) for cell in row]
    lead = ("=", "+", "-", "@", "\t", "\r", "＝")
    assert [c for c in cells_of_csv if c.strip(" \n").startswith(lead)] == []


def test_a_full_sheet_goes_on_in_the_next(tmp_path: Path) -> None:
    frames = [frame([f"甲{n}" for n in range(start, start + 4)]) for start in (0, 4, 8)]
    assert write_xlsx(tmp_path / "x.xlsx", frames, LANGUAGE, {}, sheet_rows=5) == 12
    sheets = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[:-1]
    assert [sheet.max_row - 1 for sheet in sheets] == [5, 5, 2]
    said = [row[7] for s in sheets for row in s.iter_rows(min_row=2, values_only=True)]
    assert said == [f"甲{n}" for n in range(12)]
    assert {s.freeze_panes for s in sheets} == {"B2"}


def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    told_once: Tiny, tmp_path: Path
) -> None:
    for name, why in (("x.docx", ".xlsx nor .csv"), ("no/x.csv", "folder")):
        with pytest.raises(ExportRefused, match=why):
            export(told_once.county, ALL, tmp_path / name, NOW, "zh")
    whole = tmp_path / "x.csv"
    whole.write_text("as it was")
    with pytest.raises(UnknownUnit):
        export(told_once.county, Request(town="无此镇"), whole, NOW, "zh")
    assert whole.read_text() == "as it was"
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


def test_every_state_has_its_word(tmp_path: Path) -> None:
    states = frame(["甲"] * len(State)).assign(state=[int(s) for s in State])
    words = [LANGUAGE.columns(states)["state"][int(s)] for s in State]
    assert words[State.CLOSED] == "销号"
    assert len(set(words)) == len(State)
