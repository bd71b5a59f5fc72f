"""Listed and major hazards: notices given (`listing`), and what stands at a cut."""

from collections.abc import Iterable, Sequence

import orjson
import pandas as pd
from sqlalchemy import ColumnElement, and_, select

from rules.lifecycle import OPEN_STATES
from schemas.tables import event
from schemas.tables_projections import finding, hazard_span, listing
from schemas.vocabulary import FactKind, Severity
from tasks.store import bulk
from tasks.store.changes import GROUP, Change
from tasks.store.cube import Cut, holds, visible
from tasks.store.engine import Connection

_S = hazard_span.c


def noticed(connection: Connection, county: str) -> pd.DataFrame:
    """Every notice ever numbered: root_id, number."""
    query = select(listing.c.root_id, listing.c.number).where(listing.c.county == county)
    return bulk.select(connection, query)


def beginning(notices: pd.DataFrame) -> Change:
    """New notices, to be written with their events; columns of the table."""
    return Change(listing, notices.assign(**{GROUP: -1}))


def open_majors(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Open major hazards at the cut, with the columns `rules.listing` reads."""
    return _standing(connection, cut, _S.severity == int(Severity.MAJOR))


def open_listed(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Open hazards that are listed at the cut."""
    return _standing(connection, cut, _S.listed_level > 0)


def _standing(connection: Connection, cut: Cut, condition: ColumnElement[bool]) -> pd.DataFrame:
    columns: Sequence[ColumnElement[object]] = (
        _S.root_id, _S.state, _S.verified_at, _S.listed_level, _S.town_code, _S.sector_code,
    )  # fmt: skip
    query = (
        select(*columns, finding.c.unit_name)
        .join(finding, and_(finding.c.county == _S.county, finding.c.stream_id == _S.root_id))
        .where(visible(cut), holds(cut.end), condition, _S.state.in_([int(s) for s in OPEN_STATES]))
    )
    return bulk.select(connection, query)


def last_notices(
    connection: Connection, cut: Cut, roots: Iterable[str]
) -> dict[str, tuple[str, int]]:
    """(number, listed at) by root, of the last listing fact before the cut."""
    query = (
        select(finding.c.root_id, event.c.claimed_at, event.c.payload)
        .join(
            event,
            and_(event.c.county == finding.c.county, event.c.stream_id == finding.c.stream_id),
        )
        .where(
            finding.c.county == cut.county,
            event.c.kind == FactKind.LISTED.value,
            event.c.seq <= cut.watermark,
            event.c.claimed_at < cut.end,
        )
        .order_by(event.c.claimed_at, event.c.source_id)
    )
    with bulk.keys(connection, roots) as wanted:
        frame = bulk.select(connection, query.where(finding.c.root_id.in_(wanted)))
    rows = bulk.tuples(frame, ["root_id", "payload", "claimed_at"])
    return {r: (str(orjson.loads(p).get("listing_number", "")), int(at)) for r, p, at in rows}
