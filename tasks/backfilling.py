"""A county's history: everything its sources have is taken, every past edition that is due is out.

Promise: oldest first; running again changes nothing, and after a kill the next run goes on where
this one stopped, with the same figures. Where a source did not answer, nothing is published: a
first edition without it would be a wrong one. A period that cannot be published is named with its
reason and holds up no other. Deliveries and editions are each taken under their own fenced lease,
so a run that is started twice has one effect.

    bihuan backfill --home HOME
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from rules.history import due, first_day
from rules.kinds import RECURRING
from rules.periods import week_of
from schemas.period import Period
from schemas.settings import Settings
from schemas.vocabulary import EditionKind
from tasks.county import County, open_county
from tasks.intake.collect import SourceReport, collect_source, summary
from tasks.publication import archive
from tasks.publication.releasing import EditionReport, PublishRefused
from tasks.publishing import LIVES, publish
from tasks.rejecting import export_new
from tasks.site import build_all, shows
from tasks.store import events
from tasks.store.documents import adopt
from tasks.store.engine import reading
from tasks.store.schema import require_current

log = logging.getLogger(__name__)
_TOTALS = ("received", "taken", "refused", "known", "appended")


@dataclass(frozen=True)
class Asked:
    """What is to be made up for.

    since: no edition of a period before the one with this day. revise: count a published period
    again where something was told of it since. dry_run: say which editions are missing, no more.
    """

    kinds: tuple[EditionKind, ...] = RECURRING
    since: date | None = None
    revise: bool = False
    dry_run: bool = False
    now: str = ""  # a simulated clock's ISO instant, for demo homes only; "": each home's own


@dataclass
class CountyReport:
    """The stable keys of one county in `bihuan backfill --json`."""

    home: str
    county: str = ""
    name: dict[str, str] = field(default_factory=dict)
    ok: bool = True
    problem: str = ""  # why the county stopped; what is counted here was done before
    collected: dict[str, int] = field(default_factory=dict)
    degraded: list[dict[str, str]] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)  # sources without an address here
    due: int = 0
    kept: int = 0  # editions that were there
    published: int = 0
    corrected: int = 0
    drafts: int = 0  # wait for a signature
    missing: list[str] = field(default_factory=list)  # dry run: KIND/PERIOD that would be published
    refused: list[dict[str, str]] = field(default_factory=list)
    editions: list[dict[str, Any]] = field(default_factory=list)
    seconds: int = 0


def backfill_home(home: Path, asked: Asked, lang: str = "en") -> dict[str, Any]:
    """One county's CountyReport as plain data. What goes wrong is in it, nothing is raised.

    lang: of reasons that are told to people.
    """
    report, began = CountyReport(str(home)), perf_counter()
    try:
        _backfill(home, asked, report, lang)
    except Exception as error:
        log.exception("backfill of %s stopped", home)
        report.problem = said(error, lang)
    report.ok = not (report.problem or report.degraded or report.refused)
    report.seconds = round(perf_counter() - began)
    return asdict(report)


def said(error: Exception, lang: str) -> str:
    """One line; a refusal speaks the reader's language."""
    words = error.said(lang) if hasattr(error, "said") else f"{type(error).__name__}: {error}"
    return " ".join(words.split())[:500]


def _backfill(home: Path, asked: Asked, report: CountyReport, lang: str) -> None:
    clock = {"now": asked.now} if asked.now else {}
    county = open_county(Settings.load(home, **clock))
    try:
        report.county, report.name = county.code, county.organisation.name.model_dump()
        require_current(county.engine)
        now = county.now()
        if not asked.dry_run:
            _collect(county, now, report)
        if not report.degraded:
            _publish_all(county, _due(county, now, asked), now, asked, report, lang)
    finally:
        county.engine.dispose()


def _collect(county: County, now: int, report: CountyReport) -> None:
    """Every source that has an address here, from where its cursor stands: at first from the
    beginning."""
    adopt(county, now)
    asked = [name for name in county.sources if name in county.settings.sources]
    report.unset = [name for name in county.sources if name not in asked]
    reports = [_collected(county, name, now) for name in asked]
    found = summary(reports)
    report.collected = {name: found[name] for name in _TOTALS}
    report.degraded = found["degraded"]


def _collected(county: County, name: str, now: int) -> SourceReport:
    report = collect_source(county, name, now)
    export_new(county, report)
    return report


def _due(county: County, now: int, asked: Asked) -> list[Period]:
    """Periods from the first thing that is told of to the present; none in an empty county."""
    with reading(county.engine) as connection:
        span = events.claimed_span(connection, county.code, 0, LIVES)
    if span is None:
        return []
    told = week_of(span[0], county.zone).first_day
    first = first_day(told, county.policy.go_live, asked.since)
    return due(first, now, asked.kinds, county.policy, county.days)


def _publish_all(
    county: County,
    periods: Sequence[Period],
    now: int,
    asked: Asked,
    report: CountyReport,
    lang: str,
) -> None:
    report.due = len(periods)
    last = None
    for period in periods:
        name = f"{period.kind}/{period.code}"
        known = _latest(county, period)
        if asked.dry_run:
            report.kept += known is not None
            report.missing += [] if known is not None else [name]
            continue
        revise = asked.revise and known is not None and _was_told_since(county, period, known)
        try:
            last = publish(county, period, now, revise=revise, history=True)
        except PublishRefused as error:
            report.refused.append({"edition": name, "reason": said(error, lang)})
            continue
        _count(report, last)
    if last is not None:
        _show(county, report, last)


def _latest(county: County, period: Period) -> int | None:
    """The watermark of the period's latest edition."""
    with reading(county.engine) as connection:
        found = archive.latest(connection, county.code, period)
    return found.watermark if found else None


def _was_told_since(county: County, period: Period, watermark: int) -> bool:
    with reading(county.engine) as connection:
        return events.any_claimed(
            connection, county.code, watermark, LIVES, period.start, period.end
        )


def _count(report: CountyReport, made: EditionReport) -> None:
    if made.state != "published":
        report.drafts += 1
    elif not made.is_new:
        report.kept += 1
    elif made.edition == 1:
        report.published += 1
    else:
        report.corrected += 1
    report.editions.append(
        {
            "kind": made.kind,
            "period": made.period,
            "edition": made.edition,
            "body_digest": made.edition_doc["body_digest"],
            "state": made.state,
            "is_new": made.is_new,
        }
    )


def _show(county: County, report: CountyReport, last: EditionReport) -> None:
    """The sites follow once, at the end: they are made of all editions."""
    shown = last.state != "published" or shows(county, last.edition_doc)
    if report.published or report.corrected or not shown:
        build_all(county)
