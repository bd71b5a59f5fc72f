"""Working days of China, make-up days included, and where the calendar stops being known.

The published calendar (2004-2026, package chinesecalendar) is corrected by the county's policy.
Outside what is published a day counts as working from Monday to Friday and is *provisional*: never
a guess without its mark. Days are counted in the county's zone; a calendar day travels in arrays
as its ordinal (`date.toordinal`), an instant as UTC milliseconds.

    days = WorkingDays.of(policy)
    days.add(date(2025, 9, 30), 1)    # 2025-10-09, after the National Day holidays
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from chinese_calendar import constants
from numpy.typing import NDArray

from schemas.period import DAY_MS
from schemas.policy import Policy

Days = NDArray[np.int64]
Flags = NDArray[np.bool_]

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)
EPOCH = date(1970, 1, 1).toordinal()
_ROOM = 1000  # days: from the last day kept by `within` one can still count on


class OutOfCalendar(ValueError):
    """A day so far away that it can only be a mistake in the data."""


@dataclass(frozen=True, eq=False)
class WorkingDays:
    """The working days of one county.

    `overrides`: True is a day off, False a working day (policy `holidays`). `official_until`: the
    overrides hold the whole official calendar up to and including this day (`holidays_until`).
    """

    overrides: Mapping[date, bool]
    official_until: date
    zone: str
    ordinals: Days  # every working day from FIRST to LAST, ascending

    @classmethod
    def build(
        cls,
        overrides: Mapping[date, bool] | None = None,
        zone: str = "Asia/Shanghai",
        official_until: date | None = None,
    ) -> "WorkingDays":
        overrides = dict(overrides or {})
        for day in overrides:
            _within(np.array([day.toordinal()]))
        until = max(published_until(), official_until or published_until())
        return cls(overrides, until, zone, _ordinals(overrides))

    @classmethod
    def of(cls, policy: Policy, zone: str = "Asia/Shanghai") -> "WorkingDays":
        return cls.build(policy.holidays, zone, policy.holidays_until)

    def is_working(self, day: date) -> bool:
        return bool(self.working(_one(day))[0])

    def covers(self, day: date) -> bool:
        """Whether the official calendar of this day is known; else what we say is provisional."""
        return bool(self.covered(_one(day))[0])

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it, when n < 0); `day` itself for n = 0."""
        return date.fromordinal(int(self.shift(_one(day), n)[0]))

    def next_working(self, day: date) -> date:
        """`day` itself when it is a working day, else the first one after it."""
        return date.fromordinal(int(self.on_or_after(_one(day))[0]))

    def count(self, a: date, b: date) -> int:
        """Working days d with a < d <= b; negative when b lies before a.

        For n > 0 and any day, `count(day, add(day, n)) == n`.
        """
        left, right = self.elapsed(np.array([a.toordinal(), b.toordinal()]))
        return int(right - left)

    # The same on arrays of ordinals.

    def working(self, days: Days) -> Flags:
        found = self._at(self._before(days))
        return np.asarray(found == days)

    def covered(self, days: Days) -> Flags:
        first = published_from().toordinal()
        return np.asarray((days >= first) & (days <= self.official_until.toordinal()))

    def elapsed(self, days: Days) -> Days:
        """How many working days lie before or on each day: differences count working days."""
        return np.searchsorted(self.ordinals, _within(days), side="right")

    def shift(self, days: Days, n: int | Days) -> Days:
        """`add` for every day; n is one number or one per day."""
        steps = np.broadcast_to(np.asarray(n, dtype=np.int64), np.shape(days))
        after = self._at(np.where(steps > 0, self.elapsed(days) + steps - 1, 0))
        before = self._at(np.where(steps < 0, self._before(days) + steps, 0))
        return np.where(steps > 0, after, np.where(steps < 0, before, days))

    def on_or_after(self, days: Days) -> Days:
        return self._at(self._before(days))

    def within(self, days: Days) -> Days:
        """Each day, or about the end of the calendar that it lies beyond.

        For dates that others wrote: a slip of the pen like 0202 or 9999 stays long ago or far off
        and stops nothing.
        """
        return np.clip(days, FIRST.toordinal() + _ROOM, LAST.toordinal() - _ROOM)

    def local_days(self, instants: Days) -> Days:
        """The calendar day (ordinal) in the county's zone of each instant (UTC ms)."""
        local = pd.to_datetime(instants, unit="ms", utc=True).tz_convert(self.zone)
        return _milliseconds(local.tz_localize(None)) // DAY_MS + EPOCH

    def midnights(self, days: Days) -> Days:
        """00:00 in the county's zone of each day, as UTC ms."""
        naive = pd.to_datetime((days - EPOCH) * DAY_MS, unit="ms")
        return _milliseconds(pd.DatetimeIndex(naive).tz_localize(self.zone))

    def day_of(self, instant: int) -> date:
        return date.fromordinal(int(self.local_days(np.array([instant]))[0]))

    def _before(self, days: Days) -> Days:
        """How many working days lie before each day."""
        return np.searchsorted(self.ordinals, _within(days), side="left")

    def _at(self, positions: Days) -> Days:
        if np.any((positions < 0) | (positions >= len(self.ordinals))):
            raise OutOfCalendar(f"working days are kept from {FIRST} to {LAST} only")
        return self.ordinals[positions]


@cache
def published_from() -> date:
    return date(min(constants.holidays).year, 1, 1)


@cache
def published_until() -> date:
    """The last day of the last year whose holidays are published."""
    return date(max(constants.holidays).year, 12, 31)


def _ordinals(overrides: Mapping[date, bool]) -> Days:
    """Monday to Friday, then what was published, then what the county says."""
    first = FIRST.toordinal()
    days = np.arange(first, LAST.toordinal() + 1, dtype=np.int64)
    working = (days - 1) % 7 < 5  # ordinal 1 was a Monday
    working[_positions(constants.holidays, first)] = False
    working[_positions(constants.workdays, first)] = True
    working[_positions([d for d, off in overrides.items() if off], first)] = False
    working[_positions([d for d, off in overrides.items() if not off], first)] = True
    return days[working]


def _positions(days: Any, first: int) -> Days:
    return np.fromiter((d.toordinal() - first for d in days), dtype=np.int64)


def _one(day: date) -> Days:
    return np.array([day.toordinal()], dtype=np.int64)


def _within(days: Days) -> Days:
    wrong = (days < FIRST.toordinal()) | (days > LAST.toordinal())
    if np.any(wrong):
        bad = int(np.asarray(days)[wrong][0])
        shown = date.fromordinal(bad).isoformat() if 1 <= bad <= 3_652_059 else str(bad)
        raise OutOfCalendar(f"day {shown} lies outside {FIRST}..{LAST}: correct it at its source")
    return days


def _milliseconds(index: pd.DatetimeIndex) -> Days:
    return index.as_unit("ms").asi8
