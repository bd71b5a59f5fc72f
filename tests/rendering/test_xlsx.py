"""The workbook of an edition: same bytes again, no formula from data, the figures as numbers."""

import zipfile
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from schemas.edition import COVERAGE_MEASURES, MEASURES, Edition
from tasks.rendering.catalogue import LANGUAGES, text
from tasks.rendering.xlsx import render_xlsx

SHEETS = ("towns", "sectors", "counts", "duties", "listed", "reporters", "notes")


def book(edition: Edition, lang: str = "zh") -> Any:
    return openpyxl.load_workbook(BytesIO(render_xlsx(edition, lang)))


def table(sheet: Any, head: int = 4) -> list[dict[str, Any]]:
    rows = list(sheet.iter_rows(min_row=head, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if any(row)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_edition_gives_the_same_bytes(
    lang: str, make_edition: Callable[..., Edition]
) -> None:
    assert render_xlsx(make_edition(), lang) == render_xlsx(make_edition(), lang)


def test_no_time_of_the_run_is_in_the_file(edition: Edition) -> None:
    with zipfile.ZipFile(BytesIO(render_xlsx(edition, "zh"))) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2025-03-09T00:00:00Z") == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sheets_are_named_in_the_language_and_heads_are_frozen(lang: str, edition: Edition) -> None:
    opened = book(edition, lang)
    assert opened.sheetnames == [text(f"sheet.{key}", lang) for key in SHEETS]
    for key in ("towns", "sectors", "counts", "listed"):
        sheet = opened[text(f"sheet.{key}", lang)]
        assert sheet.freeze_panes and sheet.auto_filter.ref


HOSTILE = ("=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "<script>", "{=1}")


def test_text_from_data_never_becomes_a_formula(edition: Edition) -> None:
    changed: Any = deepcopy(edition)
    for unit, words in zip(changed["body"]["towns"], HOSTILE, strict=False):
        unit["name"] = {"zh": words, "en": words}
    changed["body"]["listed"][0]["unit_name"] = "=unit()"
    changed["body"]["county"]["name"]["zh"] = "=county()"
    cells = [c for s in book(changed) for row in s.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert {*HOSTILE, "=unit()"} <= {c.value for c in cells}


def test_one_bad_text_does_not_kill_the_workbook(edition: Edition) -> None:
    bad = ("\x00", "\ud800", "x" * 40_000, "𠀀" * 40_000)
    for item, words in zip(edition["body"]["listed"], bad, strict=False):
        item["unit_name"] = f"A{words}"
    said = [str(r["责任单位"]) for r in table(book(edition)["挂牌督办"], head=5)]
    assert len([words for words in said if words.startswith("A")]) == len(bad)


def test_every_town_stands_with_rank_score_and_rates_as_numbers(edition: Edition) -> None:
    rows = {r["镇街"]: r for r in table(book(edition)["镇街排名"]) if r.get("镇街")}
    for unit in edition["body"]["towns"]:
        row, rate = rows[unit["name"]["zh"]], unit["rates"]["period"]["all"]["on_time"]["value"]
        assert row["名次"] == unit["rank"]
        assert row["得分"] == (None if unit["score"] is None else float(unit["score"]))
        said = row["本期 · 按期整改率"]
        assert said == rate if rate == "/" else said == pytest.approx(float(rate) / 100)


def test_every_count_of_every_unit_is_in_the_counts(edition: Edition) -> None:
    body = edition["body"]
    rows = table(book(edition)["数字明细"])
    found = {(r["代码"], r["时段"], r["来源"]): r for r in rows}
    units = [*body["towns"], *body["sectors"], body["total"]]
    assert len(found) == len(rows) == 9 * len(units)
    for unit in units:
        for scope in ("period", "campaign", "year"):
            for split in ("all", "self_check", "supervision"):
                counts = unit["counts"][scope][split]  # type: ignore[literal-required]
                key = (unit["code"], text(f"scope.{scope}", "zh"), text(f"split.{split}", "zh"))
                for measure in (*MEASURES, *COVERAGE_MEASURES):
                    said = found[key].get(text(f"measure.{measure}", "zh"))
                    assert said == counts.get(measure)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sheet_prints_on_a4_across_with_its_head_on_each_page(
    lang: str, edition: Edition
) -> None:
    for sheet in book(edition, lang).worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth == (4 if sheet.max_column > 40 else None)
        assert bool(sheet.print_title_rows) == bool(sheet.auto_filter.ref)


def test_properties_are_those_of_the_edition(edition: Edition) -> None:
    properties = book(edition).properties
    assert properties.title == "云溪市事故隐患闭环周通报"
    assert (properties.creator, properties.subject) == (
        *("云溪市", "2025年第10周；第2期；更正通报"),
    )


def test_a_text_too_long_for_its_column_is_set_in_lines(edition: Edition) -> None:
    edition["body"]["listed"][0]["unit_name"] = "长" * 300
    cells = [c for row in book(edition)["挂牌督办"].iter_rows() for c in row]
    (cell,) = (c for c in cells if c.value == "长" * 300)
    assert cell.alignment.wrap_text


def test_charts_draw_the_ranked_units_of_each_group(edition: Edition) -> None:
    opened = book(edition)
    (listed,) = opened["挂牌督办"]._charts
    assert listed.grouping == "stacked" and len(listed.series) == 3
    assert len(opened["镇街排名"]._charts) == 2
    assert len(opened["行业领域排名"]._charts) == 1


def test_the_notes_hold_the_proof_and_the_correction(edition: Edition) -> None:
    notes = book(edition)[text("sheet.notes", "zh")]
    said = "\n".join(str(v) for row in notes.iter_rows(values_only=True) for v in row if v)
    for words in (edition["ledger_head"], edition["body_digest"], "迟报补报", "五到位：责任"):
        assert words in said
