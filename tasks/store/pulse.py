"""How a county's store is doing, as a few counts: nothing here is asked row by row."""

from typing import Any

from sqlalchemy import func, select

from schemas.period import FOREVER
from schemas.tables import event, outbox, quarantine, source_cursor, submission
from tasks.store.engine import Connection


def appended_at(connection: Connection, county: str, seq: int) -> int:
    """When event `seq` was written (UTC ms); 0 where there is none."""
    query = select(event.c.appended_at).where(event.c.county == county, event.c.seq == seq)
    return int(connection.execute(query).scalar() or 0)


def unsent(connection: Connection, county: str) -> tuple[int, int]:
    """Messages that wait, and since when the oldest does (UTC ms; 0: none)."""
    query = select(func.count(), func.min(outbox.c.created_at)).where(
        outbox.c.county == county, outbox.c.sent_at.is_(None)
    )
    count, oldest = connection.execute(query).one()
    return int(count), int(oldest or 0)


def by_source(connection: Connection, county: str) -> dict[str, dict[str, Any]]:
    """Per source: pulled_at, failing_since, received_at (last), taken, refused (rows ever),
    quarantined (rows that wait)."""
    found: dict[str, dict[str, Any]] = {}
    for query in (_cursors(county), _rows(county), _quarantined(county)):
        for row in connection.execute(query).mappings():
            found.setdefault(row["source"], {}).update(row)
    return found


def _cursors(county: str) -> Any:
    c = source_cursor.c
    return select(c.source, c.pulled_at, c.failing_since).where(c.county == county)


def _rows(county: str) -> Any:
    s = submission.c
    return (
        select(
            s.source,
            func.max(s.received_at).label("received_at"),
            func.sum(s.rows_taken).label("taken"),
            func.sum(s.rows_refused).label("refused"),
        )
        .where(s.county == county)
        .group_by(s.source)
    )


def _quarantined(county: str) -> Any:
    q = quarantine.c
    return (
        select(q.source, func.count().label("quarantined"))
        .where(q.county == county, q.seq_to == FOREVER)
        .group_by(q.source)
    )
