"""What reporting units have filed: the rows of `submission`."""

from typing import Any

from sqlalchemy import func, select

from schemas.tables import event, source_cursor, submission
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


def of_source(connection: Connection, county: str, source: str) -> list[Any]:
    """Every submission of a source: delivery, reporting_unit, period."""
    query = select(_S.delivery, _S.reporting_unit, _S.period)
    return list(connection.execute(query.where(_S.county == county, _S.source == source)))


def last_of(connection: Connection, county: str, source: str) -> dict[str, Any]:
    """The newest submission of a source as a row of its table, {} before the first."""
    query = select(submission).where(_S.county == county, _S.source == source)
    row = connection.execute(query.order_by(_S.seq.desc()).limit(1)).mappings().one_or_none()
    return dict(row) if row else {}


def rows_of(connection: Connection, county: str, delivery: str) -> int:
    """Rows a delivery had when it was taken; 0 for one that is not known."""
    query = select(_S.rows_received).where(_S.county == county, _S.delivery == delivery)
    return int(connection.execute(query).scalar() or 0)


def add(connection: Connection, county: str, seq: int, row: dict[str, Any]) -> None:
    connection.execute(submission.insert().values(county=county, seq=seq, **row))


def cursor(connection: Connection, county: str, source: str) -> tuple[str, int]:
    """(cursor, instant of the last successful pull), ("", 0) before the first."""
    c = source_cursor.c
    query = select(c.cursor, c.pulled_at).where(c.county == county, c.source == source)
    row = connection.execute(query).one_or_none()
    return (row.cursor, row.pulled_at) if row else ("", 0)


def move_cursor(
    connection: Connection, county: str, source: str, after: str | None, pulled_at: int
) -> None:
    """`after` None leaves the cursor where it stands."""
    named = {"county": county, "source": source}
    bulk.insert_if_absent(connection, source_cursor, named | {"cursor": "", "pulled_at": 0})
    mine = (source_cursor.c.county == county) & (source_cursor.c.source == source)
    values = {"pulled_at": pulled_at} | ({} if after is None else {"cursor": after})
    connection.execute(source_cursor.update().where(mine).values(**values))
