"""From a kind of edition and a code to its period, and from a day to the periods it lies in.

    2025-W10 · 2025-05 (monthly, statutory) · 2025-Q2 · 2025-H1 · 2025
    2025-01-01--2025-05-31 (campaign to a day, any span), days in the county's calendar

A period's last day lies inside it; `end` is its 24:00 (domain §6).
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from rules.periods import midnight, week, week_containing
from schemas.period import Period
from schemas.vocabulary import EditionKind

SPAN_MARK = "--"
_MONTHS = {
    EditionKind.MONTHLY: 1,
    EditionKind.STATUTORY: 1,
    EditionKind.QUARTER: 3,
    EditionKind.HALF_YEAR: 6,
    EditionKind.YEAR: 12,
}
_CODES = {
    EditionKind.MONTHLY: r"([0-9]{4})-(0[1-9]|1[0-2])",
    EditionKind.STATUTORY: r"([0-9]{4})-(0[1-9]|1[0-2])",
    EditionKind.QUARTER: r"([0-9]{4})-Q([1-4])",
    EditionKind.HALF_YEAR: r"([0-9]{4})-H([12])",
    EditionKind.YEAR: r"([0-9]{4})()",
}
EXAMPLES = {
    EditionKind.WEEKLY: "2025-W10",
    EditionKind.MONTHLY: "2025-05",
    EditionKind.STATUTORY: "2025-05",
    EditionKind.QUARTER: "2025-Q2",
    EditionKind.HALF_YEAR: "2025-H1",
    EditionKind.YEAR: "2025",
    EditionKind.CAMPAIGN: "2025-01-01--2025-05-31",
    EditionKind.SPAN: "2025-03-10--2025-04-20",
}
# Kinds whose periods follow one another: each has one before it, to compare ranks with.
RECURRING = (EditionKind.WEEKLY, *_MONTHS)


def period_of(kind: EditionKind, code: str, zone: str) -> Period:
    """The period of a kind that a code names. ValueError says what is wrong with the code."""
    if kind is EditionKind.WEEKLY:
        return week(code, zone)
    if kind in _MONTHS:
        return _of_months(kind, code, zone)
    first, mark, last = code.partition(SPAN_MARK)
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise ValueError(_wrong(kind, code)) from None
    if not mark or days[1] < days[0]:
        raise ValueError(_wrong(kind, code))
    return _period(kind, f"{first}{SPAN_MARK}{last}", *days, zone)


def containing(kind: EditionKind, day: date, zone: str) -> Period:
    """The recurring period of a kind that a day lies in. ValueError for kinds that do not recur."""
    if kind is EditionKind.WEEKLY:
        return week_containing(day, zone)
    if kind not in _MONTHS:
        raise ValueError(f"{kind} has no period of its own for {day}: name its first and last day")
    return _starting(kind, day.year, (day.month - 1) // _MONTHS[kind], zone)


def previous(period: Period, zone: str) -> Period | None:
    """The period before, None for kinds that do not recur."""
    if period.kind not in RECURRING:
        return None
    return containing(period.kind, period.first_day - timedelta(days=1), zone)


def months_within(period: Period, zone: str) -> list[Period]:
    """Every calendar month that lies wholly inside, in order."""
    return _within(period, EditionKind.MONTHLY, zone)


def quarters_within(period: Period, zone: str) -> list[Period]:
    """Every quarter that lies wholly inside, in order."""
    return _within(period, EditionKind.QUARTER, zone)


def weeks_ending_in(period: Period, zone: str) -> list[Period]:
    """Every week whose Sunday lies inside: whose submissions an edition speaks of."""
    if period.kind is EditionKind.WEEKLY:
        return [period]
    found = _walk(period, lambda day: week_containing(day, zone))
    return [one for one in found if one.last_day <= period.last_day]


def _within(period: Period, kind: EditionKind, zone: str) -> list[Period]:
    found = _walk(period, lambda day: containing(kind, day, zone))
    return [p for p in found if p.start >= period.start and p.end <= period.end]


def _walk(period: Period, containing_day: Callable[[date], Period]) -> list[Period]:
    """The periods from the first day's to the last day's."""
    found = [containing_day(period.first_day)]
    while found[-1].last_day < period.last_day:
        found.append(containing_day(found[-1].last_day + timedelta(days=1)))
    return found


def _of_months(kind: EditionKind, code: str, zone: str) -> Period:
    match = re.fullmatch(_CODES[kind], code)
    if match is None or int(match[1]) < 1:
        raise ValueError(_wrong(kind, code))
    return _starting(kind, int(match[1]), int(match[2] or 1) - 1, zone)


def _starting(kind: EditionKind, year: int, number: int, zone: str) -> Period:
    """The `number`-th period (from 0) of a year."""
    months = _MONTHS[kind]
    first = date(year, number * months + 1, 1)
    after = number * months + months  # months of the year gone at its end
    last = date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
    marks = {1: f"-{number + 1:02d}", 3: f"-Q{number + 1}", 6: f"-H{number + 1}", 12: ""}
    return _period(kind, f"{year:04d}{marks[months]}", first, last, zone)


def _period(kind: EditionKind, code: str, first: date, last: date, zone: str) -> Period:
    end = midnight(last + timedelta(days=1), zone)
    return Period(kind, code, first, last, midnight(first, zone), end)


def _wrong(kind: EditionKind, code: str) -> str:
    return f"{code!r} is no {kind.value} period: write it like {EXAMPLES[kind]}"
