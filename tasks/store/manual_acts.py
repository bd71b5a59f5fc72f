"""What people did by hand: the events of the source `operator` on hazards, by its index."""

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, func, select

from schemas.period import FOREVER
from schemas.tables import event
from schemas.tables_projections import fact_note, finding
from schemas.vocabulary import StreamKind
from tasks.store import bulk

SOURCE = "operator"
_E = event.c


def acts(connection: Connection, county: str, start: int, end: int) -> pd.DataFrame:
    """Acts entered in [start, end) (UTC ms), in order: the event with its payload as JSON text.

    Columns: seq, hazard, kind, claimed_at, received_at, actor, payload, number (source:number),
    town_code, and `outcome`, `reason` of those that did not simply apply ("" for those that did).
    """
    # Sorted here: asked for in order, SQLite would walk the whole ledger in that order.
    return bulk.select(connection, _query(county, start, end)).sort_values("seq")


def _query(county: str, start: int, end: int) -> Select[Any]:
    f, note = finding.c, fact_note.c
    mine = and_(f.county == _E.county, f.stream_id == _E.stream_id)
    noted = and_(note.county == _E.county, note.event_seq == _E.seq, note.seq_to == FOREVER)
    return (
        select(
            *(_E.seq, _E.stream_id.label("hazard"), _E.kind, _E.claimed_at, _E.received_at),
            *(_E.actor, _E.payload, (f.source + ":" + f.source_id).label("number"), f.town_code),
            func.coalesce(note.outcome, "").label("outcome"),
            func.coalesce(note.reason, "").label("reason"),
        )
        .join(finding, mine)
        .outerjoin(fact_note, noted)
        .where(_E.county == county, _E.source == SOURCE)
        .where(_E.stream_kind == StreamKind.HAZARD.value)
        .where(_E.received_at >= start, _E.received_at < end)
    )
