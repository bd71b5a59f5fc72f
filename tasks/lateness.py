"""A late submission: take it, publish what it makes of the periods it tells of, say who moved.

Promise: the first edition stays as it was; a new one appears only where a figure changed, with a
note that names the submission and every unit whose rank moved. Running again returns what exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules.kinds import period_of
from rules.periods import week_containing
from schemas.period import Period
from schemas.vocabulary import EditionKind, StreamKind
from tasks.county import County
from tasks.intake.collect import collect_source, summary
from tasks.publishing import EditionReport, publish
from tasks.rejecting import export_new
from tasks.store import editions, events, ledger
from tasks.store.engine import reading

_TELLING = (StreamKind.HAZARD.value, StreamKind.PLACE.value, StreamKind.CHECK.value)


@dataclass(frozen=True)
class LateReport:
    """What was collected, and the editions of every period concerned, oldest first."""

    collected: dict[str, Any]
    editions: list[EditionReport]


def late(
    county: County,
    days: Sequence[date],
    now: int,
    *,
    sources: Sequence[str] = ("grid",),
    dry_run: bool = False,
) -> LateReport:
    """Take what the sources have for the weeks of any `days`, and revise every period it tells of.

    Published periods of all kinds are looked at; one that is frozen stays as it is. `dry_run`
    collects nothing and publishes nothing: it shows what the ledger would give now.
    """
    named = {week_containing(day, county.zone) for day in days}
    with reading(county.engine) as connection:
        before = ledger.read_head(connection, county.code)
    reports = [] if dry_run else [r for s in sources for r in [collect_source(county, s, now)]]
    for report in reports:
        export_new(county, report)
    periods = sorted(named | _told(county, before.seq), key=lambda p: (p.kind, p.start, p.code))
    editions = [publish(county, p, now, revise=True, dry_run=dry_run) for p in periods]
    return LateReport(summary(reports), editions)


def _told(county: County, since: int) -> set[Period]:
    """Every published period that something new was claimed in."""
    with reading(county.engine) as connection:
        published = {
            period_of(EditionKind(e.kind), e.period, county.zone)
            for e in editions.published(connection, county.code)
        }
        span = events.claimed_span(connection, county.code, since, _TELLING)
        if span is None:
            return set()
        return {
            p
            for p in published
            if p.start <= span[1]
            and p.end > span[0]
            and events.any_claimed(connection, county.code, since, _TELLING, p.start, p.end)
        }
