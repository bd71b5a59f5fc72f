"""Duties of months and quarters, data quality and who found what, of a county counted by hand."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rules.gate import check as check_body
from rules.kinds import period_of
from schemas.edition import COVERAGE_MEASURES, DUTY_MEASURES, Body
from schemas.period import DAY_MS, HOUR_MS, Period
from schemas.policy import Policy
from schemas.records import FINDING
from schemas.vocabulary import EditionKind
from tasks.as_published import differences
from tasks.explaining import edition_named, explain
from tasks.publication.making import made
from tasks.publication.recounted import recounted
from tasks.publishing import publish
from tasks.rendering import duties
from tasks.rendering.catalogue import text
from tasks.store.engine import reading
from tasks.store.ledger import read_head
from tests.places.test_county import check, place
from tests.store.tiny import MONDAY, OTHER_TOWN, SECTOR, TOWN, Row, Tiny, finding, iso, life

ZONE = "Asia/Shanghai"
Q1 = period_of(EditionKind.QUARTER, "2025-Q1", ZONE)
MARCH = period_of(EditionKind.MONTHLY, "2025-03", ZONE)
W10 = period_of(EditionKind.WEEKLY, "2025-W10", ZONE)
FEBRUARY = MARCH.start - 10 * DAY_MS
AFTER = Q1.end + DAY_MS

PLACES = [
    place("P1"),  # checked itself in January and March, by the government in February
    place("P2", OTHER_TOWN),  # by the government in March
    place("P3", place_class="shop"),  # owes no self-check; an intermediary's visit
    place("P4", active_to=iso(FEBRUARY)),  # January only, and no whole quarter
    place("P5", active_from=iso(FEBRUARY)),  # March only
    place("P6", OTHER_TOWN, place_class="rented_home", sector_code=""),
]
CHECKS = [
    check("C1", "P1", Q1.start),  # the first instant of January
    check("C2", "P1", MARCH.start + DAY_MS),
    check("C3", "P1", MARCH.end - 5 * DAY_MS),  # March again
    check("C4", "P1", FEBRUARY, "professional_inspection"),
    check("C5", "P2", MARCH.start, "professional_inspection"),
    check("C6", "P5", MARCH.start + 2 * DAY_MS),
    check("C8", "P3", FEBRUARY, "professional_inspection") | {"actor_kind": "intermediary"},
]
FINDINGS = [
    finding("A1"),
    finding("A2", MONDAY + HOUR_MS, channel="self_check"),
    finding("A3", MONDAY + 2 * HOUR_MS, town_code=OTHER_TOWN, unit_name=""),
    finding("A4", description=""),  # refused
]


@pytest.fixture
def tiny(tmp_path: Path, migrated_file: Path) -> Tiny:
    tiny = Tiny.make(tmp_path, migrated_file, bulletin={"kinds": {}})
    for source, rows in (("places", PLACES), ("checks", CHECKS), ("findings", FINDINGS)):
        tiny.drop(source, *rows)
        tiny.collect(source, Q1.end - 3 * DAY_MS)
    tiny.drop("updates", *life("A1", MONDAY, to="started", due=MONDAY + 3 * DAY_MS))
    tiny.drop("updates", *life("A3", MONDAY + 3 * HOUR_MS, to="started", due=MONDAY + 6 * DAY_MS))
    tiny.collect("updates", Q1.end - 3 * DAY_MS)
    tiny.drop("checks", check("C7", "P6", Q1.end, "professional_inspection"))
    tiny.collect("checks", Q1.end + HOUR_MS)  # of the next quarter, told in its first week
    return tiny


def body(tiny: Tiny, period: Period) -> Body:
    with reading(tiny.county.engine) as connection:
        watermark = read_head(connection, tiny.county.code).seq
        found = made(connection, tiny.county, period, watermark)
    assert found.refusals == ()
    return found.body


def counted(body: Body, kind: str, code: str = "") -> dict[str, int]:
    units: Any = [body["total"]] if kind == "total" else body[kind]  # type: ignore[literal-required]
    return next(u for u in units if code in ("", u["code"]))["counts"]["period"]["all"]


def of(counts: dict[str, int], *measures: str) -> tuple[int, ...]:
    return tuple(counts[m] for m in measures)


SELF = ("self_checks_kept", "self_checks_due")
QUARTER = ("quarter_checked", "quarter_due")


def test_self_checks_are_owed_for_every_whole_month_by_who_was_there_all_of_it(tiny: Tiny) -> None:
    quarter = body(tiny, Q1)
    assert of(counted(quarter, "towns", TOWN), *SELF) == (3, 5)  # P1 2 of 3, P4 0 of 1, P5 1 of 1
    assert of(counted(quarter, "towns", OTHER_TOWN), *SELF) == (0, 3)
    assert of(counted(quarter, "sectors", SECTOR), *SELF) == (3, 8)
    assert of(counted(quarter, "total"), *SELF) == (3, 8)
    assert quarter["total"]["rates"]["period"]["all"]["self_check_coverage"]["value"] == "37.50"
    assert of(counted(body(tiny, MARCH), "total"), *SELF) == (2, 3)


def test_quarterly_checks_are_by_any_of_the_actors_or_by_each_as_policy_says(tiny: Tiny) -> None:
    quarter = body(tiny, Q1)
    assert of(counted(quarter, "towns", TOWN), *QUARTER) == (2, 2)
    assert of(counted(quarter, "towns", OTHER_TOWN), *QUARTER) == (1, 2)
    assert of(counted(quarter, "sectors", SECTOR), *QUARTER) == (3, 3)  # P6 has no sector
    assert of(counted(quarter, "total"), *QUARTER) == (3, 4)
    each = _under(tiny, quarterly={"by": "each"})
    assert of(counted(body(each, Q1), "total"), *QUARTER) == (3, 12)


@pytest.mark.parametrize(
    "measure", ["self_checks_due", "self_checks_kept", "quarter_due", "quarter_checked",
                "rows_received", "rows_accepted"],
)  # fmt: skip
def test_the_gate_takes_duties_and_rows_from_the_ledger_again(tiny: Tiny, measure: str) -> None:
    """One too many in a town and in the total, with everything else as it was."""
    county, forged = tiny.county, deepcopy(body(tiny, Q1))
    town = next(t for t in forged["towns"] if t["code"] == TOWN)
    for unit in (town, forged["total"]):
        unit["counts"]["period"]["all"][measure] += 1
    with reading(county.engine) as connection:
        towns, watermark = county.organisation.town_codes(), read_head(connection, county.code).seq
        again = recounted(connection, county.code, tuple(towns), ZONE, county.policy, Q1, watermark)
    refused = [r.cell for r in check_body(forged, again) if r.reason == "recount"]
    cells = [f"total.{county.code}", f"towns.{TOWN}"]
    assert refused == [f"{cell}.period.all.{measure}" for cell in cells]


def _under(tiny: Tiny, **sections: Any) -> Tiny:
    """The same home under a changed policy that nobody adopted."""
    said = tiny.county.policy.model_dump(mode="json")
    for name, values in sections.items():
        said[name] = said[name] | values if isinstance(values, dict) else values
    return Tiny(replace(tiny.county, policy=Policy.model_validate(said)))


def test_what_is_not_complete_is_neither_shown_nor_scored(tiny: Tiny) -> None:
    month, week = body(tiny, MARCH), body(tiny, W10)
    assert not {*QUARTER} & counted(month, "total").keys()
    assert not {*DUTY_MEASURES} & counted(week, "total").keys()
    since = _under(tiny, quarterly={"since": "2025-01-02"})
    assert not {*QUARTER} & counted(body(since, Q1), "total").keys()
    duty = {"of": "quarterly_coverage", "weight": 50, "floor": 0, "target": 100, "scope": "period"}
    scoring = tiny.county.policy.scoring.model_dump(mode="json")
    scored = _under(tiny, scoring={"towns": [*scoring["towns"], duty]})
    plain, quarter, weekly = body(tiny, W10), body(scored, Q1), body(scored, W10)
    assert [t["score"] for t in weekly["towns"]] == [t["score"] for t in plain["towns"]]
    points = {t["code"]: t["points"] for t in quarter["towns"] if t["points"]}
    assert points[OTHER_TOWN]["period.quarterly_coverage"] == "50.00"
    assert {t["points"].get("period.quarterly_coverage", "/") for t in weekly["towns"]} == {"/"}


def test_a_duty_that_nobody_owes_is_not_scored(tiny: Tiny) -> None:
    duty = {"of": "quarterly_coverage", "weight": 5, "floor": 0, "target": 100, "scope": "period"}
    with pytest.raises(ValueError, match="nobody owes"):
        _under(tiny, quarterly=None, scoring={"towns": [duty]})


def test_rows_and_fields_are_those_of_the_deliveries(tiny: Tiny) -> None:
    total = counted(body(tiny, Q1), "total")
    rows = len(PLACES) + len(CHECKS) + len(FINDINGS) + 2 * 3
    assert of(total, "rows_received", "rows_accepted") == (rows, rows - 1)
    names = [f for f in FINDING.names if f not in ("longitude", "latitude")]  # no such columns
    given = sum(bool(row.get(name)) for row in FINDINGS for name in names)
    asked = len(FINDINGS) * len(names)
    assert of(total, "fields_given", "fields_asked") == (given, asked)
    assert of(total, "found_outside", "found") == (2, 3)


def test_days_overdue_are_averaged_over_hazards_not_over_towns(tiny: Tiny) -> None:
    quarter = body(tiny, Q1)
    towns, sectors = duties.tables(quarter, "zh")
    days = [c.title for c in towns.columns].index(text("duties.days", "zh"))
    printed = {row.cells[0]: row.cells[days] for row in towns.rows}
    ends = [(Q1.end - MONDAY) // DAY_MS - n for n in (4, 7)]  # due at the day's 24:00
    assert printed[text("column.total", "zh")] == f"{sum(ends) / 2:.1f}"
    name = {t["code"]: t["name"]["zh"] for t in quarter["towns"]}
    assert [printed[name[t]] for t in (TOWN, OTHER_TOWN)] == [f"{end}.0" for end in ends]
    assert len(sectors.columns) == len(towns.columns) - 3  # sectors deliver nothing


def test_the_items_behind_every_figure_beside_hazards_add_up(tiny: Tiny) -> None:
    printed = publish(tiny.county, Q1, AFTER).edition_doc["body"]
    some = 0
    for stem, counts in _cells(printed):
        for measure in (m for m in COVERAGE_MEASURES if m in counts):
            found = explain(tiny.county, "quarter/2025-Q1", f"{stem}.{measure}").counts[0]
            assert found.sum == found.printed == counts[measure], found.cell
            some += found.sum > 0
    assert some > 20
    missed = explain(tiny.county, "quarter/2025-Q1", "total.self_check_coverage")
    assert missed.printed == "37.50"
    months = [(i["place"], i["window"], i["is_checked"]) for i in missed.counts[1].items]
    assert ("P4", "2025-01", False) in months and ("P1", "2025-03", True) in months


def _cells(body: Body) -> Iterator[tuple[str, dict[str, int]]]:
    yield "total", counted(body, "total")
    yield f"towns.{TOWN}", counted(body, "towns", TOWN)
    yield f"sectors.{SECTOR}", counted(body, "sectors", SECTOR)


def test_what_is_told_later_leaves_the_edition_as_it_was(tiny: Tiny) -> None:
    publish(tiny.county, Q1, AFTER)
    late: list[Row] = [check("C9", "P2", MARCH.start + DAY_MS), check("C10", "P6", FEBRUARY)]
    tiny.drop("checks", *late)
    gone = place("P1", active_to=iso(MARCH.start)) | {"sent_at": iso(AFTER)}
    tiny.drop("places", gone)
    for source in ("checks", "places"):
        tiny.collect(source, AFTER + HOUR_MS)
    assert of(counted(body(tiny, Q1), "total"), *SELF) == (3, 7)
    assert differences(tiny.county, edition_named(tiny.county, "quarter/2025-Q1")) == []
