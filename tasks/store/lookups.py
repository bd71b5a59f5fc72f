"""What the store already knows of the rows, streams and places at hand.

Every look-up takes a set of keys and gives a frame; nothing is asked row by row.
"""

from collections.abc import Iterable
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Connection, Table, func, select

from schemas.period import FOREVER
from schemas.tables import event
from schemas.tables_projections import finding, identity_link
from schemas.vocabulary import SIDE_KINDS, FactKind, RecordKind
from tasks.store import bulk

FOLD_EVENT_COLUMNS = (
    "seq",
    "stream_id",
    "kind",
    "source",
    "record",
    "source_id",
    "row_digest",
    "claimed_at",
    "sent_at",
    "received_at",
    "file_by",
    "payload",
)
# Payload columns that the fold reads; others stay in the ledger.
FOLD_PAYLOAD = (
    "organisation",
    "person",
    "second_person",
    "reason",
    "implied",
    "responsible_unit",
    "measures",
    "due_general",
    "due_major",
    "funding_planned_fen",
    "funding_source",
    "plan_reference",
    "interim_control",
    "finished_on",
    "work_done",
    "funding_spent_fen",
    "evidence",
    "town_code",
    "sector_code",
    "severity",
    "channel",
    "target",
    "asked_at",
    "listing_number",
    "listing_level",
    "opening",
    "interim_from",
    "interim_until",
    "policy_days",
    "amount_fen",
)
PLACE_EVENT_COLUMNS = (
    "stream_id",
    "source_id",
    "claimed_at",
    "sent_at",
    "row_digest",
    "payload",
)
PLACE_PAYLOAD = ("place_class", "town_code", "sector_code", "name", "active_to")
# What `rules.facts.prepare` takes: facts of the life, and what happens beside it.
FOLDED = tuple(k.value for k in (*FactKind, *SIDE_KINDS))


def known_revisions(
    connection: Connection, county: str, source: str, record: str, ids: Iterable[str]
) -> pd.DataFrame:
    """Revisions the ledger has of these ids: record, source_id, sent_at, row_digest, delivery."""
    e = event.c
    query = select(e.record, e.source_id, e.sent_at, e.row_digest, e.delivery).where(
        e.county == county, e.source == source, e.record == record
    )
    with bulk.keys(connection, ids) as wanted:
        return bulk.select(connection, query.where(e.source_id.in_(wanted)))


def stream_lengths(connection: Connection, county: str, streams: Iterable[str]) -> pd.Series:
    """Number of events by stream id, for those of the streams that exist."""
    e = event.c
    query = select(e.stream_id, func.max(e.version).label("length")).where(e.county == county)
    with bulk.keys(connection, streams) as wanted:
        query = query.where(e.stream_id.in_(wanted)).group_by(e.stream_id)
        frame = bulk.select(connection, query)
    return frame.set_index("stream_id")["length"].astype("int64") if len(frame) else _no_lengths()


def _no_lengths() -> pd.Series:
    return pd.Series([], index=pd.Index([], dtype="str"), dtype="int64")


def roots_of(connection: Connection, county: str, streams: Iterable[str]) -> pd.Series:
    """Cluster root by hazard stream, for those of the streams that exist."""
    return _findings(connection, county, "stream_id", streams).set_index("stream_id")["root_id"]


def members_of(connection: Connection, county: str, roots: Iterable[str]) -> pd.DataFrame:
    """The findings of whole clusters, by their roots."""
    return _findings(connection, county, "root_id", roots)


def findings_by_stream(connection: Connection, county: str, streams: Iterable[str]) -> pd.DataFrame:
    """The findings of these hazard streams."""
    return _findings(connection, county, "stream_id", streams)


def findings_at(connection: Connection, county: str, places: pd.DataFrame) -> pd.DataFrame:
    """Findings known at these places, whatever their category, by any column of `places`.

    places: columns of `finding` that name a place; "" names none.
    """
    found = [
        _findings(connection, county, column, named)
        for column in places.columns
        if len(named := places.loc[places[column] != "", column].unique())
    ]
    return pd.concat(found, ignore_index=True).drop_duplicates("stream_id", ignore_index=True)


def findings_since(connection: Connection, county: str, start: int | None) -> pd.DataFrame:
    """All findings found at `start` (UTC ms) or later, or all."""
    query = select(finding).where(finding.c.county == county)
    return bulk.select(connection, query.where(finding.c.found_at >= start) if start else query)


def links_of(connection: Connection, county: str, streams: Iterable[str]) -> pd.DataFrame:
    """a, b, score of every link whose lesser end is one of these streams."""
    link = identity_link.c
    query = select(link.stream_a.label("a"), link.stream_b.label("b"), link.score)
    with bulk.keys(connection, streams) as wanted:
        query = query.where(link.county == county, link.stream_a.in_(wanted))
        return bulk.select(connection, query)


def _findings(
    connection: Connection, county: str, column: str, values: Iterable[str]
) -> pd.DataFrame:
    values = list(values)
    if not values:
        return pd.DataFrame(columns=[c.name for c in finding.columns])
    query = select(finding).where(finding.c.county == county)
    with bulk.keys(connection, values) as wanted:
        return bulk.select(connection, query.where(finding.c[column].in_(wanted)))


def facts_of(connection: Connection, county: str, streams: Iterable[str]) -> pd.DataFrame:
    """All that FOLDED names of these hazard streams, with the payload columns the fold reads."""
    query = select(*(event.c[c] for c in FOLD_EVENT_COLUMNS)).where(event.c.county == county)
    with bulk.keys(connection, streams) as wanted:
        events = bulk.select(connection, query.where(event.c.stream_id.in_(wanted)))
    return unpacked(events[events["kind"].isin(FOLDED)].reset_index(drop=True))


def own_events(
    connection: Connection, county: str, streams: Iterable[str], source: str
) -> pd.DataFrame:
    """Updates that one source told of these streams: seq, source_id, kind."""
    e = event.c
    query = select(e.seq, e.source_id, e.kind).where(
        e.county == county, e.source == source, e.record == RecordKind.UPDATE.value
    )
    with bulk.keys(connection, streams) as wanted:
        return bulk.select(connection, query.where(e.stream_id.in_(wanted)).order_by(e.seq))


def last_said(connection: Connection, county: str, stream: str, kind: str) -> dict[str, Any]:
    """What the last event of this kind on a stream says, with its actor; {} where there is none."""
    query = select(event.c.actor, event.c.payload).where(
        event.c.county == county, event.c.stream_id == stream, event.c.kind == kind
    )
    row = connection.execute(query.order_by(event.c.version.desc()).limit(1)).one_or_none()
    return {} if row is None else {"actor": row.actor} | orjson.loads(row.payload)


def place_events(connection: Connection, county: str, streams: Iterable[str]) -> pd.DataFrame:
    """All revisions of these places with the payload columns of `unpacked_places`."""
    query = select(*(event.c[n] for n in PLACE_EVENT_COLUMNS)).where(event.c.county == county)
    with bulk.keys(connection, streams) as wanted:
        return unpacked_places(bulk.select(connection, query.where(event.c.stream_id.in_(wanted))))


def unpacked_places(events: pd.DataFrame) -> pd.DataFrame:
    """Place events with PLACE_PAYLOAD beside them, in place of the JSON text."""
    payloads = [orjson.loads(p) for p in events["payload"].tolist()]
    columns = {
        n: pd.Series([p.get(n) for p in payloads], dtype=_dtype(n), index=events.index)
        for n in PLACE_PAYLOAD
    }
    return events.drop(columns="payload").assign(**columns)


def current(
    connection: Connection, county: str, table: Table, key: str, values: Iterable[str]
) -> pd.DataFrame:
    """The present rows of a bitemporal table by one key column, without county and seq range."""
    columns = [c for c in table.columns if c.name not in ("county", "seq_from", "seq_to")]
    query = select(*columns).where(table.c.county == county, table.c.seq_to == FOREVER)
    with bulk.keys(connection, values) as wanted:
        return bulk.select(connection, query.where(table.c[key].in_(wanted)))


def unpacked(events: pd.DataFrame) -> pd.DataFrame:
    """Events with their payload's fold columns beside them, in place of the JSON text."""
    payloads = [orjson.loads(p) for p in events["payload"].tolist()]
    columns = {
        name: pd.Series([p.get(name) for p in payloads], dtype=_dtype(name), index=events.index)
        for name in FOLD_PAYLOAD
    }
    return pd.concat([events.drop(columns="payload"), pd.DataFrame(columns)], axis=1)


_INTEGERS = {
    "active_to",
    "due_general",
    "due_major",
    "funding_planned_fen",
    "funding_spent_fen",
    "finished_on",
    "asked_at",
    "implied",
    "opening",
    "interim_from",
    "interim_until",
    "policy_days",
    "amount_fen",
}


def _dtype(name: str) -> str:
    return "Int64" if name in _INTEGERS else "str"
