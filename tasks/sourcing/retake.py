"""Replay: landed deliveries are taken again after a mapping was mended; nobody is asked again.

Promise: a row that is known appends nothing; a row that was refused and passes now is taken and
released from quarantine; a row whose content the mended mapping reads differently is a new
revision. Running again appends nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from schemas.source import SourceDeclaration
from tasks.county import County
from tasks.intake.collect import SourceReport, take_landed
from tasks.intake.drafts import LINES, Taking
from tasks.intake.landing import Delivery, landed
from tasks.intake.marks import Marks
from tasks.intake.take import Taken, take
from tasks.store import quarantine
from tasks.store.engine import reading
from tasks.store.lease import hold

AT_ONCE = 100  # deliveries in memory at a time


@dataclass(frozen=True)
class Retaken:
    """What the replay gave; `released` rows left quarantine."""

    report: SourceReport
    released: int


def retake(county: County, name: str, since: int, now: int) -> Retaken:
    """Take every delivery of a source that was received at `since` (UTC ms) or later."""
    declaration = county.sources[name]
    report, released = SourceReport(name), 0
    with hold(county.engine, county.code, f"collect:{name}"):
        found = [d for d in landed(county.landing, name) if d.received_at >= since]
        for start in range(0, len(found), AT_ONCE):
            some = tuple(found[start : start + AT_ONCE])
            report = _read(report, county, declaration, some, now)
            released += _release(county, declaration, some, now)
    return Retaken(report, released)


def _read(
    report: SourceReport,
    county: County,
    declaration: SourceDeclaration,
    deliveries: tuple[Delivery, ...],
    now: int,
) -> SourceReport:
    """Those that were taken before, then those that could not be read or were interrupted."""
    marks = Marks(county)
    taken_before = {d.digest for d in deliveries if marks.is_taken(d)}
    for again in (True, False):
        some = tuple(d for d in deliveries if (d.digest in taken_before) == again)
        if some:
            report = _plus(report, *take_landed(county, declaration, some, now, again))
    return report


def _plus(report: SourceReport, taken: Taken, retried: list[Taken]) -> SourceReport:
    for position, each in enumerate(taken.reports):
        problem = taken.problems.get(position)
        report = report.degraded(problem) if problem else report.plus(each)
    rows = sum(r.taken for t in retried for r in t.reports)
    appended = report.appended + taken.appended + sum(t.appended for t in retried)
    return replace(report, appended=appended, retried=report.retried + rows)


def _release(
    county: County, declaration: SourceDeclaration, deliveries: tuple[Delivery, ...], now: int
) -> int:
    """Rows in quarantine that pass now: they have been taken above, so they leave it."""
    place = {d.digest: position * LINES for position, d in enumerate(deliveries)}
    before = _standing(county, declaration.name, place)
    if not before:
        return 0
    taking = Taking(county, declaration, deliveries)
    take(taking, now=now, known_at=int(taking.received.max()), only=before)
    return len(before) - len(_standing(county, declaration.name, place))


def _standing(county: County, source: str, place: dict[str, int]) -> frozenset[int]:
    """Refused lines of these deliveries as `Taking` numbers them."""
    with reading(county.engine) as connection:
        rows = quarantine.standing(connection, county.code, source)
    mine = rows[rows["delivery"].isin(place)]
    return frozenset((mine["delivery"].map(place).astype("int64") + mine["line"]).tolist())


def since_day(first: date | None, zone: str) -> int:
    """The beginning of a day in the county's zone as UTC ms; 0 for no day."""
    if first is None:
        return 0
    return int(datetime.combine(first, time(), ZoneInfo(zone)).timestamp() * 1000)
