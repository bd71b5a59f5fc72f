"""Who owed, who filed, who was late; and no town loses credit for a pull that we failed to make."""

from pathlib import Path

import pytest
import yaml

from rules.periods import week
from schemas.period import DAY_MS, HOUR_MS
from tasks.intake.collect import SourceReport
from tasks.publication.reporting import Owed, measures, owed
from tasks.store import ledger
from tasks.store.engine import reading
from tests.store.tiny import MONDAY, OTHER_TOWN, TOWN, Tiny, finding

END = MONDAY + 7 * DAY_MS
DUE = END + 8 * HOUR_MS
LINE = {
    "source": "findings",
    "units": "towns",
    "period": "week",
    "due_hours": 8,
    "nil_return": True,
}


@pytest.fixture
def weekly(tmp_path: Path, migrated_file: Path) -> Tiny:
    """Findings come as each town's weekly ledger: 330282104_2025-W10.csv."""
    Tiny.make(tmp_path, migrated_file, calendar=[LINE])
    path = next((tmp_path / "config").rglob("sources/findings.yaml"))
    source = yaml.safe_load(path.read_text("utf-8"))
    name = r"^(?P<unit>\d{9})_(?P<period>\d{4}-W\d{2})(?:_\d)?\.csv$"
    source["connector"] |= {"name": name, "nil_marker": "零报告"}
    source["cadence"] = "weekly"
    path.write_text(yaml.safe_dump(source, allow_unicode=True), "utf-8")
    return Tiny.opened(tmp_path)


def files(tiny: Tiny, town: str, *ids: str, again: str = "") -> None:
    rows = [finding(i, MONDAY + DAY_MS, town_code=town) for i in ids]
    tiny.drop("findings", *rows, name=f"{town}_2025-W10{again}.csv")


def pulled(tiny: Tiny, at: int) -> SourceReport:
    report = tiny.collect("findings", at)
    assert (report.problem, report.refused) == ("", 0)
    return report


def fail(tiny: Tiny, at: int) -> None:
    """The share with the ledgers is gone for a while."""
    folder = tiny.folder("findings")
    gone = folder.rename(folder.with_name("gone"))
    assert tiny.collect("findings", at).problem
    gone.rename(folder)


def lines(tiny: Tiny) -> dict[str, Owed]:
    with reading(tiny.county.engine) as connection:
        last = ledger.read_head(connection, tiny.county.code).seq
        return {
            o.unit: o
            for o in owed(connection, tiny.county, week("2025-W10", "Asia/Shanghai"), last)
        }


def told_late(tiny: Tiny) -> set[str]:
    rows = tiny.query(
        "SELECT source_id FROM event WHERE kind = 'registered' AND received_at > file_by"
    )
    return {source_id for (source_id,) in rows}


def test_every_town_owes_and_what_came_says_who_was_in_time(weekly: Tiny) -> None:
    files(weekly, TOWN, "F1")
    pulled(weekly, END + HOUR_MS)
    files(weekly, OTHER_TOWN, "F2")
    pulled(weekly, END + 30 * HOUR_MS)
    found = lines(weekly)
    assert set(found) == set(weekly.county.organisation.town_codes())
    assert {u for u, o in found.items() if o.in_time} == {TOWN}
    assert {u for u, o in found.items() if o.received_at} == {TOWN, OTHER_TOWN}
    assert told_late(weekly) == {"F2"}
    towns, total = measures(list(found.values()))
    assert towns[TOWN] == {"submissions_owed": 1, "submissions_in_time": 1}
    assert towns[OTHER_TOWN] == {"submissions_owed": 1, "submissions_in_time": 0}
    assert total == {"submissions_owed": len(found), "submissions_in_time": 1}


def test_a_nil_return_is_a_report_and_an_empty_file_is_none(weekly: Tiny) -> None:
    folder = weekly.folder("findings")
    (folder / f"{TOWN}_2025-W10.csv").write_text("source_id,description\n零报告,\n", "utf-8")
    files(weekly, OTHER_TOWN)
    pulled(weekly, END + HOUR_MS)
    found = lines(weekly)
    assert found[TOWN].in_time
    assert found[OTHER_TOWN].received_at == 0


def test_a_supplement_does_not_make_a_town_late_or_an_early_one_in_time_again(weekly: Tiny) -> None:
    files(weekly, TOWN, "F1")
    pulled(weekly, END + HOUR_MS)
    files(weekly, TOWN, "F2", again="_1")
    pulled(weekly, END + 30 * HOUR_MS)
    assert lines(weekly)[TOWN].in_time
    assert told_late(weekly) == {"F2"}


@pytest.mark.parametrize("failed_at", [END + 2 * HOUR_MS, DUE])
def test_our_failed_pull_never_costs_a_town_its_credit(weekly: Tiny, failed_at: int) -> None:
    pulled(weekly, END + HOUR_MS)
    files(weekly, TOWN, "F1")
    fail(weekly, failed_at)
    fail(weekly, DUE + HOUR_MS)
    pulled(weekly, END + 30 * HOUR_MS)
    assert lines(weekly)[TOWN].in_time
    assert told_late(weekly) == set()
    files(weekly, OTHER_TOWN, "F2")  # asked without a failure since: too late
    pulled(weekly, END + 31 * HOUR_MS)
    assert not lines(weekly)[OTHER_TOWN].in_time
    assert told_late(weekly) == {"F2"}


def test_a_pull_that_failed_after_the_deadline_excuses_nobody(weekly: Tiny) -> None:
    pulled(weekly, DUE - HOUR_MS)
    fail(weekly, DUE + HOUR_MS)
    files(weekly, TOWN, "F1")
    pulled(weekly, DUE + 2 * HOUR_MS)
    assert not lines(weekly)[TOWN].in_time
    assert told_late(weekly) == {"F1"}


def test_one_towns_unreadable_file_moves_no_other_towns_deadline(weekly: Tiny) -> None:
    pulled(weekly, END - HOUR_MS)
    bad = weekly.folder("findings") / f"{OTHER_TOWN}_2025-W10.csv"
    bad.write_bytes(b"\x00\x01\x02")
    assert weekly.collect("findings", END + HOUR_MS).problem
    files(weekly, TOWN, "F1")
    weekly.collect("findings", END + 30 * HOUR_MS)
    assert lines(weekly)[TOWN].received_at == END + 30 * HOUR_MS
    assert not lines(weekly)[TOWN].in_time
