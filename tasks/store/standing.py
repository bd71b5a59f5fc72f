"""Where hazards stand now: the present span of each, as one indexed query."""

from collections.abc import Iterable
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Connection, and_, func, select

from rules.lifecycle import OPEN_STATES
from schemas.period import FOREVER
from schemas.tables import event
from schemas.tables_projections import finding, hazard_span
from schemas.vocabulary import FACT_RANK, FactKind
from tasks.store import bulk

_S = hazard_span.c
_NOW = and_(_S.seq_to == FOREVER, _S.claimed_to == FOREVER)


def standing(connection: Connection, county: str, roots: Iterable[str]) -> pd.DataFrame:
    """The present row of each of these hazards."""
    query = select(hazard_span).where(_S.county == county, _NOW)
    with bulk.keys(connection, roots) as wanted:
        return bulk.select(connection, query.where(_S.root_id.in_(wanted)))


def awaiting(connection: Connection, county: str) -> pd.DataFrame:
    """Open hazards without a passing acceptance: what the clocks run for.

    Columns: root_id, due_at, listed_level, severity, verified_at, town_code, sector_code, marks,
    unit_name.
    """
    query = (
        select(
            _S.root_id,
            _S.due_at,
            _S.listed_level,
            _S.severity,
            _S.verified_at,
            _S.town_code,
            _S.sector_code,
            _S.marks,
            finding.c.unit_name,
        )
        .join(finding, and_(finding.c.county == _S.county, finding.c.stream_id == _S.root_id))
        .where(
            _S.county == county,
            _NOW,
            _S.state.in_([int(s) for s in OPEN_STATES]),
            _S.accepted_at == 0,
        )
    )
    return bulk.select(connection, query)


def asked_since(connection: Connection, county: str, roots: Iterable[str]) -> pd.Series:
    """When an extension was last asked for (UTC ms), by root, for those that ever asked."""
    asked = FACT_RANK[FactKind.EXTENSION_ASKED]
    query = select(_S.root_id, func.max(_S.claimed_from).label("asked_at")).where(
        _S.county == county, _S.seq_to == FOREVER, _S.entered_by == asked
    )
    with bulk.keys(connection, roots) as wanted:
        query = query.where(_S.root_id.in_(wanted)).group_by(_S.root_id)
        return bulk.select(connection, query).set_index("root_id")["asked_at"]


def extensions_asked(
    connection: Connection, county: str, roots: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """What the last request for an extension of each hazard says, by root: `at` (UTC ms), `actor`
    and the update's own fields."""
    member = and_(finding.c.county == event.c.county, finding.c.stream_id == event.c.stream_id)
    query = (
        select(finding.c.root_id, event.c.claimed_at, event.c.actor, event.c.payload)
        .join(finding, member)
        .where(event.c.county == county, event.c.kind == FactKind.EXTENSION_ASKED.value)
        .order_by(event.c.claimed_at, event.c.seq)
    )
    with bulk.keys(connection, roots) as wanted:
        rows = connection.execute(query.where(finding.c.root_id.in_(wanted)))
        return {
            row.root_id: {"at": row.claimed_at, "actor": row.actor} | orjson.loads(row.payload)
            for row in rows
        }
