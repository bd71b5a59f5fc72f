"""The pulse of a county: what `bihuan status` says and `/metrics` measures, from the store alone.

Promise: reads only, a handful of queries whatever the county's size; times are UTC ms, 0 for never.
"""

from dataclasses import dataclass
from typing import Any

from schemas.period import HOUR_MS
from tasks.county import County
from tasks.hazard_lists import Request, listed
from tasks.pending import pending
from tasks.store import ladder_rungs, ledger, pulse
from tasks.store.engine import reading


@dataclass(frozen=True)
class SourcePulse:
    """One source. rows: ever taken and refused; quarantined: refused rows that wait now."""

    source: str
    title: dict[str, str]
    pulled_at: int
    failing_since: int
    received_at: int
    taken: int
    refused: int
    quarantined: int
    is_late: bool

    @property
    def refused_share(self) -> float:
        """Of the rows judged, 0 to 1."""
        judged = self.taken + self.refused
        return self.refused / judged if judged else 0.0


@dataclass(frozen=True)
class Pulse:
    """A county at `at`. overdue: of the open hazards; pending: matters that wait for a person;
    proposals: rungs of the ladder that nobody has confirmed or dropped."""

    county: str
    at: int
    head_seq: int
    head_hash: str
    head_at: int
    open: int
    overdue: int
    pending: int
    pending_overdue: int
    proposals: int
    unsent: int
    unsent_since: int
    sources: tuple[SourcePulse, ...]


def take(county: County, now: int) -> Pulse:
    """The pulse at `now` (UTC ms)."""
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        head_at = pulse.appended_at(connection, county.code, head.seq)
        unsent, since = pulse.unsent(connection, county.code)
        known = pulse.by_source(connection, county.code)
        proposals = len(ladder_rungs.undecided(connection, county.code))
    waits = pending(county, now)
    return Pulse(
        county=county.code,
        at=now,
        head_seq=head.seq,
        head_hash=head.hash,
        head_at=head_at,
        open=listed(county, Request(), now, 1)["total"],
        overdue=listed(county, Request(overdue=True), now, 1)["total"],
        pending=len(waits),
        pending_overdue=sum(one.is_overdue(now) for one in waits),
        proposals=proposals,
        unsent=unsent,
        unsent_since=since,
        sources=tuple(_source(county, name, known.get(name, {}), now) for name in county.sources),
    )


def _source(county: County, name: str, row: dict[str, Any], now: int) -> SourcePulse:
    declared = county.sources[name]
    pulled = int(row.get("pulled_at", 0))
    longest = declared.longest_silence * HOUR_MS
    return SourcePulse(
        source=name,
        title=declared.title.model_dump(),
        pulled_at=pulled,
        failing_since=int(row.get("failing_since", 0)),
        received_at=int(row.get("received_at", 0)),
        taken=int(row.get("taken", 0)),
        refused=int(row.get("refused", 0)),
        quarantined=int(row.get("quarantined", 0)),
        is_late=bool(row.get("failing_since")) or now - pulled > longest,
    )
