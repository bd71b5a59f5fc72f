"""What reporting units have filed: the rows of `submission`."""

from typing import Any

from sqlalchemy import func, select

from schemas.tables import event, submission
from tasks.store import bulk
from tasks.store.engine import Connection

_S = submission.c


def first_received(
    connection: Connection, county: str, period: str, watermark: int
) -> dict[tuple[str, str], int]:
    """First receipt (UTC ms) of a period by (source, unit), as known at the watermark."""
    query = (
        select(_S.source, _S.reporting_unit, func.min(_S.received_at).label("received_at"))
        .where(_S.county == county, _S.period == period, _S.seq <= watermark)
        .group_by(_S.source, _S.reporting_unit)
    )
    rows = bulk.select(connection, query)
    return {(s, u): int(r) for s, u, r in bulk.tuples(rows, list(rows.columns))}


def telling(connection: Connection, county: str, since: int, end: int) -> list[dict[str, Any]]:
    """Submissions after event `since` with an event claimed before `end` (UTC ms), in order.

    Keys: source, reporting_unit, period, received_at, delivery, rows_taken.
    """
    claimed = select(event.c.delivery).where(
        event.c.county == county, event.c.seq > since, event.c.claimed_at < end
    )
    query = (
        select(_S.source, _S.reporting_unit, _S.period, _S.received_at, _S.delivery, _S.rows_taken)
        .where(_S.county == county, _S.seq > since, _S.rows_taken > 0)
        .where(_S.delivery.in_(claimed))
        .order_by(_S.seq)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
