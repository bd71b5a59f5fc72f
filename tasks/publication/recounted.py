"""What the publish gate compares an edition with: figures taken from the ledger again.

Months, quarters and weeks are found here a second time, from the calendar alone, and what is owed
is read from the policy a second time; nothing of `tasks.publication.duties` is asked.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.period import Period
from schemas.policy import Policy
from tasks.store.engine import Connection
from tasks.store.recount import Recounted, recount
from tasks.store.recount_duties import Asked, recount_duties, recount_rows

_DAY = timedelta(days=1)


def recounted(
    connection: Connection,
    county: str,
    towns: tuple[str, ...],
    zone: str,
    policy: Policy,
    period: Period,
    watermark: int,
) -> Recounted:
    """(kind, code, split) → measure → count for the period."""
    asked = [*_self_checks(policy, period, zone), *_quarterly(policy, period, zone)]
    found: Recounted = {}
    for part in (
        recount(connection, county, watermark, period.start, period.end),
        recount_duties(connection, county, watermark, towns, asked),
        recount_rows(connection, county, watermark, towns, list(_weeks(period))),
    ):
        for cell, measures in part.items():
            found[cell] = found.get(cell, {}) | measures
    return found


def _self_checks(policy: Policy, period: Period, zone: str) -> Iterator[Asked]:
    if policy.indices is None:
        return
    rule = policy.indices.self_check
    for start, end in _windows(period, 1, rule.since, zone):
        names = ("self_checks_due", "self_checks_kept")
        yield Asked(*names, rule.place_classes, start, end, channel="self_check")


def _quarterly(policy: Policy, period: Period, zone: str) -> Iterator[Asked]:
    rule = policy.quarterly
    if rule is None:
        return
    actors = tuple(str(actor) for actor in rule.actor_kinds)
    for start, end in _windows(period, 3, rule.since, zone):
        for asked in [(a,) for a in actors] if rule.by == "each" else [actors]:
            names = ("quarter_due", "quarter_checked")
            yield Asked(*names, rule.place_classes, start, end, actors=asked)


def _windows(period: Period, months: int, since: date, zone: str) -> Iterator[tuple[int, int]]:
    """Every month or quarter whose first and last day are days of the period, as instants."""
    days = set(_days(period))
    for day in sorted(days):
        if day.day == 1 and day.month % months == 1 % months and day >= since:
            year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
            after = date(year, month + 1, 1)
            if after - _DAY in days:
                yield _midnight(day, zone), _midnight(after, zone)


def _weeks(period: Period) -> Iterator[str]:
    """The weeks whose Sunday is a day of the period."""
    for day in _days(period):
        if day.isoweekday() == 7:
            year, number, _ = day.isocalendar()
            yield f"{year:04d}-W{number:02d}"


def _days(period: Period) -> Iterator[date]:
    for n in range((period.last_day - period.first_day).days + 1):
        yield period.first_day + n * _DAY


def _midnight(day: date, zone: str) -> int:
    return round(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000)
