"""Listings and their hazards, and what of major and listed hazards stands at a cut."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields

import orjson
import pandas as pd
from sqlalchemy import ColumnElement, and_, select

from rules.lifecycle import OPEN_STATES
from rules.listing_life import Listing
from schemas.tables import event
from schemas.tables_projections import WEIGHTY, finding, hazard_span, listing, listing_hazard
from schemas.vocabulary import FactKind, ListingLevel, ListingState
from tasks.store import bulk
from tasks.store.changes import GROUP, Change
from tasks.store.engine import Connection
from tasks.store.measures import Cut, holds, visible
from tasks.store.roots import roots_at

_S = hazard_span.c
_NAMES = tuple(f.name for f in fields(Listing))


def every(connection: Connection, county: str) -> list[Listing]:
    """All listings of the county, in the order of their ids; a county has some dozens a year."""
    query = select(*(listing.c[n] for n in _NAMES)).where(listing.c.county == county)
    rows = connection.execute(query.order_by(listing.c.listing_id)).mappings()
    return [_listing(dict(row)) for row in rows]


def one(connection: Connection, county: str, key: str) -> Listing | None:
    """A listing by its id or its number."""
    named = (listing.c.listing_id == key) | (listing.c.number == key)
    query = select(*(listing.c[n] for n in _NAMES)).where(listing.c.county == county, named)
    row = connection.execute(query).mappings().one_or_none()
    return _listing(dict(row)) if row else None


def _listing(row: dict[str, object]) -> Listing:
    level, state = ListingLevel(int(str(row["level"]))), ListingState(int(str(row["state"])))
    return Listing(**(row | {"level": level, "state": state, "number": row["number"] or ""}))  # type: ignore[arg-type]


def written(rows: Iterable[Listing], known: Iterable[str] = ()) -> Change:
    """Listings as they are from now on; `known`: the ids that the table has already."""
    frame = pd.DataFrame([asdict(row) | {"number": row.number or None, GROUP: -1} for row in rows])
    old = frame.loc[frame["listing_id"].isin(list(known)), ["listing_id", GROUP]]
    return Change(listing, frame, ("listing_id",), old)


def joined(hazards: Mapping[str, Sequence[str]]) -> Change:
    """New listings' hazards: streams by listing id."""
    rows = [(key, stream, -1) for key, streams in hazards.items() for stream in streams]
    return Change(listing_hazard, pd.DataFrame(rows, columns=["listing_id", "stream_id", GROUP]))


def hazards(connection: Connection, county: str) -> pd.DataFrame:
    """Every listing's hazards: listing_id, stream_id, and root_id as it is by now."""
    h = listing_hazard.c
    mine = and_(finding.c.county == h.county, finding.c.stream_id == h.stream_id)
    query = select(h.listing_id, h.stream_id, finding.c.root_id).join(finding, mine)
    return bulk.select(connection, query.where(h.county == county))


def numbers(connection: Connection, county: str) -> list[str]:
    """Every number ever given, those of listings raised since among them."""
    mine = and_(listing.c.county == event.c.county, listing.c.listing_id == event.c.stream_id)
    query = select(event.c.payload).join(listing, mine).where(event.c.county == county)
    said = [orjson.loads(text) for (text,) in connection.execute(query)]
    return [one["number"] for one in said if one.get("number")]


def open_majors_and_listed(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Open hazards at the cut that are major or listed, with the columns `rules.listing` reads."""
    columns: Sequence[ColumnElement[object]] = (
        _S.root_id, _S.state, _S.severity, _S.verified_at, _S.listed_level, _S.town_code,
        _S.sector_code, _S.due_at,
    )  # fmt: skip
    query = (
        select(*columns, finding.c.unit_name)
        .join(finding, and_(finding.c.county == _S.county, finding.c.stream_id == _S.root_id))
        .where(
            visible(cut),
            holds(cut.end),
            WEIGHTY,
            _S.state.in_([int(s) for s in OPEN_STATES]),
        )
    )
    return bulk.select(connection, query)


def open_listed(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Those of them that are listed."""
    rows = open_majors_and_listed(connection, cut)
    return rows[rows["listed_level"] > 0].reset_index(drop=True)


def last_notices(
    connection: Connection, cut: Cut, roots: Iterable[str]
) -> dict[str, tuple[str, int]]:
    """(number, listed at) by root, of the last listing fact before the cut."""
    rows = notices(connection, cut, roots)
    columns = (rows[name].tolist() for name in ("root_id", "number", "claimed_at"))
    return {root: (number, int(at)) for root, number, at in zip(*columns, strict=True)}


def notices(connection: Connection, cut: Cut, roots: Iterable[str]) -> pd.DataFrame:
    """The last listing fact before the cut of each root: root_id, number, claimed_at, source."""
    query = (
        select(event.c.stream_id, event.c.claimed_at, event.c.source, event.c.payload)
        .where(
            event.c.county == cut.county,
            event.c.kind == FactKind.LISTED.value,
            event.c.seq <= cut.watermark,
            event.c.claimed_at < cut.end,
        )
        .order_by(event.c.claimed_at, event.c.source_id)
    )
    frame = bulk.select(connection, query)
    known = roots_at(connection, cut, frame["stream_id"]) if len(frame) else []
    frame["root_id"] = pd.Series(known, dtype="str")
    frame = frame[frame["root_id"].isin(list(roots))].drop(columns="stream_id")
    said = [str(orjson.loads(p).get("listing_number", "")) for p in frame["payload"].tolist()]
    rows = frame.drop(columns="payload").assign(number=said)
    return rows.drop_duplicates("root_id", keep="last", ignore_index=True)
