"""The statutory monthly table of a tiny county, counted by hand, drawn and gated."""

import copy
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import docx
import openpyxl
import pytest

from rules.gate_statutory import check_statutory
from rules.kinds import period_of
from rules.statutory import percent, tenth
from schemas.edition import Body
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import EditionKind
from tasks.as_published import differences
from tasks.explaining import NoSuchCell, edition_named, explain
from tasks.publication import archive
from tasks.publishing import publish
from tasks.rendering.docx import render_docx
from tasks.rendering.xlsx import render_xlsx
from tasks.store.engine import reading
from tests.places.test_county import check, place
from tests.store.tiny import MONDAY, OTHER_TOWN, SECTOR, TOWN, Tiny, finding, hazard, life, update

MARCH = period_of(EditionKind.STATUTORY, "2025-03", "Asia/Shanghai")
NOW = MARCH.end + 3 * DAY_MS
RECEIVED = NOW - 23 * HOUR_MS  # an hour after all the rest, before the cut-off
BEFORE = MARCH.start - 5 * DAY_MS


@pytest.fixture(scope="module")
def lived_once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    """March 2025: what was found before counts money and listing only."""
    english = {"languages": ["en"]}
    tiny = Tiny.make(tmp_path_factory.mktemp("march"), migrated_file, bulletin=english)
    tiny.drop("places", place("P1"), place("P2"), place("P3", OTHER_TOWN, sector_code=""))
    tiny.drop(
        "checks",
        check("C1", "P1", MONDAY),
        check("C2", "P1", MONDAY + DAY_MS),
        check("C3", "P2", BEFORE),
    )
    tiny.drop(
        "findings",
        finding("A"),
        finding("B", MONDAY + HOUR_MS),
        finding("C", MONDAY, severity="major"),
        finding("D", MONDAY, severity="major"),
        finding("E", MONDAY, severity="major", town_code=OTHER_TOWN, sector_code="fire"),
        finding("F", BEFORE, town_code=OTHER_TOWN),
        finding("G", MARCH.end + DAY_MS),
    )
    level = {"listing_level": "county", "listing_number": "330282-county-2025-001"}
    tiny.drop(
        "updates",
        *life("A", MONDAY + HOUR_MS),
        *life("B", MARCH.end - HOUR_MS),  # closed after the month's end
        *life("C", MONDAY + HOUR_MS),
        *life("D", MONDAY + HOUR_MS, to="started"),
        *life("F", MONDAY + HOUR_MS, to="submitted"),
        update("D", "listed", MONDAY + DAY_MS, **level),
    )
    for source in ("places", "checks", "findings", "updates"):
        report = tiny.collect(source, NOW - DAY_MS)
        assert (report.problem, report.refused) == ("", 0), report
    return tiny


@pytest.fixture
def county(tmp_path: Path, lived_once: Tiny) -> Tiny:
    return lived_once.copied(tmp_path)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, lived_once: Tiny) -> Tiny:
    """The same with its table out; nobody writes here."""
    own = lived_once.copied(tmp_path_factory.mktemp("published"))
    publish(own.county, MARCH, NOW)
    return own


@pytest.fixture(scope="module")
def body(published: Tiny) -> Body:
    return publish(published.county, MARCH, NOW).edition_doc["body"]


def _row(body: Body, kind: str, code: str) -> Any:
    return next(r for r in body["statutory"][kind] if r["code"] == code)  # type: ignore[literal-required]


def test_every_figure_is_the_one_counted_by_hand(body: Body) -> None:
    town, total = _row(body, "towns", TOWN), body["statutory"]["total"]
    assert town["counts"] == {
        "units_due": 2,
        "units_checked": 1,
        "general_found": 2,
        "general_closed": 1,
        "major_found": 2,
        "major_closed": 1,
        "in_plan": 1,
        "five": 1,
        "listed": 1,
        "listed_province": 0,
        "listed_city": 0,
        "listed_county": 1,
        "funds_fen": 18_000,  # A and C; F is another town's, B was submitted in April
    }
    assert town["rates"] == {"coverage": "50.0", "general_rate": "50.0", "major_rate": "50.0"}
    other = _row(body, "towns", OTHER_TOWN)
    assert (other["counts"]["major_found"], other["counts"]["five"]) == (1, 0)
    assert other["counts"]["funds_fen"] == 9_000
    assert other["rates"] == {"coverage": "0.0", "general_rate": "/", "major_rate": "0.0"}
    assert total["counts"]["units_due"] == 3
    assert total["rates"] == {"coverage": "33.3", "general_rate": "50.0", "major_rate": "33.3"}
    assert (total["counts"]["funds_fen"], total["funds"]) == (27_000, "0.0")
    industry = _row(body, "sectors", SECTOR)["counts"]
    assert (industry["units_due"], industry["general_found"], industry["major_found"]) == (2, 2, 2)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (911, 972, "93.7"),
        (737, 972, "75.8"),
        (33_928, 36_314, "93.4"),
        (272_703, 273_699, "99.6"),
        (1, 8, "12.5"),
        (1, 2000, "0.1"),  # 0.05 goes up
        (0, 0, "/"),
        (0, 5, "0.0"),
    ],
)
def test_percentages_have_one_decimal_half_up(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said


def test_money_is_told_in_ten_thousands_of_yuan() -> None:
    assert [tenth(fen, 1_000_000) for fen in (0, 49_999, 50_000, 12_345_678)] == [
        "0.0",
        "0.0",
        "0.1",
        "12.3",
    ]


def test_money_of_a_revised_submission_counts_once_and_of_a_refused_one_never(
    county: Tiny,
) -> None:
    again = dict(list(life("A", MONDAY + HOUR_MS))[3]) | {"funding_spent_fen": "50000"}
    county.drop("updates", again | {"sent_at": "2025-03-20T00:00:00.000+00:00"})
    early = update("E", "submitted", MONDAY + DAY_MS, funding_spent_fen="777")
    county.drop("updates", early)  # nothing was assigned: it cannot apply
    county.collect("updates", RECEIVED)
    found = publish(county.county, MARCH, NOW).edition_doc["body"]["statutory"]
    assert found["total"]["counts"]["funds_fen"] == 50_000 + 9_000 + 9_000


def test_money_of_one_hazard_that_two_findings_tell_of_counts_with_it_whatever_is_linked_later(
    county: Tiny,
) -> None:
    """All updates name the second finding; after publication an earlier third becomes the root."""

    def told(name: str, at: int) -> dict[str, str]:
        same = {"place_id": "P-A", "unit_name": "虚构五金厂A", "sector_code": "fire"}
        return finding(name, at, **same, category="电气线路", description="配电箱敞开，线路裸露")

    county.drop("findings", told("H1", MONDAY), told("H2", MONDAY + HOUR_MS))
    county.drop("updates", *life("H2", MONDAY + 2 * HOUR_MS))
    county.collect("findings", RECEIVED)
    county.collect("updates", RECEIVED)
    assert _roots(county) == {hazard("H1")}
    body = publish(county.county, MARCH, NOW).edition_doc["body"]
    assert _row(body, "sectors", "fire")["counts"]["funds_fen"] == 9_000
    assert _row(body, "towns", TOWN)["counts"]["funds_fen"] == 18_000 + 9_000
    county.drop("findings", told("H0", MONDAY - HOUR_MS))
    county.collect("findings", NOW + HOUR_MS)
    assert _roots(county) == {hazard("H0")}
    with reading(county.county.engine) as connection:
        edition = archive.latest(connection, county.county.code, MARCH)
    assert edition is not None
    assert differences(county.county, edition) == []


def _roots(county: Tiny) -> set[str]:
    rows = county.query("SELECT root_id FROM finding WHERE source_id LIKE 'H%'")
    return {root for (root,) in rows}


def test_other_kinds_have_no_such_table_and_the_monthly_one_has_the_same(county: Tiny) -> None:
    monthly = period_of(EditionKind.MONTHLY, "2025-03", "Asia/Shanghai")
    span = period_of(EditionKind.SPAN, "2025-03-03--2025-03-05", "Asia/Shanghai")
    assert "statutory" not in publish(county.county, span, NOW).edition_doc["body"]
    table = publish(county.county, monthly, NOW).edition_doc["body"]["statutory"]
    assert table == publish(county.county, MARCH, NOW).edition_doc["body"]["statutory"]


def _figures(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        if isinstance(value, dict | list):
            if key != "name":
                yield from _figures(value, (*path, key))
        elif key != "code":
            yield (*path, key)


def _changed(body: Body, path: tuple[Any, ...], how: Callable[[Any], Any]) -> Body:
    forged: Any = {**body, "statutory": copy.deepcopy(body["statutory"])}
    at = forged["statutory"]
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = how(at[path[-1]])
    return cast(Body, forged)


def _off(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return "0.1" if value == "/" else f"{float(value) + 0.1:.1f}"


def test_the_gate_passes_the_table_and_refuses_every_figure_that_is_off_by_one(body: Body) -> None:
    assert list(check_statutory(body)) == []
    paths = list(_figures(body["statutory"]))
    assert len(paths) > 300
    passed = [path for path in paths if not list(check_statutory(_changed(body, path, _off)))]
    assert passed == []


def test_the_gate_refuses_a_table_that_is_wrong_throughout_but_adds_up(body: Body) -> None:
    forged = copy.deepcopy(body)
    rows = [_row(forged, "towns", TOWN), _row(forged, "sectors", SECTOR)]
    for row in (*rows, forged["statutory"]["total"]):
        row["counts"]["general_found"] += 1
        row["rates"]["general_rate"] = percent(1, row["counts"]["general_found"])
    reasons = {r.reason for r in check_statutory(forged)}
    assert reasons == {"other_table"}


def test_the_gate_refuses_a_table_without_a_row_or_a_figure_or_none_at_all(body: Body) -> None:
    lost = copy.deepcopy(body)
    lost["statutory"]["towns"].pop()
    assert {r.reason for r in check_statutory(lost)} == {"missing_figure"}
    bare = copy.deepcopy(body)
    del bare["statutory"]["total"]["counts"]["five"]
    assert [r.cell for r in check_statutory(bare)] == ["statutory.total.five"]
    none = copy.deepcopy(body)
    del none["statutory"]
    assert [r.cell for r in check_statutory(none)] == ["statutory"]


def test_the_items_behind_every_count_of_the_table_add_up_to_it(
    published: Tiny, body: Body
) -> None:
    some = 0
    stems = {"total": body["statutory"]["total"]}
    for kind, code in (("towns", TOWN), ("towns", OTHER_TOWN), ("sectors", SECTOR)):
        stems[f"{kind}.{code}"] = _row(body, kind, code)
    for stem, row in stems.items():
        for measure, count in row["counts"].items():
            found = explain(published.county, "statutory/2025-03", f"statutory.{stem}.{measure}")
            [behind] = found.counts
            assert (behind.sum, behind.printed) == (count, count), behind.cell
            some += count > 0
    assert some > 25


def test_a_rate_and_money_of_the_table_are_explained_by_their_counts(
    published: Tiny, body: Body
) -> None:
    name = next(t["name"]["zh"] for t in body["towns"] if t["code"] == TOWN)
    rate = explain(published.county, "statutory/2025-03", f"statutory.towns.{name}.major_rate")
    assert (rate.cell, rate.printed) == (f"statutory.towns.{TOWN}.major_rate", "50.0")
    numbers = [sorted(item["number"] for item in behind.items) for behind in rate.counts]
    assert numbers == [["findings:C"], ["findings:C", "findings:D"]]
    funds = explain(published.county, "statutory/2025-03", "statutory.total.funds")
    assert (funds.printed, funds.counts[0].sum) == ("0.0", 27_000)
    with pytest.raises(NoSuchCell, match="units_due"):
        explain(published.county, "statutory/2025-03", "statutory.total.luck")
    span = period_of(EditionKind.SPAN, "2025-03-03--2025-03-05", "Asia/Shanghai")
    publish(published.county, span, NOW)
    with pytest.raises(NoSuchCell, match="monthly and statutory"):
        explain(published.county, f"span/{span.code}", "statutory.total.general_found")


def test_the_paper_has_the_table_in_an_annex(published: Tiny, body: Body) -> None:
    edition = edition_named(published.county, "statutory/2025-03")
    document = archive.document(published.county, edition)
    paper = docx.Document(BytesIO(render_docx(document, "zh")))
    said = [p.text for p in paper.paragraphs]
    numbers = re.findall(r"附件\d", next(p for p in said if "法定月报表见附件" in p))
    assert [said[said.index(n) + 1] for n in numbers] == [
        "法定月报表（分镇街）",
        "法定月报表（分行业领域）",
    ]
    lines = [[c.text for c in row.cells] for t in paper.tables for row in t.rows]
    total = [line for line in lines if len(line) == 17 and line[0] == "合计"]
    assert [line[1:8] for line in total] == [["3", "1", "33.3", "2", "1", "50.0", "3"]] * 2


def test_page_and_workbook_show_the_table(county: Tiny) -> None:
    made = publish(county.county, MARCH, NOW)
    page = next(f["path"] for f in made.files if f["path"].endswith("en.html"))
    text = Path(page).read_text("utf-8")
    assert 'id="statutory"' in text
    assert "In a treatment plan" in text
    book = openpyxl.load_workbook(BytesIO(render_xlsx(made.edition_doc, "zh")))
    sheet: Any = book["法定月报表"]
    lines = list(sheet.iter_rows(values_only=True))
    total = next(line for line in lines if line[0] == "合计" or line[0] == "全市")
    assert total[1:8] == (3, 1, 33.3, 2, 1, 50, 3)
