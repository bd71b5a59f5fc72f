"""Weeks, working days and collect instants of the city, by its own arithmetic.

Promise: nothing here reads the wall clock. Weeks are ISO weeks of the county's zone; a cut-off or
a filing deadline on a day off moves to the same time of the next working day.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar

from schemas.period import DAY_MS, HOUR_MS

FIRST_MONDAY = date(2025, 3, 3)
BEFORE_CUT_OFF_MS = 30 * 60_000


@dataclass(frozen=True)
class Clock:
    """Local calendar of one zone."""

    zone: str

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def at(self, day: date, hour: int = 0, minute: int = 0) -> int:
        """A local wall-clock time as UTC ms."""
        return int(datetime.combine(day, time(hour, minute), self.tz).timestamp()) * 1000

    def local(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant / 1000, UTC).astimezone(self.tz)

    def day(self, instant: int) -> date:
        return self.local(instant).date()

    def end_of(self, day: date) -> int:
        """24:00 of a day: how a due date counts."""
        return self.at(day + timedelta(days=1))


def week_code(monday: date) -> str:
    year, number, _ = monday.isocalendar()
    return f"{year:04d}-W{number:02d}"


@dataclass(frozen=True)
class Weeks:
    """The weeks that the world lives, and when each of them is collected.

    `first[i]` lies half an hour before the cut-off of week i; `second[i]` two days later, for late
    files. Collecting takes no holiday: every Monday has a collect even where the cut-off moves, so
    `instants` has all of them, in order.
    """

    clock: Clock
    count: int
    policy: dict[str, Any]
    starts: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    instants: list[int] = field(default_factory=list)
    _deadlines: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for i in range(self.count):
            self.starts.append(self.clock.at(self.monday(i)))
            self.first.append(self.cut_off(i) - BEFORE_CUT_OFF_MS)
            day = self.clock.day(self.first[i]) + timedelta(days=2)
            # A long holiday can give two weeks one cut-off: then there is no time for late files.
            next_first = self.cut_off(i + 1) - BEFORE_CUT_OFF_MS
            self.second.append(min(self.clock.at(day, 12), next_first))
        hours = self.policy["bulletin"]["cut_off_hours"] * HOUR_MS
        mondays = {self.end(i) + hours - BEFORE_CUT_OFF_MS for i in range(self.count)}
        self.instants.extend(sorted({*mondays, *self.first, *self.second}))

    def monday(self, week: int) -> date:
        return FIRST_MONDAY + timedelta(weeks=week)

    def code(self, week: int) -> str:
        return week_code(self.monday(week))

    def start(self, week: int) -> int:
        return self.clock.at(self.monday(week))

    def end(self, week: int) -> int:
        return self.clock.at(self.monday(week + 1))

    def year_start(self, week: int) -> int:
        """When the calendar year of the week's Sunday began."""
        sunday = self.monday(week) + timedelta(days=6)
        return self.clock.at(date(sunday.year, 1, 1))

    @property
    def last(self) -> int:
        """The last instant anything is collected."""
        return self.instants[-1]

    def week_at(self, instant: int) -> int:
        """The number of the week an instant lies in; negative before the world."""
        return (self.clock.day(instant) - FIRST_MONDAY).days // 7

    def cut_off(self, week: int) -> int:
        return self._working(week, self.policy["bulletin"]["cut_off_hours"])

    def filing_deadline(self, week: int, source: str) -> int:
        """Until when the ledgers of a week are owed; the first calendar line of the source."""
        hours = next(d["due_hours"] for d in self.policy["calendar"] if d["source"] == source)
        return self._working(week, hours)

    def _working(self, week: int, hours: int) -> int:
        """`hours` after a week's end, on a day off the same time of the next working day."""
        if (week, hours) not in self._deadlines:
            self._deadlines[week, hours] = self._on_working_day(week, hours)
        return self._deadlines[week, hours]

    def _on_working_day(self, week: int, hours: int) -> int:
        instant = self.end(week) + hours * HOUR_MS
        day = self.clock.day(instant)
        rest = instant - self.clock.at(day)
        while not self.is_working(day):
            day += timedelta(days=1)
        return self.clock.at(day) + rest

    def is_working(self, day: date) -> bool:
        """By the policy's overrides, then the published calendar; beyond it Monday to Friday."""
        off = (self.policy.get("holidays") or {}).get(day)
        if off is not None:
            return not off
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5

    def pull_after(self, instant: int) -> tuple[int, int] | None:
        """(first collect at or after an instant, the one before it or 0); None after the last."""
        i = bisect_left(self.instants, instant)
        if i == len(self.instants):
            return None
        return self.instants[i], self.instants[i - 1] if i else 0

    def week_of_pull(self, received: int, source: str) -> int:
        """The week a pull of a continuous source reports for: the last one until its deadline."""
        present = self.week_at(received)
        return present - (received <= self.filing_deadline(present - 1, source))

    def quiet(self, instant: int) -> bool:
        """No collect within the 26 hours after: no overlap window will read it twice."""
        pull = self.pull_after(instant)
        return pull is None or pull[0] - instant > DAY_MS + 2 * HOUR_MS
