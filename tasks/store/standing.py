"""Where hazards stand now: the present span of each, as one indexed query."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection, and_, select

from rules.lifecycle import OPEN_STATES
from schemas.period import FOREVER
from schemas.tables_projections import finding, hazard_span
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

    Columns: root_id, due_at, listed_level, severity, verified_at, town_code, sector_code,
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
