"""Seals as the ledger has them, one event each in the stream `seal:ledger`, and what they cover."""

import json
from collections.abc import Iterator

from sqlalchemy import select

from schemas.events import Head, stream_name
from schemas.seals import Seal
from schemas.tables import event, ledger_slice
from schemas.vocabulary import StreamKind
from tasks.store.engine import Connection

STREAM = stream_name(StreamKind.SEAL, "ledger")
SEAL_MADE = "seal_made"
_FETCHED = 100_000


def made(connection: Connection, county: str) -> list[tuple[int, Seal]]:
    """Every seal with the number of its event, oldest first."""
    e = event.c
    query = select(e.seq, e.claimed_at, e.payload).where(e.county == county, e.stream_id == STREAM)
    rows = connection.execute(query.order_by(e.version))
    return [(row.seq, _seal(county, row.seq, row.payload, row.claimed_at)) for row in rows]


def _seal(county: str, number: int, payload: str, made_at: int) -> Seal:
    """What was forged into no seal at all claims what is not so of all that came before it."""
    try:
        said = json.loads(payload)
        return Seal(county, int(said["size"]), str(said["root"]), str(said["head"]), made_at)
    except (ValueError, KeyError, TypeError):
        return Seal(county, number - 1, "", "", made_at)


def hashes(connection: Connection, county: str, size: int) -> list[str]:
    """The hashes of the first events, in their order."""
    query = (
        select(event.c.hash)
        .where(event.c.county == county, event.c.seq <= size)
        .order_by(event.c.seq)
        .execution_options(yield_per=_FETCHED)
    )
    return list(connection.execute(query).scalars())


def slice_ends(connection: Connection, county: str) -> Iterator[tuple[Head, str]]:
    """Where every slice ended, with the root that is stored beside it, oldest first."""
    s = ledger_slice.c
    query = select(s.last_seq, s.hash, s.root).where(s.county == county).order_by(s.last_seq)
    for row in connection.execute(query):
        yield Head(row.last_seq, row.hash), row.root
