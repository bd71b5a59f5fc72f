"""Everything the store has of one hazard: every row that names one of its findings.

Keyed look-ups only, but for messages that name a hazard in their text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, Table, and_, or_, select

from schemas.period import FOREVER
from schemas.tables import event, outbox
from schemas.tables_projections import (
    finding,
    hazard_span,
    identity_link,
    listing,
    listing_hazard,
    rung,
)
from tasks.store import bulk

_HIDDEN = ("county", "appended_at", "prev_hash", "hash", "stream_kind")
_LINKS = ("linked", "parted")


@dataclass(frozen=True)
class Rows:
    """Frames with the columns of their tables, but for county and what seals the ledger."""

    members: pd.DataFrame
    events: pd.DataFrame
    spans: pd.DataFrame  # the present ones, in the order of the life
    links: pd.DataFrame  # every decision about a member, with the number of its event
    link_events: pd.DataFrame
    rungs: pd.DataFrame
    messages: pd.DataFrame
    listings: pd.DataFrame


def rows_of(connection: Connection, county: str, root: str) -> Rows:
    """All rows of the hazard whose root this is."""
    query = select(finding).where(finding.c.county == county, finding.c.root_id == root)
    members = bulk.select(connection, query.order_by(finding.c.found_at, finding.c.stream_id))
    streams = members["stream_id"].tolist()
    links = _links(connection, county, streams)
    rungs = _of(connection, county, rung, "root_id", streams, "fired_at")
    return Rows(
        members=members,
        events=_events(connection, county, streams),
        spans=_spans(connection, county, root),
        links=links,
        link_events=_events(connection, county, links["stream_b"].unique(), _LINKS),
        rungs=rungs,
        messages=_messages(connection, county, streams),
        listings=_listings(connection, county, streams),
    )


def _of(
    connection: Connection, county: str, table: Table, key: str, keys: Sequence[str], order: str
) -> pd.DataFrame:
    columns = table.c
    query = select(table).where(columns.county == county).order_by(columns[order])
    with bulk.keys(connection, keys) as wanted:
        return bulk.select(connection, query.where(columns[key].in_(wanted)))


def _events(
    connection: Connection, county: str, streams: Iterable[str], kinds: Sequence[str] = ()
) -> pd.DataFrame:
    columns = [c for c in event.columns if c.name not in _HIDDEN]
    query = select(*columns).where(event.c.county == county)
    if kinds:
        query = query.where(event.c.kind.in_(kinds))
    with bulk.keys(connection, streams) as wanted:
        found = bulk.select(connection, query.where(event.c.stream_id.in_(wanted)))
    # Sorted here: asked for in order, SQLite would walk the whole ledger in that order.
    return found.sort_values("seq", ignore_index=True)


def _spans(connection: Connection, county: str, root: str) -> pd.DataFrame:
    s = hazard_span.c
    query = select(hazard_span).where(s.county == county, s.root_id == root, s.seq_to == FOREVER)
    return bulk.select(connection, query.order_by(s.ordinal))


def _links(connection: Connection, county: str, streams: Sequence[str]) -> pd.DataFrame:
    link = identity_link.c
    query = select(identity_link).where(link.county == county)
    with bulk.keys(connection, streams) as wanted:
        touches = or_(link.stream_a.in_(wanted), link.stream_b.in_(wanted))
        return bulk.select(connection, query.where(touches).order_by(link.seq))


def _messages(connection: Connection, county: str, streams: Sequence[str]) -> pd.DataFrame:
    """Messages whose text names one of the streams; digests name every hazard they are about."""
    o = outbox.c
    names = [o.body.contains(stream, autoescape=True) for stream in streams]
    query = select(o.key, o.channel, o.recipient, o.kind, o.created_at, o.sent_at)
    query = query.where(o.county == county, or_(*names))
    return bulk.select(connection, query.order_by(o.created_at, o.key))


def _listings(connection: Connection, county: str, streams: Sequence[str]) -> pd.DataFrame:
    mine = and_(
        listing_hazard.c.county == listing.c.county,
        listing_hazard.c.listing_id == listing.c.listing_id,
    )
    query = select(listing).distinct().join(listing_hazard, mine)
    with bulk.keys(connection, streams) as wanted:
        chosen = listing_hazard.c.stream_id.in_(wanted)
        query = query.where(listing.c.county == county, chosen)
        return bulk.select(connection, query.order_by(listing.c.proposed_at))
