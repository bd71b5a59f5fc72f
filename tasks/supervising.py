"""Supervise: run the clocks of a county once: the ladder, listings, who did not report.

Promise: whatever this appends it appends once, whoever runs it however often; what a person must
confirm is a proposal and leaves only when confirmed. Who did not report and what waits for a person
is told by policy (notify.yaml), each once.
"""

from collections import Counter
from dataclasses import dataclass, field

from rules.periods import previous_week, week_of
from schemas.notify import Occasion
from tasks import listing_clock
from tasks.climbing import climb
from tasks.county import County
from tasks.listing_reminders import remind
from tasks.notifying import Notice, tell
from tasks.pending import pending, said
from tasks.posting import send
from tasks.publication.reporting import instant, owed
from tasks.store import ledger
from tasks.store.engine import reading
from tasks.store.lease import hold

SOURCE = "supervise"


@dataclass(frozen=True)
class SuperviseReport:
    """What one run of the clocks did."""

    fired: dict[str, int] = field(default_factory=dict)
    proposals: int = 0
    listed: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)
    messages: int = 0
    appended: int = 0


def supervise(county: County, now: int) -> SuperviseReport:
    """Fire what is due at `now` (UTC ms) and has not fired; running again does nothing."""
    with hold(county.engine, county.code, SOURCE):
        listed = listing_clock.run(county, now)  # first: a listed hazard climbs by other days
        rungs, climbed = ledger.settled(lambda: climb(county, now))
        remind(county, now)
        sent = send(county, now)
    missing = _silent(county, now)
    tell(county, [*_unreported(county, missing), *_undecided(county, now)], now)
    waiting = len(listed.proposed) - len(listed.numbers)
    return SuperviseReport(
        fired=dict(Counter(rungs["rung"].tolist())),
        proposals=int(rungs["proposal"].sum()) + waiting,
        listed=list(listed.numbers),
        adopted=list(listed.adopted),
        missing=missing,
        messages=sent,
        appended=climbed + listed.appended,
    )


def _silent(county: County, now: int) -> list[dict[str, str]]:
    """Who owes a submission for the week before and has not filed, past its deadline."""
    period = previous_week(week_of(now, county.zone), county.zone)
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        lines = owed(connection, county, period, head.seq)
    return [
        {
            "source": line.source,
            "unit": line.unit,
            "period": period.code,
            "due_at": instant(line.due_at, county.zone),
        }
        for line in lines
        if not line.received_at and line.due_at < now
    ]


def _unreported(county: County, missing: list[dict[str, str]]) -> list[Notice]:
    lang = county.settings.lang or "zh"
    towns = {town.code: getattr(town.name, lang) for town in county.organisation.towns}
    return [
        Notice(
            Occasion.SUBMISSION_MISSING,
            f"{one['source']}:{one['unit']}:{one['period']}",
            f"{towns.get(one['unit'], one['unit'])} {_title(county, one['source'], lang)}"
            f" {one['period']}",
            one["due_at"],
        )
        for one in missing
    ]


def _title(county: County, source: str, lang: str) -> str:
    return str(getattr(county.sources[source].title, lang))


def _undecided(county: County, now: int) -> list[Notice]:
    lang = county.settings.lang or "zh"
    return [
        Notice(
            Occasion.DECISION_PENDING,
            f"{one.asked}:{one.name}:{one.since}",
            said(county, one, lang),
            one.name,
        )
        for one in pending(county, now)
    ]
