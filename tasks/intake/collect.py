"""Collect: pull a source, land what it gives, take it into the ledger; one dead source stops none.

Promise: what was landed is taken, in this run or, after a crash, in the next; a source that fails
is named with its reason and everything else goes on (Degraded). Running again appends nothing. The
cursor moves last and never past a delivery that could not be read, so whatever a source mends comes
again.
"""

import logging
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from schemas.source import SourceDeclaration
from tasks.configuration import ConfigurationError
from tasks.county import County
from tasks.intake.accounting import TakeReport
from tasks.intake.commitments import commit
from tasks.intake.drafts import LINES, Taking
from tasks.intake.landing import Delivery, land, landed, load
from tasks.intake.landing_redaction import told
from tasks.intake.marks import Marks
from tasks.intake.submitting import confirm
from tasks.intake.take import Taken, take
from tasks.sources.base import Pulled, PullRequest, SourceDown, SourceRefused
from tasks.sources.registry import puller
from tasks.store import quarantine, submissions
from tasks.store.engine import reading, writing
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
    left_out: int = 0
    refused_by: dict[str, int] = field(default_factory=dict)
    refused_in: tuple[str, ...] = ()  # deliveries
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
            left_out=self.left_out + report.left_out,
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


@dataclass(frozen=True)
class _Pull:
    """Deliveries as they were landed, in the source's order, and why there are no more, if so."""

    deliveries: list[Delivery]
    problem: str
    pulls: submissions.Pulls  # before this one
    answered: bool = True  # the source was reached, whatever its answer was worth

    def before(self, broken: Container[str]) -> list[Delivery]:
        """Those before the first that could not be read."""
        return list(takewhile(lambda d: d.digest not in broken, self.deliveries))


def collect_source(county: County, name: str, now: int, whole: bool = False) -> SourceReport:
    """Pull, land and take one source. Never raises for what the source does; the report says it.

    whole: ask for everything from the beginning, wherever the cursor stands.
    """
    declaration = county.sources[name]
    with hold(county.engine, county.code, f"collect:{name}"):
        marks = Marks(county)
        left = [d for d in landed(county.landing, name) if not marks.is_taken(d)]
        pull = _pulled(county, declaration, now, whole)
        report = SourceReport(name, problem=pull.problem)
        for delivery in (d for d in pull.deliveries if marks.is_taken(d)):
            again, appended = confirm(Taking(county, declaration, (delivery,)), now)
            report = replace(report.plus(again), appended=report.appended + appended)
        new = {d.digest: d for d in (*left, *pull.deliveries) if not marks.is_taken(d)}
        broken: set[str] = set()
        if new:
            report, broken = _taken(report, county, declaration, tuple(new.values()), pull, now)
        _move_cursor(county, name, pull, broken, now)
        return report


def _pulled(county: County, declaration: SourceDeclaration, now: int, whole: bool) -> _Pull:
    with reading(county.engine) as connection:
        cursor, pulls = submissions.cursor(connection, county.code, declaration.name)
    cursor = "" if whole else cursor
    landing = _Landing(cursor)
    try:
        settings = county.source_settings(declaration.name)
        request = PullRequest(declaration, settings, cursor, now, county.landing)
        for pulled in puller(declaration)(request):
            landing.land(county, declaration, pulled, now, pulls)
    except (SourceDown, ConfigurationError) as error:
        landing.problems.append(told(error, declaration))
        landing.answered = isinstance(error, SourceDown) and error.code == "content"
    problem = "; ".join(landing.problems)
    if problem:
        log.warning("source %s is degraded: %s", declaration.name, problem)
    return _Pull(landing.deliveries, problem, pulls, landing.answered)


@dataclass
class _Landing:
    """Deliveries being landed. One whose reporters cannot be told from the rest is refused and
    stops no other; the cursor stays before the first of these, so that it is offered again."""

    cursor: str
    deliveries: list[Delivery] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    answered: bool = True

    def land(
        self,
        county: County,
        declaration: SourceDeclaration,
        pulled: Pulled,
        now: int,
        before: submissions.Pulls,
    ) -> None:
        try:
            landed = land_one(county, declaration, pulled, now, before)
        except SourceRefused as error:
            if error.code != "content":
                raise
            self.problems.append(told(error, declaration))
            return
        if not self.problems:
            self.cursor = landed.cursor_after
        self.deliveries.append(replace(landed, cursor_after=self.cursor))


def _move_cursor(county: County, source: str, pull: _Pull, broken: set[str], now: int) -> None:
    """Once the rows are committed, and not past what could not be read: that is asked for again."""
    read = pull.before(broken)
    clean = not pull.problem and len(read) == len(pull.deliveries)
    with writing(county.engine) as connection:
        after = read[-1].cursor_after if read else None
        # One unit's unreadable file is no failure of ours: it moves no other unit's deadline.
        weekly = county.sources[source].cadence == "weekly"
        pulls = pull.pulls.after(now, succeeded=clean or (weekly and pull.answered))
        submissions.move_cursor(connection, county.code, source, after, pulls)
        connection.commit()


def land_one(
    county: County,
    declaration: SourceDeclaration,
    pulled: Pulled,
    now: int,
    before: submissions.Pulls,
) -> Delivery:
    """The delivery as it was landed first, but with the cursor of this pull."""
    delivery = land(
        county.landing,
        declaration,
        pulled,
        received_at=now,
        previous_pull_at=before.succeeded_at,
        failing_since=before.failing_since,
        county=county.code,
        seal=county.vault.seal,
    )
    return replace(delivery, cursor_after=pulled.cursor_after)


def _taken(
    report: SourceReport,
    county: County,
    declaration: SourceDeclaration,
    deliveries: tuple[Delivery, ...],
    pull: _Pull,
    now: int,
) -> tuple[SourceReport, set[str]]:
    """The report, and the digests of deliveries that could not be read."""
    taken, retried = take_landed(county, declaration, deliveries, now)
    offered = {d.digest for d in pull.deliveries}
    for position, each in enumerate(taken.reports):
        if position not in taken.problems:
            report = report.plus(each)
            if each.refused:
                refused_in = (*report.refused_in, deliveries[position].digest)
                report = replace(report, refused_in=refused_in)
        elif deliveries[position].digest in offered or pull.problem:
            log.warning("delivery of %s: %s", declaration.name, taken.problems[position])
            report = report.degraded(taken.problems[position])
        else:
            _put_aside(county, deliveries[position], taken.problems[position])
    appended = report.appended + taken.appended + sum(t.appended for t in retried)
    rows = sum(r.taken for t in retried for r in t.reports)
    broken = {deliveries[position].digest for position in taken.problems}
    return replace(report, appended=appended, retried=rows), broken


def _put_aside(county: County, delivery: Delivery, problem: str) -> None:
    """The source, asked from the same cursor on, gives something else now: it mended itself."""
    log.info("put aside, the source does not give it any more: %s; %s", delivery.path, problem)
    Marks(county).set([delivery])


def take_landed(
    county: County,
    declaration: SourceDeclaration,
    deliveries: tuple[Delivery, ...],
    now: int,
    again: bool = False,
) -> tuple[Taken, list[Taken]]:
    """Take landed deliveries of one source, then the rows that waited for a hazard they brought.

    Asked of the store, not of what was new here: a run that was killed in between left some too.
    """
    taking = Taking(county, declaration, deliveries, again)
    known_at = int(taking.received.max())
    committed = commit(county, deliveries, now) if declaration.hides() else 0
    taken = take(taking, now=now, known_at=known_at)
    taken = replace(taken, appended=taken.appended + committed)
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
