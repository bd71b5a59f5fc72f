"""Audit: is the ledger whole, do projections follow from it, are editions as published, and does
the vault hold what it says?

Reads everything, writes nothing. Each finding says what is wrong, where, and what to do next.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rules.seal import chain
from schemas.events import EVENT_COLUMNS, GENESIS, HASHED_COLUMNS, Head
from tasks.county import County
from tasks.publication import archive, shelf
from tasks.publication.shelf import DOCUMENT
from tasks.store import editions, events, ledger
from tasks.store.engine import Connection, reading
from tasks.store.replay import differences
from tasks.vaulting import disagreements

_CHUNK = 100_000


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    check: str
    where: str
    problem: str


@dataclass(frozen=True)
class AuditReport:
    """The stable keys of `bihuan audit --json`; root is the ledger's head hash."""

    ok: bool
    size: int
    root: str
    findings: list[dict[str, str]]


def audit(county: County) -> AuditReport:
    """Check chain, projections and editions of one county."""
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        found = [
            *_chain(connection, county.code, head),
            *_projections(connection, county),
            *_editions(connection, county),
            *(Finding("vault", "vault", said) for said in disagreements(connection, county)),
        ]
    return AuditReport(not found, head.seq, head.hash, [asdict(f) for f in found])


def _chain(connection: Connection, county: str, head: Head) -> Iterator[Finding]:
    """Every event at its number, linked to the one before, hashing to what it says."""
    last = Head(0, GENESIS)
    while True:
        rows = events.numbered(connection, county, last.seq, _CHUNK)
        if not rows:
            break
        problem = _first_break(rows, last)
        if problem:
            yield problem
            return
        last = Head(rows[-1][EVENT_COLUMNS.index("seq")], rows[-1][-1])
    if last != head:
        yield Finding(
            "chain",
            f"event {last.seq}",
            f"the ledger ends at event {last.seq} but its head says {head.seq}: events were removed"
            " or added by hand; restore the last backup and compare",
        )


def _first_break(rows: list[tuple[Any, ...]], last: Head) -> Finding | None:
    hashes = chain(last.hash, (row[: len(HASHED_COLUMNS)] for row in rows))
    before = [last.hash, *hashes[:-1]]
    seq = EVENT_COLUMNS.index("seq")
    for position, (row, previous, expected) in enumerate(zip(rows, before, hashes, strict=True)):
        number = last.seq + 1 + position
        if row[seq] != number or row[-2] != previous or row[-1] != expected:
            return Finding(
                "chain",
                f"event {number}",
                f"event {number} is missing or was changed after it was written; everything from"
                " there on is unproven: restore the last backup and compare",
            )
    return None


def _projections(connection: Connection, county: County) -> Iterator[Finding]:
    for sentence in differences(connection, county.code, county.fold_policy):
        yield Finding("projection", sentence.split(":", 1)[0], sentence)


def _editions(connection: Connection, county: County) -> Iterator[Finding]:
    for published in editions.published(connection, county.code):
        damaged = shelf.damaged(county.home, published.folder, published.files)
        printed = "" if DOCUMENT in damaged else archive.document(county, published)["ledger_head"]
        if problem := _disagreement(connection, county.code, published.watermark, printed):
            yield Finding("edition", published.folder, problem)
        for name in damaged:
            yield Finding(
                "edition",
                f"{published.folder}/{name}",
                f"{name} is missing or is not what was published: restore it from a backup",
            )


def _disagreement(connection: Connection, county: str, watermark: int, printed: str) -> str:
    """Why the ledger is not the one an edition was made from; "" when it is."""
    rows = events.numbered(connection, county, watermark - 1, 1)
    found = rows[0][-1] if rows else GENESIS
    if not rows and watermark > 0:
        return f"its watermark, event {watermark}, is not in the ledger: restore the last backup"
    if printed and found != printed:
        return (
            f"it prints {printed} as the head of the ledger at event {watermark}, where the ledger"
            f" now has {found}: history was rewritten; compare with the last backup"
        )
    return ""
