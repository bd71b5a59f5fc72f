from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import periods
from rules.clocks import WorkingDays
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy import Due

ZONE = "Asia/Shanghai"
DAYS = WorkingDays.build()
WEEKLY = Due(source="grid", units="towns", period="week", due_hours=8, nil_return=True)
INSTANTS = st.integers(
    int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1000,
    int(datetime(2060, 1, 1, tzinfo=UTC).timestamp()) * 1000,
)


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def test_a_week_runs_from_monday_to_sunday_midnight_in_the_countys_zone() -> None:
    week = periods.week("2025-W10", ZONE)
    assert (week.first_day, week.last_day) == (date(2025, 3, 3), date(2025, 3, 9))
    assert week.start == _ms("2025-03-03T00:00:00+08:00")
    assert week.end == _ms("2025-03-10T00:00:00+08:00")
    assert periods.week("2025-W10", "UTC").start == _ms("2025-03-03T00:00:00+00:00")


def test_sunday_midnight_belongs_to_the_next_week() -> None:
    week = periods.week("2025-W10", ZONE)
    assert periods.week_of(week.start, ZONE) == week
    assert periods.week_of(week.end - 1, ZONE) == week
    assert periods.week_of(week.end, ZONE).code == "2025-W11"


def test_the_turn_of_the_year_follows_iso() -> None:
    assert periods.week_containing(date(2024, 12, 31), ZONE).code == "2025-W01"
    assert periods.week_containing(date(2027, 1, 3), ZONE).code == "2026-W53"
    week = periods.week("2026-W01", ZONE)
    assert periods.previous_week(week, ZONE).code == "2025-W52"


@given(INSTANTS)
def test_weeks_follow_each_other_without_gap(instant: int) -> None:
    week = periods.week_of(instant, ZONE)
    assert week.start <= instant < week.end
    assert week.end - week.start == 7 * DAY_MS
    assert periods.previous_week(week, ZONE).end == week.start
    assert periods.week(week.code, ZONE) == week
    for n in range(7):  # any date in the week names it
        assert periods.week_containing(week.first_day + timedelta(days=n), ZONE) == week


@pytest.mark.parametrize(
    "code", ["2025-W54", "2025-W00", "2025W10", "2025-10", "", "2025-W1", "２０２５-W10"]
)
def test_what_is_no_week_is_refused_by_name(code: str) -> None:
    with pytest.raises(ValueError, match="is not a week") as refusal:
        periods.week(code, ZONE)
    assert repr(code) in str(refusal.value)


def test_the_deadline_is_monday_morning() -> None:
    week = periods.week("2025-W10", ZONE)
    assert periods.filing_deadline(week, WEEKLY, DAYS) == _ms("2025-03-10T08:00:00+08:00")


def test_a_deadline_on_a_holiday_moves_to_the_next_working_day() -> None:
    week = periods.week("2025-W40", ZONE)  # ends within the National Day holidays
    assert periods.filing_deadline(week, WEEKLY, DAYS) == _ms("2025-10-09T08:00:00+08:00")


def test_a_local_day_off_moves_the_deadline_too() -> None:
    days = WorkingDays.build({date(2025, 3, 10): True})
    week = periods.week("2025-W10", ZONE)
    assert periods.filing_deadline(week, WEEKLY, days) == _ms("2025-03-11T08:00:00+08:00")


@given(st.lists(INSTANTS, max_size=40), st.integers(0, 100))
def test_a_whole_column_of_deadlines_agrees_with_single_ones(
    claimed: list[int], hours: int
) -> None:
    due = WEEKLY.model_copy(update={"due_hours": hours})
    column = periods.filing_deadlines(np.array(claimed, dtype=np.int64), due, DAYS, ZONE)
    single = [periods.filing_deadline(periods.week_of(at, ZONE), due, DAYS) for at in claimed]
    assert column.tolist() == single


@given(INSTANTS, st.integers(0, 100))
def test_a_deadline_lies_on_a_working_day_and_never_before_its_hours(at: int, hours: int) -> None:
    week = periods.week_of(at, ZONE)
    due = WEEKLY.model_copy(update={"due_hours": hours})
    deadline = periods.filing_deadline(week, due, DAYS)
    assert DAYS.is_working(DAYS.day_of(deadline))
    assert deadline >= week.end + hours * HOUR_MS
    assert (deadline - week.end - hours * HOUR_MS) % DAY_MS == 0


def test_two_zones_are_refused() -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        periods.filing_deadlines(np.array([0]), WEEKLY, DAYS, "Europe/Berlin")


def test_a_due_date_is_stored_as_the_end_of_its_day() -> None:
    assert periods.end_of_day(date(2025, 3, 9), ZONE) == _ms("2025-03-10T00:00:00+08:00")
    weeks = periods.weeks_between(
        _ms("2025-03-03T00:00:00+08:00"), _ms("2025-03-17T00:00:01+08:00"), ZONE
    )
    assert [w.code for w in weeks] == ["2025-W10", "2025-W11", "2025-W12"]
