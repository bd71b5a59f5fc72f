"""Listings as people look at them: all with what they owe, one with its steps, 应挂未挂, by hand.

Reads only, save `propose`, which begins a listing that no clock would propose.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson
import pandas as pd

from rules.listing import unlisted
from rules.listing_duties import Duty, duties
from rules.listing_life import Listing, Said, after
from schemas.vocabulary import ListingLevel, ListingState, ListingStep, Severity, StreamKind
from tasks.county import County
from tasks.entering import hazard_roots
from tasks.listing_steps import RECORD, SOURCE, named, payload
from tasks.own_events import append, own_drafts
from tasks.publication.reporting import instant
from tasks.refusing import Refusal
from tasks.store import events, ledger, listings
from tasks.store.engine import Connection, reading
from tasks.store.standing import awaiting, standing

_ENDED = (ListingState.REFUSED, ListingState.CLOSED)


class CannotPropose(Refusal):
    """What is to be listed is unknown, of two units, or listed already; the text says which."""

    area = "refusal.listing"


def overview(county: County, now: int) -> dict[str, Any]:
    """Every listing with its next duty; counts by sector and level; what should be listed."""
    with reading(county.engine) as connection:
        rows = listings.every(connection, county.code)
        hazards = listings.hazards(connection, county.code)
        verified = verified_of(connection, county, hazards)
        open_ = awaiting(connection, county.code)
    majors = open_[open_["severity"] == int(Severity.MAJOR)]
    late = majors[unlisted(majors, county.policy, county.days, now)]
    shown = [_line(county, row, hazards, verified, now) for row in rows]
    counted = Counter((row.sector_code, row.level.name.lower()) for row in rows if _stands(row))
    return {
        "listings": shown,
        "counts": [{"sector": s, "level": v, "count": n} for (s, v), n in sorted(counted.items())],
        "unlisted": late["root_id"].tolist(),
    }


def shown(county: County, key: str, now: int) -> dict[str, Any]:
    """One listing: its row, hazards, duties and steps. Raises NoSuchListing."""
    with reading(county.engine) as connection:
        row = named(connection, county, key)
        hazards = listings.hazards(connection, county.code)
        hazards = hazards[hazards["listing_id"] == row.listing_id]
        verified = verified_of(connection, county, hazards)
        present = standing(connection, county.code, hazards["root_id"])
        steps = events.of_stream(connection, county.code, row.listing_id)
    owed = duties_of(county, row, verified)
    return {
        "listing": _line(county, row, hazards, verified, now),
        "hazards": present[["root_id", "state", "due_at", "accepted_at"]].to_dict("records"),
        "duties": [_duty(county, duty, now) for duty in owed],
        "steps": [_step(county, step) for step in steps.to_dict("records")],
    }


def propose(
    county: County,
    hazards: Sequence[str],
    level: ListingLevel,
    *,
    reason: str,
    actor: str,
    now: int,
    dry_run: bool = False,
) -> str:
    """Begin a listing of these hazards by hand; its id. Raises CannotPropose."""
    return ledger.settled(lambda: _propose(county, hazards, level, reason, actor, now, dry_run))


def _propose(
    county: County,
    hazards: Sequence[str],
    level: ListingLevel,
    reason: str,
    actor: str,
    now: int,
    dry_run: bool,
) -> str:
    roots = hazard_roots(county, hazards)
    if unknown := [name for name in hazards if name not in roots]:
        raise CannotPropose("no_hazards", {"hazards": ", ".join(unknown)})
    mine = sorted(set(roots.values()))
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        open_ = awaiting(connection, county.code).set_index("root_id")
        known = listings.hazards(connection, county.code)
        ended = [r.listing_id for r in listings.every(connection, county.code) if not _stands(r)]
    _check(mine, open_, known[~known["listing_id"].isin(ended)])
    first = open_.loc[mine[0]]
    row = Listing(
        f"listing:{mine[0].removeprefix('hazard:')}:{head.seq}", str(first["unit_name"] or ""),
        str(first["town_code"]), str(first["sector_code"]), level, SOURCE,
    )  # fmt: skip
    said = Said(now, level=level, reason=reason)
    row, told = after(row, ListingStep.PROPOSED, said), payload(row, said, tuple(mine))
    ids = pd.Series([row.listing_id])
    step = ListingStep.PROPOSED
    drafts = own_drafts(
        ids, StreamKind.LISTING, step.value, ids + f":{step}", [told], now,
        source=SOURCE, record=RECORD, actor=actor,
    )  # fmt: skip
    changes = (listings.written([row]), listings.joined({row.listing_id: mine}))
    if not dry_run:
        append(county, head, drafts, changes, now)
    return row.listing_id


def _check(named: list[str], open_: pd.DataFrame, known: pd.DataFrame) -> None:
    if gone := [name for name in named if name not in open_.index]:
        raise CannotPropose("nothing_to_supervise", {"hazards": ", ".join(gone)})
    if under := sorted(set(named) & set(known["root_id"])):
        raise CannotPropose("listed_already", {"hazards": ", ".join(under)})
    if len(units := sorted(set(open_.loc[named, "unit_name"].fillna("")))) > 1:
        raise CannotPropose("several_units", {"units": ", ".join(units)})


def _stands(row: Listing) -> bool:
    return row.state not in (*_ENDED, ListingState.DELISTED)


def verified_of(connection: Connection, county: County, hazards: pd.DataFrame) -> "pd.Series[int]":
    """When the first hazard of each listing was verified, by listing id."""
    present = standing(connection, county.code, hazards["root_id"].unique())
    at = hazards["root_id"].map(present.set_index("root_id")["verified_at"])
    return at[at > 0].groupby(hazards["listing_id"]).min()


def duties_of(county: County, row: Listing, verified: "pd.Series[int]") -> tuple[Duty, ...]:
    """All duties of a listing; verified: as `verified_of` gives it."""
    first = int(verified.get(row.listing_id, 0))
    return duties(row, first, county.policy.listing, county.days)


def _line(
    county: County, row: Listing, hazards: pd.DataFrame, verified: "pd.Series[int]", now: int
) -> dict[str, Any]:
    owed = [d for d in duties_of(county, row, verified) if not d.done_at]
    next_ = owed[0] if owed and row.state not in _ENDED else None
    mine = hazards.loc[hazards["listing_id"] == row.listing_id, "root_id"]
    return asdict(row) | {
        "state": row.state.name.lower(),
        "level": row.level.name.lower(),
        "hazards": mine.tolist(),
        "due_on": _day(county, row.due_at),
        "next_duty": next_.name if next_ else "",
        "next_due_on": _day(county, next_.due_at) if next_ else "",
        "is_late": bool(next_ and next_.is_late(now)),
    }


def _duty(county: County, duty: Duty, now: int) -> dict[str, Any]:
    return {
        "duty": duty.name,
        "due_on": _day(county, duty.due_at),
        "done": instant(duty.done_at, county.zone) if duty.done_at else "",
        "is_late": duty.is_late(now),
    }


def _step(county: County, event: dict[Any, Any]) -> dict[str, Any]:
    said = orjson.loads(event["payload"])
    return {
        "step": event["kind"],
        "at": instant(int(event["claimed_at"]), county.zone),
        "actor": event["actor"],
        "second_person": said.get("second_person", ""),
        "said": {k: v for k, v in said.items() if k not in ("at", "listing", "second_person")},
    }


def _day(county: County, end: int) -> str:
    """A date is stored as its 24:00."""
    return county.days.day_of(end - 1).isoformat() if end else ""
