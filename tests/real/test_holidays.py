"""The published calendar of working days is the same as ours, make-up days included."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from rules.clocks import WorkingDays, published_until

LAST = date(2026, 12, 31)


@pytest.fixture(scope="module")
def off(shared_data: Path) -> dict[date, bool]:
    """Day → whether it is off, for every day that a paper of the State Council names."""
    years = sorted((shared_data / "holiday_cn").glob("*.json"))
    papers = [json.loads(path.read_text("utf-8")) for path in years]
    return {date.fromisoformat(d["date"]): d["isOffDay"] for p in papers for d in p["days"]}


@pytest.mark.parametrize("year", range(2021, 2027))
def test_every_day_of_a_year_that_both_know_is_the_same(year: int, off: dict[date, bool]) -> None:
    ours = WorkingDays.build()
    day, differ = date(year, 1, 1), []
    while day.year == year:
        if ours.is_working(day) == off.get(day, day.weekday() >= 5):
            differ.append(day)
        assert ours.covers(day)
        day += timedelta(days=1)
    assert differ == []


def test_make_up_days_are_working_days(off: dict[date, bool]) -> None:
    ours = WorkingDays.build()
    made_up = [day for day, is_off in off.items() if not is_off and day <= LAST]
    assert len(made_up) == 40
    assert all(day.weekday() >= 5 and ours.is_working(day) for day in made_up)


def test_the_calendar_of_a_year_without_a_paper_is_provisional_in_both(
    off: dict[date, bool],
) -> None:
    assert max(off) < date(2027, 1, 1)
    assert published_until() == LAST
    assert not WorkingDays.build().covers(date(2027, 1, 1))


def test_a_countys_own_copy_of_the_papers_changes_no_day(off: dict[date, bool]) -> None:
    """`holidays` of policy.yaml as an office would fill it in from the same papers."""
    ours, copied = WorkingDays.build(), WorkingDays.build(off, official_until=LAST)
    assert (ours.ordinals == copied.ordinals).all()
