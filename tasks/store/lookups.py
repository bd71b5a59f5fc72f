"""What the store already knows of the rows, streams and places at hand.

Every look-up takes a set of keys and gives a frame; nothing is asked row by row.
"""

from collections.abc import Iterable

import orjson
import pandas as pd
from sqlalchemy import Connection, func, select
from sqlalchemy.sql import and_

from schemas.tables import event
from schemas.tables_projections import finding
from schemas.vocabulary import FactKind
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
)
FACTS = tuple(k.value for k in FactKind)


def known_revisions(
    connection: Connection, county: str, source: str, record: str, ids: Iterable[str]
) -> pd.DataFrame:
    """Revisions the ledger has of these ids: record, source_id, sent_at, row_digest, delivery."""
    with bulk.keys(connection, ids) as wanted:
        query = select(
            event.c.record, event.c.source_id, event.c.sent_at, event.c.row_digest, event.c.delivery
        ).join(
            wanted,
            and_(
                event.c.county == county,
                event.c.source == source,
                event.c.record == record,
                event.c.source_id == wanted.c.key,
            ),
        )
        return bulk.select(connection, query)


def stream_lengths(connection: Connection, county: str, streams: Iterable[str]) -> pd.Series:
    """Number of events by stream id, for those of the streams that exist."""
    with bulk.keys(connection, streams) as wanted:
        query = (
            select(event.c.stream_id, func.max(event.c.version).label("length"))
            .join(wanted, and_(event.c.county == county, event.c.stream_id == wanted.c.key))
            .group_by(event.c.stream_id)
        )
        frame = bulk.select(connection, query)
    return frame.set_index("stream_id")["length"].astype("int64") if len(frame) else _no_lengths()


def _no_lengths() -> pd.Series:
    return pd.Series([], index=pd.Index([], dtype="str"), dtype="int64")


def roots_of(connection: Connection, county: str, streams: Iterable[str]) -> pd.Series:
    """Cluster root by hazard stream, for those of the streams that exist."""
    with bulk.keys(connection, streams) as wanted:
        query = select(finding.c.stream_id, finding.c.root_id).join(
            wanted, and_(finding.c.county == county, finding.c.stream_id == wanted.c.key)
        )
        return bulk.select(connection, query).set_index("stream_id")["root_id"]


def members_of(connection: Connection, county: str, roots: Iterable[str]) -> pd.DataFrame:
    """The findings of whole clusters, by their roots."""
    with bulk.keys(connection, roots) as wanted:
        query = select(finding).join(
            wanted, and_(finding.c.county == county, finding.c.root_id == wanted.c.key)
        )
        return bulk.select(connection, query)


def findings_by_stream(connection: Connection, county: str, streams: Iterable[str]) -> pd.DataFrame:
    """The findings of these hazard streams."""
    with bulk.keys(connection, streams) as wanted:
        query = select(finding).join(
            wanted, and_(finding.c.county == county, finding.c.stream_id == wanted.c.key)
        )
        return bulk.select(connection, query)


def findings_at(connection: Connection, county: str, places: Iterable[str]) -> pd.DataFrame:
    """Findings known at these places, whatever their category."""
    with bulk.keys(connection, places) as wanted:
        query = select(finding).join(
            wanted, and_(finding.c.county == county, finding.c.place_key == wanted.c.key)
        )
        return bulk.select(connection, query)


def facts_of(connection: Connection, county: str, streams: Iterable[str]) -> pd.DataFrame:
    """All facts of these hazard streams with the payload columns the fold reads."""
    with bulk.keys(connection, streams) as wanted:
        query = (
            select(*(event.c[c] for c in FOLD_EVENT_COLUMNS))
            .join(wanted, and_(event.c.county == county, event.c.stream_id == wanted.c.key))
            .where(event.c.kind.in_(FACTS))
        )
        return unpacked(bulk.select(connection, query))


def unpacked(events: pd.DataFrame) -> pd.DataFrame:
    """Events with their payload's fold columns beside them, in place of the JSON text."""
    payloads = [orjson.loads(p) for p in events["payload"].tolist()]
    columns = {
        name: pd.Series([p.get(name) for p in payloads], dtype=_dtype(name), index=events.index)
        for name in FOLD_PAYLOAD
    }
    return pd.concat([events.drop(columns="payload"), pd.DataFrame(columns)], axis=1)


_INTEGERS = {
    "due_general",
    "due_major",
    "funding_planned_fen",
    "funding_spent_fen",
    "finished_on",
    "asked_at",
    "implied",
}


def _dtype(name: str) -> str:
    return "Int64" if name in _INTEGERS else "str"
