"""Seals of the ledger: made as events, exported as small files to whoever holds them for us.

make(county, now, actor) → HOME/seals/330282/1234/seal-330282-1234.json

Promise: a seal is made only over a tree that follows from the events' own hashes; its event, its
file and the messages that carry it out are one transaction, so that no seal is lost between two
others; making one again where nothing happened since writes the same bytes and sends what waits.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pandas as pd

from rules.merkle import consistency, inclusion, leaves, root_of
from rules.seal import canonical
from schemas.events import EVENT_COLUMNS, HASHED_COLUMNS, Head
from schemas.seals import LEDGER_FORMAT, Before, ProofFile, Seal, SealFile
from schemas.vocabulary import StreamKind
from tasks.county import County
from tasks.delivering import DROP, HTTP
from tasks.own_events import own_drafts
from tasks.posting import deliver
from tasks.publication import shelf
from tasks.refusing import Refusal
from tasks.store import events, ledger, outbox, seals
from tasks.store.engine import Connection, reading, writing
from tasks.store.lease import hold
from tasks.store.outbox import Message

_CHUNK = 50_000
MESSAGE = "seal"


class SealRefused(Refusal):
    """Nothing was sealed, proved or exported; the message says why and what to do."""

    area = "refusal.seal"


@dataclass(frozen=True)
class Sealed:
    """A seal with its file (relative to the home); waiting: destination → why it is not there."""

    seal: Seal
    file: Path
    is_new: bool
    waiting: dict[str, str]


@dataclass(frozen=True)
class _Sealing:
    """A seal ready to be written, and the one before it."""

    seal: Seal
    previous: Seal | None
    number: int  # of its event
    content: bytes

    @property
    def file(self) -> Path:
        county, size = self.seal.county, self.seal.size
        return Path("seals") / county / str(size) / f"seal-{county}-{size}.json"


def make(county: County, now: int, actor: str) -> Sealed:
    """Seal the ledger as it is, unless nothing but the last seal itself was appended since.

    Raises SealRefused.
    """
    with hold(county.engine, county.code, "seal"):
        return ledger.settled(lambda: _made(county, now, actor))


def _made(county: County, now: int, actor: str) -> Sealed:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        known = seals.made(connection, county.code)
        if not known and head.seq == 0:
            raise SealRefused("empty")
        is_new = not known or known[-1][0] != head.seq
        coming = _next(connection, county, head, known, now) if is_new else _last(connection, known)
    if is_new:
        _enter(county, head, coming, actor, now)
    elif not _is_there(county, coming):
        _put(county, coming)
    return Sealed(coming.seal, coming.file, is_new, _sent(county, coming, now))


def _next(
    connection: Connection, county: County, head: Head, known: list[tuple[int, Seal]], now: int
) -> _Sealing:
    own = leaves(seals.hashes(connection, county.code, head.seq))
    root = root_of(own).hex()
    if root != ledger.root_at(connection, county.code, head.seq):
        raise SealRefused("broken", {"size": head.seq})
    previous = known[-1][1] if known else None
    seal = Seal(county.code, head.seq, root, head.hash, now)
    return _Sealing(seal, previous, head.seq + 1, seal_file(seal, previous, own))


def _last(connection: Connection, known: list[tuple[int, Seal]]) -> _Sealing:
    number, seal = known[-1]
    previous = known[-2][1] if len(known) > 1 else None
    own = leaves(seals.hashes(connection, seal.county, seal.size))
    return _Sealing(seal, previous, number, seal_file(seal, previous, own))


def seal_file(seal: Seal, previous: Seal | None, own: list[bytes]) -> bytes:
    """The file of a seal; own: the leaves it covers."""
    path = consistency(own, previous.size) if previous else []
    said = SealFile(
        county=seal.county,
        size=seal.size,
        root=seal.root,
        head=seal.head,
        made_at=seal.made_at,
        previous=Before(size=previous.size, root=previous.root) if previous else None,
        consistency=[each.hex() for each in path],
    )
    return _written(said.model_dump())


def _written(said: dict[str, object]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _enter(county: County, head: Head, coming: _Sealing, actor: str, now: int) -> None:
    with writing(county.engine) as connection:
        stamp = ledger.Stamp(now, now, "")
        draft = _draft(connection, coming, actor, now)
        ledger.append(connection, county.code, head, draft, stamp)
        _put(county, coming)
        for message in _messages(county, coming):
            outbox.enter(connection, county.code, message, now, coming.number)
        connection.commit()


def _draft(connection: Connection, coming: _Sealing, actor: str, now: int) -> pd.DataFrame:
    seal = coming.seal
    said = {"size": seal.size, "root": seal.root, "head": seal.head}
    return own_drafts(
        pd.Series([seals.STREAM]),
        StreamKind.SEAL,
        seals.SEAL_MADE,
        pd.Series([str(seal.size)]),
        [canonical(said).decode()],
        now,
        source=StreamKind.SEAL.value,
        record=StreamKind.SEAL.value,
        actor=actor,
        base_version=len(seals.made(connection, seal.county)),
    )


def _put(county: County, coming: _Sealing) -> None:
    shelf.put(county.home, coming.file.parent, {coming.file.name: coming.content})


def _is_there(county: County, coming: _Sealing) -> bool:
    path = county.home / coming.file
    return path.is_file() and path.read_bytes() == coming.content


def _messages(county: County, coming: _Sealing) -> Iterator[Message]:
    """One per destination of `seal_to`, by the channel that its settings name."""
    digest = hashlib.sha256(coming.content).hexdigest()
    for name in county.settings.seal_to:
        key = f"seal:{county.code}:{coming.seal.size}:{name}"
        said = {"key": key, "file": coming.file.as_posix(), "sha256": digest}
        to = county.settings.upward.get(name)
        channel = HTTP if to is not None and to.url else DROP
        yield Message(key, channel, name, MESSAGE, canonical(said).decode())


def _sent(county: County, coming: _Sealing, now: int) -> dict[str, str]:
    """Every seal that waits leaves now, in their order, and the last one where it never did."""
    with writing(county.engine) as connection:
        wanted = list(_messages(county, coming))
        known = outbox.known(connection, county.code, [message.key for message in wanted])
        for message in wanted:
            if message.key not in known:
                outbox.enter(connection, county.code, message, now, coming.number)
        waiting = [m for m in outbox.waiting(connection, county.code) if m.kind == MESSAGE]
        connection.commit()
    in_order = sorted(waiting, key=lambda message: int(message.key.split(":")[2]))
    recipient = {message.key: message.recipient for message in in_order}
    told = deliver(county, in_order, now)
    return {recipient[key]: reason for key, reason in told.items() if reason}


def listed(county: County) -> list[tuple[int, Seal]]:
    """Every seal with the number of its event, oldest first."""
    with reading(county.engine) as connection:
        return seals.made(connection, county.code)


def proof(county: County, number: int) -> ProofFile:
    """That an event is the one of its number, against the last seal. Raises SealRefused."""
    with reading(county.engine) as connection:
        known = seals.made(connection, county.code)
        last = known[-1][1].size if known else 0
        if not 1 <= number <= last:
            raise SealRefused("unsealed", {"number": number, "size": last})
        (row,) = events.numbered(connection, county.code, number - 1, 1)
        own = leaves(seals.hashes(connection, county.code, last))
    return ProofFile(
        county=county.code,
        event=list(row[: len(HASHED_COLUMNS)]),
        prev_hash=row[-2],
        hash=row[-1],
        size=last,
        root=known[-1][1].root,
        path=[each.hex() for each in inclusion(own, number - 1)],
    )


def written_proof(proved: ProofFile) -> bytes:
    return _written(proved.model_dump())


def ledger_lines(county: County) -> Iterator[bytes]:
    """The whole ledger as it leaves: a line that says what it is, then one line per event."""
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        first = {"format": LEDGER_FORMAT, "county": county.code, "size": head.seq}
        yield orjson.dumps(first | {"columns": EVENT_COLUMNS}) + b"\n"
        for after in range(0, head.seq, _CHUNK):
            for row in events.numbered(connection, county.code, after, _CHUNK):
                yield orjson.dumps(row) + b"\n"
