"""The append-only ledger: read its head, append a slice of events, read events back.

The Merkle tree over it (`rules.merkle`) grows with it: the frontier stands beside the head, the
root beside every slice, in the transaction that writes the events.

Writer protocol (architecture, decision 4): decide outside the lock against a head; in the write
transaction lock the head and compare; if it moved, nothing is written and `HeadMoved` tells the
caller to decide again. A slice's events, its projections and its cursor are one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from rules.merkle import Frontier, frontier, grown, leaves
from rules.seal import chain
from schemas.events import EVENT_COLUMNS, GENESIS, HASHED_COLUMNS, Head
from schemas.tables import event, ledger_head, ledger_slice
from tasks.store import bulk, lease

SLICE_EVENTS = 50_000
_ATTEMPTS = 8
Result = TypeVar("Result")

# What a caller supplies for every event; the ledger adds county, seq, version, times and hashes.
# `base_version` is the number of events its stream had at the head the decision was made on.
DRAFT_COLUMNS = (
    "stream_id",
    "stream_kind",
    "kind",
    "claimed_at",
    "sent_at",
    "received_at",
    "file_by",
    "actor",
    "source",
    "record",
    "source_id",
    "row_digest",
    "delivery",
    "payload",
    "base_version",
)


class HeadMoved(Exception):
    """Another writer appended since the decision was made; decide again."""

    def __init__(self, county: str, expected: int, found: int) -> None:
        super().__init__(
            f"ledger of {county} moved from event {expected} to {found} meanwhile; decide again"
        )


class FrontierLost(Exception):
    """The stored tree is not one of the ledger's size: somebody changed it by hand."""

    def __init__(self, county: str, head: Head) -> None:
        super().__init__(
            f"the ledger of {county} has {head.seq} events, and the tree stored beside its head is"
            " not one of that size: it was changed by hand. Run `bihuan audit`, then restore the"
            " last backup"
        )


def settled(work: Callable[[], Result]) -> Result:
    """Decide and write, and again while another writer is faster. Raises HeadMoved in the end."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return work()
        except HeadMoved:
            continue
    return work()


@dataclass(frozen=True)
class Stamp:
    """What all events of one slice share."""

    appended_at: int
    known_at: int  # when what it says could be known: orders slices against cut-offs
    delivery: str


def read_head(connection: Connection, county: str) -> Head:
    row = connection.execute(
        select(ledger_head.c.seq, ledger_head.c.hash).where(ledger_head.c.county == county)
    ).one_or_none()
    return Head(row.seq, row.hash) if row else Head()


def read_frontier(connection: Connection, county: str) -> str:
    """The tree below the head, as it is stored; "" for a ledger without events."""
    query = select(ledger_head.c.frontier).where(ledger_head.c.county == county)
    return str(connection.execute(query).scalar() or "")


def append(
    connection: Connection, county: str, expected: Head, drafts: pd.DataFrame, stamp: Stamp
) -> Head:
    """Append drafts (DRAFT_COLUMNS) in their order inside the caller's write transaction.

    Returns the new head. Raises HeadMoved when the ledger is not at `expected` any more, LeaseHeld
    when the lease under which this was decided has gone to another.
    """
    current, stored = _lock_head(connection, county)
    lease.check_held(connection)
    if current != expected:
        raise HeadMoved(county, expected.seq, current.seq)
    if drafts.empty:
        return current
    stamp = _monotone(connection, county, stamp)
    frame = _stamped(county, current, drafts, stamp)
    hashes = chain(current.hash, bulk.tuples(frame, HASHED_COLUMNS))
    frame["prev_hash"] = [current.hash, *hashes[:-1]]
    frame["hash"] = hashes
    bulk.insert_frame(connection, event, frame)
    head = Head(int(frame["seq"].iloc[-1]), hashes[-1])
    tree = grown(_tree(county, current, stored), leaves(hashes))
    _advance(connection, county, current, head, tree, stamp)
    return head


def _lock_head(connection: Connection, county: str) -> tuple[Head, str]:
    """The head and the stored tree below it."""
    c = ledger_head.c
    query = select(c.seq, c.hash, c.frontier).where(c.county == county)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:  # the first writer, or one of several at once
        first = {"county": county, "seq": 0, "hash": GENESIS}
        bulk.insert_if_absent(connection, ledger_head, first)
        row = connection.execute(query.with_for_update()).one()
    return Head(row.seq, row.hash), row.frontier


def _tree(county: str, head: Head, stored: str) -> Frontier:
    try:
        return frontier(head.seq, stored)
    except ValueError:
        raise FrontierLost(county, head) from None


def _monotone(connection: Connection, county: str, stamp: Stamp) -> Stamp:
    """Neither time runs backwards along the ledger, whatever a clock does or a retry brings."""
    query = select(func.max(ledger_slice.c.appended_at), func.max(ledger_slice.c.received_at))
    appended, known = connection.execute(query.where(ledger_slice.c.county == county)).one()
    return replace(
        stamp,
        appended_at=max(stamp.appended_at, appended or 0),
        known_at=max(stamp.known_at, known or 0),
    )


def _stamped(county: str, head: Head, drafts: pd.DataFrame, stamp: Stamp) -> pd.DataFrame:
    frame = drafts.reset_index(drop=True).copy()
    frame["county"] = county
    frame["seq"] = np.arange(head.seq + 1, head.seq + 1 + len(frame))
    position = frame.groupby("stream_id", sort=False).cumcount() + 1
    frame["version"] = frame["base_version"].to_numpy(dtype=np.int64) + position.to_numpy()
    frame["appended_at"] = stamp.appended_at
    return frame


def _advance(
    connection: Connection, county: str, before: Head, after: Head, tree: Frontier, stamp: Stamp
) -> None:
    connection.execute(
        ledger_head.update()
        .where(ledger_head.c.county == county)
        .values(seq=after.seq, hash=after.hash, frontier=str(tree))
    )
    connection.execute(
        ledger_slice.insert().values(
            county=county,
            first_seq=before.seq + 1,
            last_seq=after.seq,
            received_at=stamp.known_at,
            appended_at=stamp.appended_at,
            hash=after.hash,
            delivery=stamp.delivery,
            root=tree.root.hex(),
        )
    )


def watermark(connection: Connection, county: str, known_by: int | None = None) -> Head:
    """The head as it was after the last slice known by an instant (None: the present head)."""
    if known_by is None:
        return read_head(connection, county)
    row = connection.execute(
        select(ledger_slice.c.last_seq, ledger_slice.c.hash)
        .where(ledger_slice.c.county == county, ledger_slice.c.received_at <= known_by)
        .order_by(ledger_slice.c.last_seq.desc())
        .limit(1)
    ).one_or_none()
    return Head(row.last_seq, row.hash) if row else Head()


def begun_at(connection: Connection, county: str) -> int:
    """When the first of all that is known was received (UTC ms); 0 while nothing is."""
    query = select(func.min(ledger_slice.c.received_at)).where(ledger_slice.c.county == county)
    return int(connection.execute(query).scalar() or 0)


def known_at(connection: Connection, county: str, seq: int) -> int:
    """When the last of what is known up to `seq` was received (UTC ms); 0 before the first."""
    query = select(func.max(ledger_slice.c.received_at)).where(
        ledger_slice.c.county == county, ledger_slice.c.last_seq <= seq
    )
    return int(connection.execute(query).scalar() or 0)


def has(connection: Connection, county: str, head: Head) -> bool:
    """Whether the ledger has passed through this head."""
    query = select(event.c.hash).where(event.c.county == county, event.c.seq == head.seq)
    return head == Head() or connection.execute(query).scalar() == head.hash


def head_at(connection: Connection, county: str, seq: int) -> Head:
    """The head at a past sequence number (0: before the first event)."""
    if seq == 0:
        return Head()
    value = connection.execute(
        select(event.c.hash).where(event.c.county == county, event.c.seq == seq)
    ).scalar_one()
    return Head(seq, value)


def root_at(connection: Connection, county: str, seq: int) -> str:
    """The Merkle root of the ledger up to the end of a slice, as every watermark is one."""
    query = select(ledger_slice.c.root).where(
        ledger_slice.c.county == county, ledger_slice.c.last_seq == seq
    )
    return str(connection.execute(query).scalar_one())


def read_events(connection: Connection, county: str, *conditions: Any) -> pd.DataFrame:
    """Events as a frame of EVENT_COLUMNS in order of seq."""
    query = select(*(event.c[name] for name in EVENT_COLUMNS)).where(
        event.c.county == county, *conditions
    )
    return bulk.select(connection, query.order_by(event.c.seq))
