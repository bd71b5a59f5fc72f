"""A late submission: take it, publish what it makes of the periods it tells of, say who moved.

Promise: the first edition stays as it was; a new one appears only where a figure changed, with a
note that names the submission and every unit whose rank moved. Running again returns what exists.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from rules.periods import week, week_containing, weeks_between
from schemas.period import Period
from schemas.vocabulary import EditionKind, StreamKind
from tasks.county import County
from tasks.intake.collect import collect_source, summary
from tasks.publishing import EditionReport, publish
from tasks.rejecting import export_new
from tasks.store import editions, events, ledger
from tasks.store.engine import Connection, reading

_TELLING = (StreamKind.HAZARD.value, StreamKind.PLACE.value, StreamKind.CHECK.value)


@dataclass(frozen=True)
class LateReport:
    """What was collected, and the editions of every period concerned, oldest first."""

    collected: dict[str, Any]
    editions: list[EditionReport]


def late(
    county: County, day: date, now: int, *, source: str = "grid", dry_run: bool = False
) -> LateReport:
    """Take what `source` has for the week of any `day`, and revise the weeks it tells of.

    `dry_run` collects nothing and publishes nothing: it shows what the ledger would give now.
    """
    named = week_containing(day, county.zone)
    with reading(county.engine) as connection:
        before = ledger.read_head(connection, county.code)
    reports = [] if dry_run else [collect_source(county, source, now)]
    for report in reports:
        export_new(county, report)
    periods = _concerned(county, named, before.seq)
    editions = [publish(county, p, now, revise=True, dry_run=dry_run) for p in periods]
    return LateReport(summary(reports), editions)


def _concerned(county: County, named: Period, since: int) -> list[Period]:
    """The named week, and every published week that something new was claimed in."""
    with reading(county.engine) as connection:
        published = {
            e.period for e in editions.published(connection, county.code, EditionKind.WEEKLY.value)
        }
        told = _weeks_told(connection, county, since)
    codes = {named.code} | (told & published)
    return [week(code, county.zone) for code in sorted(codes)]


def _weeks_told(connection: Connection, county: County, since: int) -> set[str]:
    """Weeks that hold a claimed time of an event after `since`."""
    span = events.claimed_span(connection, county.code, since, _TELLING)
    if span is None:
        return set()
    return {
        period.code
        for period in weeks_between(span[0], span[1] + 1, county.zone)
        if events.any_claimed(connection, county.code, since, _TELLING, period.start, period.end)
    }
