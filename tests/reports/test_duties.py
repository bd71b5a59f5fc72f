"""Duties are counted in working days: over holidays, over make-up days, beyond the calendar."""

from datetime import date, timedelta
from typing import Any

import pytest

from rules.clocks import WorkingDays, published_until
from rules.periods import end_of_day, midnight
from rules.reports import standing
from schemas.policy_duties import Reports
from schemas.vocabulary import ReportStep
from tests.reports.told import DAYS, POLICY, ZONE, Report, clock, findings, hours, steps

K = ReportStep


def received(day: date, days: WorkingDays = DAYS, policy: Reports = POLICY) -> dict[Any, Any]:
    """The row of a report made at ten in the morning of a day, seen a year later."""
    report = Report(received=hours(midnight(day, ZONE)) + 10)
    now = midnight(day + timedelta(days=365), ZONE)
    frame = standing(findings([report]), steps([report]), policy, days, now)
    return frame.to_dict("records")[0]


@pytest.mark.parametrize(
    ("made_on", "last_day"),
    [
        (date(2025, 3, 3), date(2025, 3, 5)),
        (date(2025, 3, 6), date(2025, 3, 10)),  # over a weekend
        (date(2025, 3, 8), date(2025, 3, 11)),  # made on a Saturday
        (date(2025, 1, 27), date(2025, 2, 6)),  # over the Spring Festival
        (date(2025, 9, 27), date(2025, 9, 29)),  # Sunday 28 September is worked
        (date(2025, 9, 30), date(2025, 10, 10)),  # over the National Day
        (date(2025, 10, 10), date(2025, 10, 13)),  # Saturday 11 October is worked
    ],
)
def test_a_report_is_accepted_within_two_working_days(made_on: date, last_day: date) -> None:
    row = received(made_on)
    assert row["report_accepted_due"] == row["next_due"] == end_of_day(last_day, ZONE)
    assert row["next_step"] == "report_accepted"
    assert row["is_late"] and row["report_accepted_late"]


def test_a_day_off_that_the_county_decides_moves_the_date() -> None:
    own = WorkingDays.build({date(2025, 3, 4): True})
    row = received(date(2025, 3, 3), own)
    assert row["report_accepted_due"] == end_of_day(date(2025, 3, 6), ZONE)


def test_no_working_days_mean_until_the_end_of_the_same_day() -> None:
    at_once = POLICY.model_copy(update={"clocks": (clock(K.ACCEPTED, None, 0),)})
    row = received(date(2025, 3, 8), policy=at_once)
    assert row["report_accepted_due"] == end_of_day(date(2025, 3, 8), ZONE)


def test_a_date_beyond_the_published_calendar_is_provisional() -> None:
    assert not received(date(2025, 3, 3))["next_provisional"]
    assert received(published_until())["next_provisional"]


def test_a_date_is_kept_to_its_last_instant_and_not_after() -> None:
    due = hours(end_of_day(date(2025, 3, 5), ZONE))
    for hour, late in ((due, False), (due + 0.001, True)):
        report = Report(((K.ACCEPTED, hour, 0, ""),))
        now = standing(findings([report]), steps([report]), POLICY, DAYS, 2_000_000_000_000)
        assert bool(now["report_accepted_late"].iloc[0]) is late


def test_a_policy_without_clocks_owes_nothing_by_any_date() -> None:
    row = received(date(2025, 3, 3), policy=POLICY.model_copy(update={"clocks": ()}))
    assert (row["next_step"], row["next_due"], row["is_open"], row["is_late"]) == (
        *("", 0),
        *(True, False),
    )


def test_a_slip_of_the_pen_in_a_date_stops_no_clock() -> None:
    for year in (1970, 2300):
        report = Report(((K.ACCEPTED, hours(midnight(date(year, 1, 2), ZONE)), 0, ""),))
        end = midnight(date(2301, 1, 1), ZONE)
        frame = standing(findings([report]), steps([report]), POLICY, DAYS, end)
        assert frame["report_checked_due"].iloc[0] > 0
