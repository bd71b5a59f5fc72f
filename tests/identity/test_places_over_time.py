"""Past weeks' due places, per town, as first known and as finally known (domain §5)."""

from typing import Any

import pytest

from rules.periods import weeks_between
from schemas.period import DAY_MS, HOUR_MS
from tasks.auditing import audit
from tasks.store import ledger
from tasks.store.duties import coverage
from tasks.store.engine import reading
from tasks.store.measures import Cut
from tests.store.tiny import MONDAY, OTHER_TOWN, SECTOR, TOWN, Tiny, iso

WEEK = 7 * DAY_MS
START = MONDAY - 30 * DAY_MS
ALWAYS, CHANGING = "P-always", "P-changing"


def week(number: int) -> int:
    """Monday 00:00 of week 1, 2, …"""
    return MONDAY + (number - 1) * WEEK


def place(source_id: str, at: int, town: str, sent: int, **more: str) -> dict[str, str]:
    row = {
        "source_id": source_id,
        "name": f"虚构五金厂{source_id}",
        "place_class": "enterprise",
        "town_code": town,
        "sector_code": SECTOR,
        "active_from": iso(at),
        "sent_at": iso(sent),
    }
    return row | more


Lived = tuple[Tiny, dict[int, int]]


def live(tiny: Tiny) -> Lived:
    """Fourteen weeks, collected every Monday; the watermark of each week's Monday after.

    One place opens in week 5, moves town in week 9 and closes in week 12, which is told in week 14.
    """
    opened, moved, closed = (week(n) + 2 * DAY_MS for n in (5, 9, 12))
    told = {
        1: [place(ALWAYS, START, TOWN, START)],
        5: [place(CHANGING, opened, TOWN, opened)],
        9: [place(CHANGING, moved, OTHER_TOWN, moved)],
        14: [place(CHANGING, moved, OTHER_TOWN, week(14) + DAY_MS, active_to=iso(closed))],
    }
    marks = {}
    for number in range(1, 15):
        if number in told:
            tiny.drop("places", *told[number])
        report = tiny.collect("places", week(number + 1) + HOUR_MS)
        assert (report.problem, report.refused) == ("", 0)
        with reading(tiny.county.engine) as connection:
            marks[number] = ledger.read_head(connection, tiny.county.code).seq
    return tiny, marks


@pytest.fixture(scope="module")
def lived(tmp_path_factory: Any, migrated_file: Any) -> Lived:
    """For tests that only look."""
    return live(Tiny.make(tmp_path_factory.mktemp("lived"), migrated_file))


@pytest.fixture
def living(tiny: Tiny) -> Lived:
    """For tests that go on from there."""
    return live(tiny)


def due(tiny: Tiny, number: int, watermark: int, since: int = START + DAY_MS) -> dict[str, int]:
    """Places due at the end of a week, by town, in a campaign that began at `since`."""
    cut = Cut(tiny.county.code, watermark, week(number + 1), {"period": week(number)}, 24)
    with reading(tiny.county.engine) as connection:
        rows = coverage(connection, cut, ["enterprise"], since)
    return {r["town"]: r["places_due"] for r in rows.to_dict("records")}


IN_TOWN, IN_BOTH = {TOWN: 1}, {TOWN: 1, OTHER_TOWN: 1}


@pytest.mark.parametrize("number", range(1, 15))
def test_every_week_counts_the_place_where_it_was_as_known_then_and_as_known_now(
    lived: Lived, number: int
) -> None:
    """In a campaign that began when the place was open, in week 6."""
    tiny, marks = lived
    since = week(6)
    really = {TOWN: 2} if number < 9 else IN_BOTH if number < 12 else IN_TOWN
    believed = IN_BOTH if number in (12, 13) else really
    not_yet = IN_TOWN if number < 5 else None  # the registry cannot know what has not opened
    assert due(tiny, number, marks[number], since) == (not_yet or believed)
    assert due(tiny, number, marks[14], since) == (not_yet or really)


@pytest.mark.parametrize("number", range(1, 15))
def test_a_place_that_opened_after_the_campaign_began_is_never_due(
    lived: Lived, number: int
) -> None:
    tiny, marks = lived
    assert due(tiny, number, marks[number]) == due(tiny, number, marks[14]) == IN_TOWN


def test_an_older_watermark_keeps_what_it_saw_and_the_ledger_agrees(
    living: Lived,
) -> None:
    tiny, marks = living
    seen: dict[int, Any] = {n: due(tiny, n, marks[n], week(6)) for n in marks}
    tiny.drop("places", place("P-new", START, OTHER_TOWN, week(15)))
    tiny.collect("places", week(16))
    assert {n: due(tiny, n, marks[n], week(6)) for n in marks} == seen
    assert audit(tiny.county).ok


def test_news_of_a_place_in_any_order_give_the_same_history(
    lived: Lived, tmp_path_factory: Any, migrated_file: Any
) -> None:
    tiny, marks = lived
    files = sorted(tiny.folder("places").iterdir(), reverse=True)
    other = Tiny.make(tmp_path_factory.mktemp("backwards"), migrated_file)
    for number, path in enumerate(files):
        (other.folder("places") / f"{number:03d}-places.csv").write_bytes(path.read_bytes())
        other.collect("places", week(20) + number * HOUR_MS)
    with reading(other.county.engine) as connection:
        last = ledger.read_head(connection, other.county.code).seq
    for number in marks:
        assert due(other, number, last, week(6)) == due(tiny, number, marks[14], week(6))


def test_a_full_list_in_which_a_place_is_absent_closes_nothing(
    living: Lived,
) -> None:
    tiny, marks = living
    tiny.drop("places", place(CHANGING, week(15), TOWN, week(15)))
    tiny.collect("places", week(16))
    with reading(tiny.county.engine) as connection:
        now = ledger.read_head(connection, tiny.county.code).seq
    assert due(tiny, 15, now)[TOWN] >= 1
    assert len(weeks_between(week(1), week(15), tiny.county.zone)) == len(marks)


def test_a_changed_class_counts_from_the_day_it_changed(tiny: Tiny) -> None:
    tiny.drop("places", place("P1", START, TOWN, START, place_class="shop"))
    tiny.collect("places", week(2))
    tiny.drop("places", place("P1", week(3) + DAY_MS, TOWN, week(4)))
    tiny.collect("places", week(5))
    with reading(tiny.county.engine) as connection:
        now = ledger.read_head(connection, tiny.county.code).seq
    assert [due(tiny, n, now) for n in (1, 2, 3, 4)] == [{}, {}, IN_TOWN, IN_TOWN]
