"""Files of a source with reporters: bad ones stop no others, corrected rows stay without names."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rules.redaction import MARK
from schemas.period import HOUR_MS
from tasks.rejecting import export
from tests.operators.people import NOW
from tests.store.tiny import TOWN
from tests.vault.reported import NAME, PHONE, Reported, drop, reported

TOLD = f"我是{NAME}，消防通道被货物堵塞"


def headless(office: Reported, name: str = "000-findings.csv") -> Path:
    """A file whose first row stands where the heading should."""
    path = drop(office.tiny, reported("H1"), reported("H2"), name=name)
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    return path


def test_a_file_without_its_heading_stops_no_other_and_is_taken_once_it_is_mended(
    office: Reported,
) -> None:
    path = headless(office)
    report = office.report(reported("F1"))
    assert report.taken == 1
    assert path.name in report.problem and "heading" in report.problem
    assert NAME not in report.problem and PHONE not in report.problem
    again = office.report(reported("F2"), at=2)
    assert (again.taken, again.problem) == (1, report.problem)
    drop(office.tiny, reported("H1"), reported("H2"), name=path.name)
    mended = office.tiny.collect("findings", NOW + 3 * HOUR_MS)
    assert (mended.taken, mended.problem) == (2, "")
    assert len(office.tokens()) == 4


@pytest.fixture
def sent_back(office: Reported) -> Any:
    """sent_back(column=value, …) collects a refused row, returned with these cells changed."""

    def do(**cells: str) -> Any:
        office.report(reported("F1", town_code="无此镇", description=TOLD))
        (path,) = export(office.county)
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        head = {cell.value: cell.column for cell in sheet[1]}
        for column, value in {"town_code": TOWN, **cells}.items():
            sheet.cell(2, head[column]).value = value
        book.save(office.tiny.folder("findings") / "back.xlsx")
        return office.tiny.collect("findings", NOW + 2 * HOUR_MS)

    return do


def descriptions(office: Reported) -> list[tuple[str]]:
    return office.tiny.query("SELECT description FROM finding")


def test_a_corrected_row_is_taken_with_its_reporter_sealed_as_before(
    office: Reported, sent_back: Any
) -> None:
    assert sent_back().taken == 1
    assert descriptions(office) == [(f"我是{MARK}，消防通道被货物堵塞",)]
    assert len(office.tokens("F1")) == 1


def test_what_was_hidden_in_a_text_stays_hidden_when_somebody_writes_it_in_again(
    office: Reported, sent_back: Any
) -> None:
    assert sent_back(description=TOLD).taken == 1
    assert descriptions(office) == [(f"我是{MARK}，消防通道被货物堵塞",)]


def test_a_reporter_who_is_written_in_again_is_sealed_as_another_version_of_the_report(
    office: Reported, sent_back: Any
) -> None:
    assert sent_back(reporter="另一虚构某", phone="13911112222").taken == 1
    assert len(office.tokens("F1")) == 2
    landed = "".join(p.read_text("utf-8") for p in office.county.landing.rglob("*.csv"))
    assert "另一虚构某" not in landed and "13911112222" not in landed


def test_a_renamed_column_of_reporters_is_sealed_and_its_value_not_told(office: Reported) -> None:
    row = reported("F1", description=TOLD)
    renamed = {("caller" if k == "reporter" else k): v for k, v in row.items()}
    office.report(renamed)
    assert descriptions(office) == [(f"我是{MARK}，消防通道被货物堵塞",)]
    (path,) = office.county.landing.rglob("*.csv")
    assert NAME not in path.read_text("utf-8")
