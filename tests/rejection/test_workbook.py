"""The rejection workbook as its reader finds it: own columns, red cells, reasons, drop-downs."""

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from expectations.rules import RULES
from schemas.period import HOUR_MS
from tasks.rejecting import export, export_new
from tasks.sources.correction import KEY, SHEET
from tests.store.tiny import MONDAY, SOURCES, Tiny, finding, life


def book(tiny: Tiny, tmp_path: Path, *rows: dict[str, str], lang: str = "zh") -> Any:
    tiny.drop("findings", *rows)
    tiny.collect("findings", MONDAY + HOUR_MS)
    (path,) = export(tiny.county, tmp_path / "out", lang, source="findings")
    return openpyxl.load_workbook(BytesIO(path.read_bytes()))


def red(sheet: Any, row: int) -> set[str]:
    """The headings of a row's red cells."""
    plain = "00000000"
    return {
        str(sheet.cell(1, cell.column).value)
        for cell in sheet[row]
        if cell.fill.fgColor.rgb not in (plain, None) and cell.fill.fill_type
    }


def test_the_senders_columns_stand_in_their_own_order_under_their_own_names(
    tiny: Tiny, tmp_path: Path
) -> None:
    sheet = book(tiny, tmp_path, finding("F1", town_code="无此镇")).worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head[:5] == [KEY, "原表行号", "问题栏目", "问题", "建议"]
    assert tuple(head[5:]) == SOURCES["findings"].names
    assert sheet.column_dimensions["A"].hidden
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref is not None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_row_says_its_line_its_fields_what_is_wrong_and_what_to_do(
    tiny: Tiny, tmp_path: Path, lang: str
) -> None:
    bad = finding("F2", town_code="无此镇", found_at="2025-02-30T00:00:00+08:00")
    sheet = book(tiny, tmp_path, finding("F1"), bad, lang=lang).worksheets[0]
    _, line, fields, errors, fixes = (cell.value for cell in sheet[2][:5])
    assert line == 3
    assert fields == "found_at\ntown_code"
    for code in ("D002", "U001"):
        assert f"{code} {getattr(RULES[code], lang)}" in errors
        assert getattr(RULES[code], f"fix_{lang}") in fixes
    assert red(sheet, 2) == {"found_at", "town_code"}


def test_a_coded_column_offers_the_words_of_the_county(tiny: Tiny, tmp_path: Path) -> None:
    opened = book(tiny, tmp_path, finding("F1", town_code="无此镇"))
    sheet, hidden = opened.worksheets[0], opened[SHEET]
    assert hidden.sheet_state == "hidden"
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        column = sheet.cell(1, next(iter(rule.sqref.ranges)).min_col).value
        cells = hidden[rule.formula1.split("!")[1].replace("$", "")]
        offered[column] = [row[0].value for row in cells]
    assert set(offered) == {"town_code", "sector_code", "severity", "channel"}
    assert offered["severity"] == ["general", "major"]
    names = [t.name.zh for t in tiny.county.organisation.towns]
    assert offered["town_code"] == names


def test_what_a_sender_wrote_never_becomes_a_formula(tiny: Tiny, tmp_path: Path) -> None:
    evil = "=HYPERLINK(1)"
    opened = book(
        tiny, tmp_path, finding("F1", town_code=evil, unit_name="@SUM(A1)", category="+1")
    )
    cells = [cell for sheet in opened for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert evil in {cell.value for cell in cells}


def test_a_row_that_waits_for_its_hazard_shows_the_number_that_is_not_known(
    tiny: Tiny, tmp_path: Path
) -> None:
    tiny.drop("updates", *life("F1", MONDAY, to="verified"))
    tiny.collect("updates", MONDAY + 2 * HOUR_MS)
    (path,) = export(tiny.county, tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert red(sheet, 2) == {"finding_id"}


def test_the_same_rows_give_the_same_bytes(tiny: Tiny, tmp_path: Path) -> None:
    book(tiny, tmp_path, finding("F1", town_code="无此镇"))
    (first,), (second,) = (export(tiny.county, tmp_path / name) for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_columns_without_a_cell_are_folded_and_those_at_fault_are_not(
    tiny: Tiny, tmp_path: Path
) -> None:
    sheet = book(tiny, tmp_path, finding("F1", place_id="", description="")).worksheets[0]
    place = {cell.value: cell.column_letter for cell in sheet[1]}
    assert sheet.column_dimensions[place["place_id"]].hidden
    assert not sheet.column_dimensions[place["description"]].hidden


def test_after_a_collect_only_what_it_refused_is_written(tiny: Tiny) -> None:
    """An earlier workbook may lie with its sender: it is not written again every day."""
    written = []
    for number in (1, 2, 3):
        if number < 3:
            tiny.drop("findings", finding(f"F{number}", town_code="无此镇"))
        report = tiny.collect("findings", MONDAY + number * HOUR_MS)
        written.append(export_new(tiny.county, report))
    assert [len(paths) for paths in written] == [1, 1, 0]
    assert written[0] != written[1]
    assert len(export(tiny.county, source="findings")) == 2
