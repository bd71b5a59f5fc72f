"""From dates to periods, cut-offs and filing deadlines.

A week is ISO: Monday 00:00 to Sunday 24:00 in the county's zone, code `2025-W10`. A cut-off or a
filing deadline that falls on a day off moves to the same time of the next working day (domain §6).
"""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from rules.clocks import Days, WorkingDays
from schemas.period import DAY_MS, FOREVER, HOUR_MS, Period
from schemas.policy import Due, Policy
from schemas.vocabulary import EditionKind

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


def week(code: str, zone: str) -> Period:
    """The week named `2025-W10`; ValueError names what is wrong with the code."""
    match = _WEEK.fullmatch(code)
    if match is None:
        raise ValueError(f"{code!r} is not a week: write the ISO week like 2025-W10")
    year, number = int(match[1]), int(match[2])
    try:
        monday = date.fromisocalendar(year, number, 1)
    except ValueError as error:
        raise ValueError(f"{code!r} is not a week: {error}; see the ISO calendar") from None
    return week_containing(monday, zone)


def week_containing(day: date, zone: str) -> Period:
    """The week that `day` lies in: any date of the week names it."""
    year, number, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return Period(
        EditionKind.WEEKLY,
        f"{year:04d}-W{number:02d}",
        monday,
        monday + timedelta(days=6),
        midnight(monday, zone),
        midnight(monday + timedelta(days=7), zone),
    )


def week_of(instant: int, zone: str) -> Period:
    """The week of an instant (UTC ms); Sunday 24:00 belongs to the next week."""
    seconds, milliseconds = divmod(instant, 1000)
    local = datetime.fromtimestamp(seconds, ZoneInfo(zone)) + timedelta(milliseconds=milliseconds)
    return week_containing(local.date(), zone)


def previous_week(period: Period, zone: str) -> Period:
    return week_containing(period.first_day - timedelta(days=1), zone)


def weeks_between(first: int, last: int, zone: str) -> list[Period]:
    """Every week that has an instant of [first, last), in order; empty when last <= first."""
    weeks: list[Period] = []
    at = first
    while at < last:
        weeks.append(week_of(at, zone))
        at = weeks[-1].end
    return weeks


def midnight(day: date, zone: str) -> int:
    """00:00 of a calendar day in `zone`, as UTC ms."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def end_of_day(day: date, zone: str) -> int:
    """24:00 of a calendar day: how a due date is stored."""
    return midnight(day + timedelta(days=1), zone)


def cut_off(period: Period, policy: Policy, days: WorkingDays) -> int:
    """Until when facts are taken into the first edition of a period (UTC ms)."""
    return _working_instant(period.end, policy.bulletin.of_kind(period.kind).cut_off_hours, days)


def frozen_at(period: Period, policy: Policy) -> int:
    """From when on what is received no longer revises a period (UTC ms); FOREVER: never."""
    days = policy.bulletin.of_kind(period.kind).freeze_days
    return FOREVER if days is None else period.end + days * DAY_MS


def filing_deadline(period: Period, due: Due, days: WorkingDays) -> int:
    """Until when a line of the filing calendar must have been received (UTC ms)."""
    return _working_instant(period.end, due.due_hours, days)


def filing_deadlines(claimed: Days, due: Due, days: WorkingDays, zone: str | None = None) -> Days:
    """`filing_deadline` of the week of each claimed instant (UTC ms), for whole columns.

    Computed once per distinct week; `zone` must be the calendar's own when it is given.
    """
    if zone is not None and zone != days.zone:
        raise ValueError(f"zone {zone!r} is not the calendar's {days.zone!r}: pass one zone")
    local = days.local_days(np.asarray(claimed, dtype=np.int64))
    mondays, where = np.unique(local - (local - 1) % 7 + 7, return_inverse=True)
    return _working_instants(days.midnights(mondays), due.due_hours, days)[where]


def _working_instant(end: int, hours: int, days: WorkingDays) -> int:
    return int(_working_instants(np.array([end], dtype=np.int64), hours, days)[0])


def _working_instants(ends: Days, hours: int, days: WorkingDays) -> Days:
    """`ends` plus hours; on a day off the same time of day on the next working day."""
    instants = ends + hours * HOUR_MS
    local = days.local_days(instants)
    time_of_day = instants - days.midnights(local)
    return days.midnights(days.on_or_after(local)) + time_of_day
