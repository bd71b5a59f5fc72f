"""The watch on the page and in the workbook of an internal edition, and nowhere else."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from schemas.edition import Edition
from schemas.policy_watch import WatchMeasure
from tasks.rendering.catalogue import text
from tasks.rendering.html import render_html
from tasks.rendering.xlsx import render_xlsx

TOWN = "990099001"
PARTS = {"count": "15", "base": "40", "items": "grid:H1, grid:H2"}
WATCH: Any = {
    "measures": [
        {"unit": TOWN, "measure": m.value, "count": 15, "base": 40, "value": "37.50",
         "ingredients": {}} for m in WatchMeasure
    ],
    "flags": [
        {"unit": TOWN, "measure": m.value, "value": "15 (37.50%)", "threshold": "≥ 4, ≥ 10.00%",
         "ingredients": PARTS} for m in WatchMeasure
    ],
    "drawn": {TOWN: ["grid:H7", "grid:H3"]},
    "drawn_from": "ab" * 32,
}  # fmt: skip


@pytest.fixture
def watching(edition: Edition) -> Edition:
    edition["body"]["watch"] = WATCH
    return edition


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_shows_flags_measures_and_lots(watching: Edition, lang: str) -> None:
    page = render_html(watching, lang).decode()
    assert text("watch.intro", lang) in page and "ab" * 32 in page
    for measure in WatchMeasure:
        assert text(f"watch.{measure.value}", lang) in page
    for shown in ("15 (37.50%)", "≥ 4, ≥ 10.00%", "grid:H1, grid:H2", "grid:H7", ">15/40<"):
        assert shown in page


def test_a_workbook_has_a_sheet_of_it(watching: Edition) -> None:
    sheet = load_workbook(BytesIO(render_xlsx(watching, "en")))[text("sheet.watch", "en")]
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {"15 (37.50%)", "15/40", "grid:H7, grid:H3"} <= cells


def test_an_edition_without_it_has_neither(edition: Edition) -> None:
    assert 'id="watch"' not in render_html(edition, "zh").decode()
    assert text("sheet.watch", "zh") not in load_workbook(BytesIO(render_xlsx(edition, "zh")))


def test_a_calm_week_says_so(edition: Edition) -> None:
    edition["body"]["watch"] = WATCH | {"flags": [], "drawn": {}, "drawn_from": ""}
    page = render_html(edition, "zh").decode()
    assert text("watch.no_flags", "zh") in page and text("table.drawn", "zh") not in page
