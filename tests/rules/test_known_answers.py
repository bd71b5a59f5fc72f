"""The known answers of domain §5 out of single hazards: taken from files, counted, published.

天门 2016-12: 972 due, 911 closed, 737 on time. 福州 2015-05: 33,928 of 36,314. 金华: what was put
off before it fell due is not due. The printed workbook passes the check of tables from outside,
which knows nothing of how it was made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rules.outside_columns import Declared
from rules.periods import cut_off, week
from schemas.edition import Body, Scope
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy_bulletin import LANGUAGES
from tasks.outside import check_file
from tasks.publishing import EditionReport, publish
from tests.store.tiny import MONDAY, Row, Tiny, day, finding, life, update

WEEK = "2025-W10"
FRIDAY, SATURDAY, SUNDAY = (MONDAY + n * DAY_MS for n in (4, 5, 6))
RECEIVED = SUNDAY + 20 * HOUR_MS  # within 48 hours of all that is told
TOWNS = ("330282002", "330282003", "330282104", "330282108")
SECTORS = ("industry", "fire", "construction")


@dataclass(frozen=True)
class Case:
    """How many hazards fall due on Saturday, and what becomes of them."""

    found: int
    closed: int
    on_time: int
    put_off: int = 0


TIANMEN = Case(972, 911, 737)
FUZHOU = Case(36_314, 33_928, 33_928)
JINHUA = Case(640, 600, 580, put_off=15)


def hazards(case: Case) -> tuple[list[Row], list[Row]]:
    """Findings of Monday to Friday and their updates; every hazard is due on Saturday."""
    findings, updates = [], []
    for n in range(case.found):
        name = f"F{n}"
        place = {"town_code": TOWNS[n % 4], "sector_code": SECTORS[n % 3]}
        findings.append(finding(name, MONDAY + n % 4 * DAY_MS, **place))
        reached = "started" if _is_put_off(n, case) else "submitted"
        updates += life(name, FRIDAY, to=reached, due=SATURDAY)
        updates += _end(name, n, case)
    return findings, updates


def _is_put_off(n: int, case: Case) -> bool:
    return n >= case.found - case.put_off


def _end(name: str, n: int, case: Case) -> Iterator[Row]:
    """Accepted on time and closed; accepted a day late and closed; put off; or left open."""
    if n < case.closed:
        accepted = (SATURDAY if n < case.on_time else SUNDAY) + 10 * HOUR_MS
        yield update(name, "acceptance_passed", accepted)
        yield update(name, "closed", accepted + HOUR_MS)
    elif _is_put_off(n, case):
        later = {"due_date": day(SUNDAY + 9 * DAY_MS), "reason": "设备未到货"}
        signed = {"second_person": "复核员孙虚构", "interim_control": "专人值守"}
        yield update(name, "extended", FRIDAY + 6 * HOUR_MS, **later, **signed)


def published(folder: Path, migrated: Path, case: Case) -> EditionReport:
    files = {"languages": LANGUAGES, "formats": ["html", "xlsx"]}
    tiny = Tiny.make(folder, migrated, bulletin=files)
    tiny.bring(RECEIVED, *hazards(case))
    period = week(WEEK, tiny.county.zone)
    after = cut_off(period, tiny.county.policy, tiny.county.days)
    return publish(tiny.county, period, after)


@pytest.fixture(scope="module")
def tianmen(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> EditionReport:
    return published(tmp_path_factory.mktemp("tianmen"), migrated_file, TIANMEN)


def span(body: Body) -> Scope:
    """The scope that is the edition's own period."""
    return next(scope for scope in body["total"]["counts"] if scope != "campaign")


def rate(body: Body, scope: Scope, name: str) -> tuple[int, int, str]:
    found = body["total"]["rates"][scope]["all"][name]
    return found["numerator"], found["denominator"], found["value"]


def test_tianmen_closed_911_of_972_and_737_of_them_on_time(tianmen: EditionReport) -> None:
    body = tianmen.edition_doc["body"]
    for scope in body["total"]["counts"]:
        assert rate(body, scope, "rectification") == (911, 972, "93.72")
        assert rate(body, scope, "on_time") == (737, 972, "75.82")
    ending = body["total"]["counts"][span(body)]["all"]
    assert (ending["overdue"], ending["closing"]) == (972 - 911, 972 - 911)


def test_the_units_are_sums_and_their_rates_are_made_of_sums(tianmen: EditionReport) -> None:
    body = tianmen.edition_doc["body"]
    for units in (body["towns"], body["sectors"]):
        for measure, whole in (("due", 972), ("on_time", 737), ("found_closed", 911)):
            assert sum(unit["counts"][span(body)]["all"][measure] for unit in units) == whole
        assert len([u for u in units if u["counts"][span(body)]["all"]["due"]]) > 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_published_workbook_passes_as_a_table_from_outside(
    tianmen: EditionReport, lang: str
) -> None:
    files = [Path(f["path"]) for f in tianmen.files if f["path"].endswith(".xlsx")]
    (path,) = [f for f in files if f.stem.endswith(lang)] or files
    result = check_file(path, Declared())
    assert result["findings"] == []
    assert result["ok"] and result["comparisons"] > 1_000


def test_what_was_put_off_before_it_fell_due_is_not_due(
    tmp_path: Path, migrated_file: Path
) -> None:
    body = published(tmp_path, migrated_file, JINHUA).edition_doc["body"]
    assert rate(body, span(body), "on_time") == (580, 640 - 15, "92.80")
    assert rate(body, span(body), "rectification") == (600, 640, "93.75")


@pytest.mark.nightly
def test_fuzhou_closed_33_928_of_36_314(tmp_path: Path, migrated_file: Path) -> None:
    body = published(tmp_path, migrated_file, FUZHOU).edition_doc["body"]
    assert rate(body, "campaign", "rectification") == (33_928, 36_314, "93.43")
