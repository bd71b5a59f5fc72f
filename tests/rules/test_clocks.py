import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.clocks import OutOfCalendar, WorkingDays, published_until

DAYS = WorkingDays.build()
ANY_DAY = st.dates(date(1995, 1, 1), date(2090, 12, 31))


def test_national_day_is_off_and_the_make_up_days_are_worked() -> None:
    off = [date(2025, 10, 1) + timedelta(days=n) for n in range(8)]
    assert not any(DAYS.is_working(day) for day in off)
    assert DAYS.is_working(date(2025, 9, 28))  # a Sunday
    assert DAYS.is_working(date(2025, 10, 11))  # a Saturday
    assert not DAYS.is_working(date(2025, 10, 12))


def test_one_working_day_after_the_eve_of_national_day_is_after_the_holidays() -> None:
    assert DAYS.add(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert DAYS.add(date(2025, 10, 9), -1) == date(2025, 9, 30)
    assert DAYS.add(date(2025, 10, 4), 1) == date(2025, 10, 9)
    assert DAYS.add(date(2025, 10, 4), -1) == date(2025, 9, 30)
    assert DAYS.add(date(2025, 10, 4), 0) == date(2025, 10, 4)
    assert DAYS.next_working(date(2025, 10, 1)) == date(2025, 10, 9)
    assert DAYS.next_working(date(2025, 10, 9)) == date(2025, 10, 9)


def test_days_between_count_the_last_and_not_the_first() -> None:
    assert DAYS.count(date(2025, 9, 30), date(2025, 10, 9)) == 1
    assert DAYS.count(date(2025, 10, 9), date(2025, 9, 30)) == -1
    assert DAYS.count(date(2025, 10, 9), date(2025, 10, 9)) == 0


@given(ANY_DAY, st.integers(1, 200))
def test_adding_and_counting_are_one_arithmetic(day: date, n: int) -> None:
    assert DAYS.count(day, DAYS.add(day, n)) == n
    assert DAYS.is_working(DAYS.add(day, n)) and DAYS.is_working(DAYS.add(day, -n))
    start = DAYS.next_working(day)
    assert DAYS.add(DAYS.add(start, n), -n) == start


def test_the_county_can_take_a_day_off_and_give_one_back() -> None:
    days = WorkingDays.build({date(2025, 3, 31): True, date(2025, 3, 29): False})
    assert not days.is_working(date(2025, 3, 31))
    assert days.is_working(date(2025, 3, 29))
    assert days.add(date(2025, 3, 28), 2) == date(2025, 4, 1)


def test_beyond_the_published_calendar_days_are_provisional_monday_to_friday() -> None:
    first = published_until() + timedelta(days=1)
    assert DAYS.covers(published_until()) and not DAYS.covers(first)
    assert DAYS.covers(date(2004, 1, 1)) and not DAYS.covers(date(2003, 12, 31))
    week = [date(2090, 1, 2) + timedelta(days=n) for n in range(7)]
    assert [DAYS.is_working(day) for day in week] == [day.weekday() < 5 for day in week]


def test_an_office_that_enters_a_further_year_says_how_far_it_goes() -> None:
    next_year = published_until().year + 1
    holiday, until = date(next_year, 5, 4), date(next_year, 12, 31)
    assert not WorkingDays.build({holiday: True}).covers(holiday)
    days = WorkingDays.build({holiday: True}, official_until=until)
    assert days.covers(holiday) and not days.covers(until + timedelta(days=1))


def test_a_day_that_can_only_be_a_mistake_is_named() -> None:
    with pytest.raises(OutOfCalendar, match="0202-05-01"):
        DAYS.is_working(date(202, 5, 1))
    with pytest.raises(OutOfCalendar, match="9999-01-01"):
        WorkingDays.build({date(9999, 1, 1): True})


@given(st.lists(ANY_DAY, max_size=30), st.integers(-30, 30))
def test_whole_columns_and_single_days_agree(some: list[date], n: int) -> None:
    column = np.array([day.toordinal() for day in some], dtype=np.int64)
    assert DAYS.shift(column, n).tolist() == [DAYS.add(d, n).toordinal() for d in some]
    assert DAYS.working(column).tolist() == [DAYS.is_working(d) for d in some]
    steps = np.arange(len(some), dtype=np.int64) - 5
    each = [DAYS.add(d, int(k)).toordinal() for d, k in zip(some, steps, strict=True)]
    assert DAYS.shift(column, steps).tolist() == each


@given(ANY_DAY, st.integers(0, 86_399_999))
def test_an_instant_belongs_to_the_day_of_the_county(day: date, after: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai"))
    instant = int(midnight.timestamp()) * 1000 + after
    assert DAYS.day_of(instant) == day
    column = np.array([day.toordinal()], dtype=np.int64)
    assert DAYS.midnights(column).tolist() == [int(midnight.timestamp()) * 1000]


@pytest.mark.parametrize("year", range(2021, 2027))
def test_the_calendar_agrees_with_the_state_councils_notices(year: int, shared_data: Path) -> None:
    notice = json.loads((shared_data / "holiday_cn" / f"{year}.json").read_text("utf-8"))
    for entry in notice["days"]:
        day = date.fromisoformat(entry["date"])
        assert DAYS.is_working(day) != entry["isOffDay"], entry


def test_a_day_beyond_the_calendar_can_be_pulled_to_its_end_and_counted_on_from() -> None:
    days = np.array([1, date(2025, 3, 3).toordinal(), date(9999, 12, 31).toordinal()])
    kept = DAYS.within(days)
    assert kept[1] == days[1]
    assert (np.sign(kept - days) == [1, 0, -1]).all()
    assert (DAYS.shift(kept, 300) > kept).all() and (DAYS.shift(kept, -300) < kept).all()
