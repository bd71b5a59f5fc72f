"""What reporting units have filed: the rows of `submission`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import and_, select

from schemas.tables import event, source_cursor, submission, submission_quality
from tasks.store import bulk
from tasks.store.engine import Connection

_S = submission.c


def first_received(
    connection: Connection, county: str, period: str, watermark: int
) -> dict[tuple[str, str], tuple[int, int]]:
    """First receipt of a period and when it was due (UTC ms) by (source, unit), as known then."""
    query = (
        select(_S.source, _S.reporting_unit, _S.received_at, _S.due_at)
        .where(_S.county == county, _S.period == period, _S.seq <= watermark)
        .order_by(_S.received_at.desc(), _S.seq.desc())
    )
    rows = bulk.select(connection, query)  # the first receipt comes last and stays
    return {(s, u): (int(r), int(d)) for s, u, r, d in bulk.tuples(rows, list(rows.columns))}


def delivered(
    connection: Connection, county: str, periods: Sequence[str], watermark: int
) -> pd.DataFrame:
    """Deliveries of these periods that had new rows, in order: source, reporting_unit, period,
    received_at, delivery, rows_taken, rows_refused, profile (JSON; nothing where there is none)."""
    q = submission_quality.c
    profiled = and_(q.county == _S.county, q.delivery == _S.delivery, q.seq <= watermark)
    columns = (_S.source, _S.reporting_unit, _S.period, _S.received_at, _S.delivery)
    query = (
        select(*columns, _S.rows_taken, _S.rows_refused, q.profile)
        .join_from(submission, submission_quality, profiled, isouter=True)
        .where(_S.county == county, _S.period.in_(list(periods)), _S.seq <= watermark)
        .where(_S.rows_taken + _S.rows_refused > 0)
        .order_by(_S.seq, _S.delivery)
    )
    return bulk.select(connection, query)


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


@dataclass(frozen=True)
class Pulls:
    """Our last successful pull of a source and our first failed one since; 0: none (UTC ms)."""

    succeeded_at: int = 0
    failing_since: int = 0

    def after(self, now: int, succeeded: bool) -> "Pulls":
        return Pulls(now) if succeeded else Pulls(self.succeeded_at, self.failing_since or now)


def cursor(connection: Connection, county: str, source: str) -> tuple[str, Pulls]:
    """(cursor, pulls so far), ("", none) before the first."""
    c = source_cursor.c
    query = select(c.cursor, c.pulled_at, c.failing_since)
    row = connection.execute(query.where(c.county == county, c.source == source)).one_or_none()
    return (row.cursor, Pulls(row.pulled_at, row.failing_since)) if row else ("", Pulls())


def move_cursor(
    connection: Connection, county: str, source: str, after: str | None, pulls: Pulls
) -> None:
    """`after` None leaves the cursor where it stands."""
    values: dict[str, Any] = {
        "pulled_at": pulls.succeeded_at,
        "failing_since": pulls.failing_since,
    }
    named = {"county": county, "source": source, "cursor": ""}
    bulk.insert_if_absent(connection, source_cursor, named | values)
    mine = (source_cursor.c.county == county) & (source_cursor.c.source == source)
    values |= {} if after is None else {"cursor": after}
    connection.execute(source_cursor.update().where(mine).values(**values))
