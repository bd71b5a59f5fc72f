"""Events as the audit and a late submission ask for them: in order, and by the times they tell."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from schemas.events import EVENT_COLUMNS
from schemas.tables import event
from tasks.store import bulk
from tasks.store.engine import Connection


def numbered(connection: Connection, county: str, after: int, limit: int) -> list[tuple[Any, ...]]:
    """The events numbered after+1 to after+limit that are there, as tuples of EVENT_COLUMNS."""
    query = (
        select(*(event.c[c] for c in EVENT_COLUMNS))
        .where(event.c.county == county, event.c.seq > after, event.c.seq <= after + limit)
        .order_by(event.c.seq)
    )
    return [tuple(row) for row in connection.execute(query)]


def claimed_span(
    connection: Connection, county: str, since: int, kinds: Sequence[str]
) -> tuple[int, int] | None:
    """First and last claimed time (UTC ms) after event `since`, in streams of these kinds."""
    query = select(func.min(event.c.claimed_at), func.max(event.c.claimed_at)).where(
        event.c.county == county, event.c.seq > since, event.c.stream_kind.in_(kinds)
    )
    first, last = connection.execute(query).one()
    return None if first is None else (int(first), int(last))


def any_claimed(
    connection: Connection, county: str, since: int, kinds: Sequence[str], start: int, end: int
) -> bool:
    """Whether anything after event `since` was claimed in [start, end), in such streams."""
    query = (
        select(event.c.seq)
        .where(
            event.c.county == county,
            event.c.seq > since,
            event.c.stream_kind.in_(kinds),
            event.c.claimed_at >= start,
            event.c.claimed_at < end,
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


def any_until(connection: Connection, county: str, until: int, kinds: Sequence[str]) -> bool:
    """Whether one of the events up to `until` is in a stream of these kinds."""
    query = (
        select(event.c.seq)
        .where(event.c.county == county, event.c.seq <= until, event.c.stream_kind.in_(kinds))
        .limit(1)
    )
    return connection.execute(query).first() is not None


def of_stream(connection: Connection, county: str, stream: str) -> pd.DataFrame:
    """A stream's events in order of arrival: columns of EVENT_COLUMNS."""
    query = select(*(event.c[c] for c in EVENT_COLUMNS)).where(
        event.c.county == county, event.c.stream_id == stream
    )
    return bulk.select(connection, query.order_by(event.c.version))
