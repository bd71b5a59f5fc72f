"""Collect: pull a source, land what it gives, take it into the ledger; one dead source stops none.

Promise: what was landed is taken, in this run or, after a crash, in the next; a source that fails
is named with its reason and everything else goes on (Degraded). Running again appends nothing.
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from schemas.source import SourceDeclaration
from tasks.configuration import ConfigurationError
from tasks.county import County
from tasks.intake.accounting import TakeReport
from tasks.intake.drafts import LINES, Taking
from tasks.intake.landing import Delivery, land, landed, load
from tasks.intake.marks import Marks
from tasks.intake.submitting import confirm
from tasks.intake.take import Taken, take
from tasks.sources.base import Pulled, PullRequest, SourceDown
from tasks.sources.registry import puller
from tasks.store import quarantine, submissions
from tasks.store.engine import reading
from tasks.store.lease import hold

log = logging.getLogger(__name__)


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
            deliveries=self.deliveries + 1,
            refused_by=codes,
        )

    def degraded(self, problem: str) -> "SourceReport":
        return replace(self, problem=f"{self.problem}; {problem}" if self.problem else problem)


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
        marks = Marks(county)
        left = [d for d in landed(county.landing, name) if not marks.is_taken(d)]
        pulled, problem = _pulled(county, declaration, now)
        if problem:
            report = report.degraded(problem)
        for delivery in (d for d in pulled if marks.is_taken(d)):
            again, appended = confirm(Taking(county, declaration, (delivery,)), now)
            report = replace(report.plus(again), appended=report.appended + appended)
        known = {d.digest for d in left}
        fresh = [d for d in pulled if d.digest not in known and not marks.is_taken(d)]
        new = (*left, *fresh)
        return _taken(report, county, declaration, new, now) if new else report


def _pulled(county: County, declaration: SourceDeclaration, now: int) -> tuple[list[Delivery], str]:
    """Deliveries as they were landed, and the reason why the source gave no more, if any."""
    with reading(county.engine) as connection:
        cursor, pulled_at = submissions.cursor(connection, county.code, declaration.name)
    deliveries: list[Delivery] = []
    try:
        settings = county.source_settings(declaration.name)
        request = PullRequest(declaration, settings, cursor, now)
        for pulled in puller(declaration)(request):
            deliveries.append(land_one(county, declaration, pulled, now, pulled_at))
    except (SourceDown, ConfigurationError) as error:
        log.warning("source %s is degraded: %s", declaration.name, error)
        return deliveries, str(error)
    return deliveries, ""


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


def _taken(
    report: SourceReport,
    county: County,
    declaration: SourceDeclaration,
    deliveries: tuple[Delivery, ...],
    now: int,
) -> SourceReport:
    taken, retried = take_landed(county, declaration, deliveries, now)
    for position, each in enumerate(taken.reports):
        if position in taken.problems:
            log.warning("delivery of %s: %s", declaration.name, taken.problems[position])
            report = report.degraded(taken.problems[position])
        else:
            report = report.plus(each)
    appended = report.appended + taken.appended + sum(t.appended for t in retried)
    rows = sum(r.taken for t in retried for r in t.reports)
    return replace(report, appended=appended, retried=rows)


def take_landed(
    county: County, declaration: SourceDeclaration, deliveries: tuple[Delivery, ...], now: int
) -> tuple[Taken, list[Taken]]:
    """Take landed deliveries of one source, then the rows that waited for a hazard they brought.

    Asked of the store, not of what was new here: a run that was killed in between left some too.
    """
    taking = Taking(county, declaration, deliveries)
    known_at = int(taking.received.max())
    taken = take(taking, now=now, known_at=known_at)
    retried = list(_retry_waiting(county, now, known_at))
    Marks(county).set(d for i, d in enumerate(deliveries) if i not in taken.problems)
    return taken, retried


def _retry_waiting(county: County, now: int, known_at: int) -> Iterator[Taken]:
    with reading(county.engine) as connection:
        rows = quarantine.waited_enough(connection, county.code)
    for source, lines in rows.groupby("source"):
        digests = sorted(lines["delivery"].unique())
        deliveries = tuple(load(_folder(county, str(source), digest)) for digest in digests)
        place = {digest: position * LINES for position, digest in enumerate(digests)}
        only = frozenset((lines["delivery"].map(place) + lines["line"]).tolist())
        taking = Taking(county, county.sources[str(source)], deliveries)
        yield take(taking, now=now, known_at=known_at, only=only)


def _folder(county: County, source: str, digest: str) -> Path:
    return county.landing / source / digest[:2] / digest
