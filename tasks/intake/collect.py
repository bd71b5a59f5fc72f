"""Collect: pull a source, land what it gives, take it into the ledger; one dead source stops none.

Promise: what was landed is taken, in this run or, after a crash, in the next; a source that fails
is named with its reason and everything else goes on (Degraded). Running again appends nothing.
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from schemas.source import SourceDeclaration
from schemas.tables import source_cursor
from tasks.county import County
from tasks.intake import quarantine
from tasks.intake.drafts import Taking
from tasks.intake.landing import Delivery, land, landed, load
from tasks.intake.mapping import MappingError
from tasks.intake.reading import Unreadable
from tasks.intake.submitting import confirm
from tasks.intake.take import TakeReport, take
from tasks.sources.base import Pulled, PullRequest, SourceDown
from tasks.sources.registry import puller
from tasks.store.engine import reading
from tasks.store.lease import hold

log = logging.getLogger(__name__)
_TAKEN = "taken"


@dataclass(frozen=True)
class SourceReport:
    """What one pull of one source gave. `problem` is empty unless the source is degraded."""

    source: str
    received: int = 0
    taken: int = 0
    refused: int = 0
    known: int = 0
    appended: int = 0
    deliveries: int = 0
    retried: int = 0
    refused_by: dict[str, int] = field(default_factory=dict)
    problem: str = ""

    def plus(self, report: TakeReport) -> "SourceReport":
        codes = dict(self.refused_by)
        for code, rows in report.refused_by.items():
            codes[code] = codes.get(code, 0) + rows
        return replace(
            self,
            received=self.received + report.received,
            taken=self.taken + report.taken,
            refused=self.refused + report.refused,
            known=self.known + report.known,
            appended=self.appended + report.appended,
            deliveries=self.deliveries + 1,
            refused_by=codes,
        )


def summary(reports: list[SourceReport]) -> dict[str, Any]:
    """The stable keys of `bihuan collect --json`."""
    totals = ("received", "taken", "refused", "known", "appended")
    return {
        **{name: sum(getattr(r, name) for r in reports) for name in totals},
        "degraded": [{"source": r.source, "reason": r.problem} for r in reports if r.problem],
        "sources": [asdict(r) for r in reports],
    }


def collect_source(county: County, name: str, now: int) -> SourceReport:
    """Pull, land and take one source. Never raises for what the source does; the report says it."""
    declaration = county.sources[name]
    with hold(county.engine, county.code, f"collect:{name}"):
        report = SourceReport(name)
        for delivery in _left_over(county, declaration):
            report = _take_one(county, declaration, delivery, now, report)
        for delivery in _pulled(county, declaration, now):
            if isinstance(delivery, str):
                report = replace(report, problem=_joined(report.problem, delivery))
            else:
                report = _take_one(county, declaration, delivery, now, report)
    return report


def _pulled(
    county: County, declaration: SourceDeclaration, now: int
) -> Iterator[Delivery | str]:
    """Deliveries as they are landed; a text is the reason why the source gave no more."""
    cursor, pulled_at = _cursor(county, declaration.name)
    request = PullRequest(
        declaration, county.source_settings(declaration.name), cursor, now
    )
    try:
        for pulled in puller(declaration)(request):
            yield land_one(county, declaration, pulled, now, pulled_at)
    except SourceDown as error:
        log.warning("source %s is degraded: %s", declaration.name, error)
        yield str(error)


def land_one(
    county: County, declaration: SourceDeclaration, pulled: Pulled, now: int, pulled_at: int
) -> Delivery:
    return land(
        county.landing,
        declaration,
        pulled,
        received_at=now,
        previous_pull_at=pulled_at,
        county=county.code,
        seal=county.vault.seal,
    )


def _left_over(county: County, declaration: SourceDeclaration) -> list[Delivery]:
    """Landed before, but not taken: the run that landed them did not end."""
    everything = landed(county.landing, declaration.name)
    return [d for d in everything if not _mark(d).exists()]


def _mark(delivery: Delivery) -> Path:
    """Says that a delivery was taken to its end; losing it costs time, never rows."""
    return Path(delivery.path) / _TAKEN


def _take_one(
    county: County,
    declaration: SourceDeclaration,
    delivery: Delivery,
    now: int,
    report: SourceReport,
) -> SourceReport:
    if _mark(delivery).exists():
        return _again(county, declaration, delivery, now, report)
    try:
        taken, retried = take_landed(county, declaration, delivery, now)
    except (Unreadable, MappingError) as error:
        log.warning("delivery %s of %s: %s", delivery.digest[:12], declaration.name, error)
        return replace(report, problem=_joined(report.problem, str(error)))
    appended = report.appended + sum(r.appended for r in retried)
    return replace(report, appended=appended, retried=report.retried + len(retried)).plus(taken)


def take_landed(
    county: County, declaration: SourceDeclaration, delivery: Delivery, now: int
) -> tuple[TakeReport, list[TakeReport]]:
    """Take a landed delivery, then the rows that waited for a hazard it brought."""
    known_at = max(delivery.received_at, now)
    report = take(Taking(county, declaration, delivery), now=now, known_at=delivery.received_at)
    retried = list(_retry_waiting(county, report.new_hazards, now, known_at))
    _mark(delivery).touch()
    return report, retried


def _retry_waiting(
    county: County, hazards: tuple[str, ...], now: int, known_at: int
) -> Iterator[TakeReport]:
    if not hazards:
        return
    with reading(county.engine) as connection:
        rows = quarantine.waiting_for(connection, county.code, hazards)
    for (source, digest), lines in rows.groupby(["source", "delivery"])["line"]:
        delivery = load(_folder(county, str(source), str(digest)))
        taking = Taking(county, county.sources[str(source)], delivery)
        yield take(taking, now=now, known_at=known_at, only=frozenset(lines.tolist()))


def _folder(county: County, source: str, digest: str) -> Path:
    return county.landing / source / digest[:2] / digest


def _again(
    county: County,
    declaration: SourceDeclaration,
    delivery: Delivery,
    now: int,
    report: SourceReport,
) -> SourceReport:
    """The same bytes again: nothing new, but a source that is asked has answered."""
    return report.plus(confirm(Taking(county, declaration, delivery), now))


def _cursor(county: County, source: str) -> tuple[str, int]:
    """(cursor, instant of the last successful pull), ("", 0) before the first."""
    query = select(source_cursor.c.cursor, source_cursor.c.pulled_at).where(
        source_cursor.c.county == county.code, source_cursor.c.source == source
    )
    with reading(county.engine) as connection:
        row = connection.execute(query).one_or_none()
    return (row.cursor, row.pulled_at) if row else ("", 0)


def _joined(problem: str, more: str) -> str:
    return f"{problem}; {more}" if problem else more
