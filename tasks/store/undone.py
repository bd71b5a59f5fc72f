"""Closures that people saw and that later knowledge undid, as one query over the spans.

A superseded row of `hazard_span` that was the last of its life and showed it closed is what people
saw from seq_from until seq_to. It was undone when the hazard stands otherwise now and its life has
no such closure any more: a reopening keeps the closure on record and undoes nothing.
"""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, or_, select

from schemas.period import FOREVER
from schemas.tables import event, ledger_slice
from schemas.tables_projections import finding, hazard_span, identity_link, side_step
from schemas.vocabulary import Note, State
from tasks.store import bulk

_CLOSED = int(State.CLOSED)
_LINKS = ("linked", "parted")
_EVENT = (
    *("seq", "stream_id", "kind", "claimed_at", "received_at", "actor", "source", "source_id"),
    "payload",
)


def closures(connection: Connection, county: str) -> pd.DataFrame:
    """Undone closures that nobody settled, the latest of each hazard.

    Columns: root_id (of today), seen_as (the root then), state, town_code, sector_code, severity,
    closed_at, seq_from, seq_to, first_seq and undone_at of the slice that undid it, unit_name,
    description, source, source_id.
    """
    seen, now, f = hazard_span.alias("seen"), hazard_span.alias("now"), finding.c
    s, n, sl = seen.c, now.c, ledger_slice.c
    root = finding.alias("root")
    query = (
        select(
            *(n.root_id, s.root_id.label("seen_as"), n.state, n.town_code, n.sector_code),
            *(n.severity, s.closed_at, s.seq_from, s.seq_to),
            *(sl.first_seq, sl.received_at.label("undone_at")),
            *(root.c.unit_name, root.c.description, root.c.source, root.c.source_id),
        )
        .join_from(seen, finding, and_(f.county == s.county, f.stream_id == s.root_id))
        .join(now, and_(n.county == s.county, n.root_id == f.root_id))
        .join(root, and_(root.c.county == s.county, root.c.stream_id == f.root_id))
        .join(ledger_slice, and_(sl.county == s.county, sl.last_seq == s.seq_to))
        .where(s.county == county, s.seq_to < FOREVER, s.claimed_to == FOREVER)
        .where(s.state == _CLOSED, n.seq_to == FOREVER, n.claimed_to == FOREVER)
        .where(n.state != _CLOSED, ~_is_on_record(seen), ~_is_settled(seen))
        .order_by(s.seq_to, n.root_id)
    )
    return bulk.select(connection, query).drop_duplicates("root_id", keep="last")


def _is_on_record(seen: FromClause) -> ColumnElement[bool]:
    """The life as known today still has this closure, or a later one."""
    kept = hazard_span.alias("kept")
    joined = finding.alias("joined")
    f = joined.c
    return exists(
        select(kept.c.root_id)
        .join(joined, and_(f.county == kept.c.county, f.root_id == kept.c.root_id))
        .where(f.county == seen.c.county, f.stream_id == seen.c.root_id)
        .where(kept.c.seq_to == FOREVER, kept.c.state == _CLOSED)
        .where(kept.c.closed_at >= seen.c.closed_at)
    )


def _is_settled(seen: FromClause) -> ColumnElement[bool]:
    """An operator has said since that it is settled, of any finding of the cluster."""
    own, member, step = finding.alias("own"), finding.alias("member"), side_step.c
    is_member = and_(member.c.county == step.county, member.c.stream_id == step.stream_id)
    is_one = and_(own.c.county == step.county, own.c.root_id == member.c.root_id)
    return exists(
        select(step.event_seq)
        .join(member, is_member)
        .join(own, is_one)
        .where(step.county == seen.c.county, step.kind == Note.CONFLICT_SETTLED.value)
        .where(step.seq_to == FOREVER, step.event_seq > seen.c.seq_to)
        .where(own.c.stream_id == seen.c.root_id)
    )


def events_of(connection: Connection, county: str, roots: Sequence[str]) -> pd.DataFrame:
    """Events of these hazards and of the decisions that tore others from them, with root_id."""
    f, link, e = finding.c, identity_link.c, event.c
    with bulk.keys(connection, roots) as wanted:
        members = select(f.root_id, f.stream_id).where(f.county == county, f.root_id.in_(wanted))
        own = bulk.select(connection, members)
        touching = select(link.stream_a, link.stream_b).where(link.county == county)
        ours = members.with_only_columns(f.stream_id)
        touching = touching.where(or_(link.stream_a.in_(ours), link.stream_b.in_(ours)))
        links = bulk.select(connection, touching)
    pairs = _streams(own, links)
    query = select(*(e[c] for c in _EVENT)).where(e.county == county)
    with bulk.keys(connection, pairs["stream_id"].unique()) as wanted:
        events = bulk.select(connection, query.where(e.stream_id.in_(wanted)))
    told = pairs.merge(events, on="stream_id")
    return told[told["is_own"] | told["kind"].isin(_LINKS)].sort_values("seq")


def _streams(own: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """root_id, stream_id, is_own: the members, and the other ends of links that touch them."""
    root = own.set_index("stream_id")["root_id"]
    ends = pd.concat(
        [
            pd.DataFrame({"root_id": links[a].map(root), "stream_id": links[b]})
            for a, b in (("stream_a", "stream_b"), ("stream_b", "stream_a"))
        ]
    ).dropna()
    both = pd.concat([own.assign(is_own=True), ends.assign(is_own=False)])
    return both.drop_duplicates(["root_id", "stream_id"])
