"""Messages that wait to be sent: the rows of `outbox`."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import select

from schemas.tables import outbox
from tasks.store import bulk
from tasks.store.changes import GROUP, Change
from tasks.store.engine import Connection


def beginning(messages: pd.DataFrame) -> Change:
    """New messages, to be written with the slice that causes them; columns of the table."""
    return Change(outbox, messages.assign(sent_at=None, **{GROUP: -1}))


def waiting(connection: Connection, county: str) -> list[tuple[str, str]]:
    """(key, body) of every message that was not sent."""
    query = select(outbox.c.key, outbox.c.body).where(
        outbox.c.county == county, outbox.c.sent_at.is_(None)
    )
    return [(row.key, row.body) for row in connection.execute(query)]


def mark_sent(connection: Connection, county: str, keys: Iterable[str], at: int) -> None:
    """Say that these messages left at `at` (UTC ms)."""
    for key in keys:
        mine = (outbox.c.county == county) & (outbox.c.key == key)
        connection.execute(outbox.update().where(mine).values(sent_at=at))


def known(connection: Connection, county: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that a message has already."""
    query = select(outbox.c.key).where(outbox.c.county == county)
    with bulk.keys(connection, keys) as wanted:
        return {row.key for row in connection.execute(query.where(outbox.c.key.in_(wanted)))}
