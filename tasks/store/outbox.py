"""Messages that wait to be sent: the rows of `outbox`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import pandas as pd
from sqlalchemy import select

from schemas.tables import outbox
from tasks.store import bulk
from tasks.store.changes import GROUP, Change
from tasks.store.engine import Connection


@dataclass(frozen=True)
class Message:
    """One message: where it goes by which channel, and what it says (canonical JSON)."""

    key: str
    channel: str
    recipient: str
    kind: str
    body: str


def beginning(messages: pd.DataFrame) -> Change:
    """New messages, to be written with the slice that causes them; columns of the table."""
    return Change(outbox, messages.assign(sent_at=None, **{GROUP: -1}))


def enter(connection: Connection, county: str, message: Message, at: int, seq: int) -> None:
    """One message that something in the past causes; one that still waits is replaced."""
    values = asdict(message)
    new = {"county": county, **values, "created_at": at, "seq": seq, "sent_at": None}
    bulk.insert_if_absent(connection, outbox, new)
    mine = (outbox.c.county == county) & (outbox.c.key == message.key)
    connection.execute(outbox.update().where(mine, outbox.c.sent_at.is_(None)).values(**values))


def waiting(connection: Connection, county: str) -> list[Message]:
    """Every message that was not sent."""
    columns = [outbox.c[field.name] for field in fields(Message)]
    query = select(*columns).where(outbox.c.county == county, outbox.c.sent_at.is_(None))
    return [Message(*row) for row in connection.execute(query)]


def left(connection: Connection, county: str, keys: Iterable[str]) -> dict[str, str]:
    """Key → body of those of these messages that were sent."""
    query = select(outbox.c.key, outbox.c.body).where(
        outbox.c.county == county, outbox.c.sent_at.is_not(None)
    )
    with bulk.keys(connection, keys) as wanted:
        rows = connection.execute(query.where(outbox.c.key.in_(wanted)))
        return {row.key: row.body for row in rows}


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
