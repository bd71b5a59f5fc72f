"""A sheet of actions: columns by any of their names, rows that are refused stop no other."""

from pathlib import Path

import pytest
import xlsxwriter

from schemas.period import DAY_MS
from tasks.acting import act_all
from tasks.acting_sheet import SheetRefused, actions_of
from tests.store.tiny import MONDAY, Tiny, finding, hazard


def sheet(path: Path, *rows: list[str]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write_string(line, column, cell)
    book.close()
    return path


def test_titles_may_be_chinese_english_or_the_ledgers(tmp_path: Path) -> None:
    zh = sheet(tmp_path / "zh.xlsx", ["隐患编号", "事项", "办理单位"], ["H1", "核实立案", "甲"])
    en = tmp_path / "en.csv"
    en.write_text("hazard,event,organisation\nH1,verified,甲\n", "utf-8")
    ((_, one),), ((_, other),) = actions_of(zh), actions_of(en)
    assert (one.hazard, one.event, one.data) == (other.hazard, other.event, other.data)
    assert (one.event, one.data) == ("verified", {"organisation": "甲"})


def test_an_unknown_column_is_named_and_a_missing_one_too(tmp_path: Path) -> None:
    with pytest.raises(SheetRefused, match=r"颜色.*event"):
        actions_of(sheet(tmp_path / "a.xlsx", ["隐患编号", "颜色"], ["H1", "红"]))


def test_what_is_no_table_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(SheetRefused, match=r"a\.xlsx"):
        actions_of(path)


def test_the_rows_of_a_sheet_are_entered_with_their_lines(tiny: Tiny, tmp_path: Path) -> None:
    tiny.bring(MONDAY + DAY_MS, [finding("F1"), finding("F2")], [])
    rows = [[hazard("F1"), "verified", "甲"], [hazard("F2"), "closed", "甲"], ["", "verified", ""]]
    given = actions_of(sheet(tmp_path / "a.xlsx", ["hazard", "event", "organisation"], *rows))
    actions = [action for _, action in given]
    reports = act_all(tiny.county, actions, MONDAY + 2 * DAY_MS, actor="x", dry_run=False)
    assert [line for line, _ in given] == [2, 3, 4]
    assert [r.ok for r in reports] == [True, False, False]
