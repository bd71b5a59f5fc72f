"""Published editions: the rows of `edition`, one per number of a period."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from schemas.tables import edition, event
from tasks.store.engine import Connection


@dataclass(frozen=True)
class Published:
    """One published edition; `files` is name → sha256, `folder` is relative to the home."""

    kind: str
    period: str
    number: int
    watermark: int
    policy_hash: str
    body_digest: str
    folder: str
    files: dict[str, str]
    published_at: int
    seq: int


def published(
    connection: Connection, county: str, kind: str = "", period: str = ""
) -> list[Published]:
    """All editions, or those of one kind and period, oldest first."""
    query = select(edition).where(edition.c.county == county).order_by(edition.c.seq)
    if kind:
        query = query.where(edition.c.kind == kind)
    if period:
        query = query.where(edition.c.period == period)
    return [_published(dict(row)) for row in connection.execute(query).mappings()]


def _published(row: dict[str, Any]) -> Published:
    del row["county"]
    return Published(**row | {"files": json.loads(row["files"])})


def told(connection: Connection, county: str, stream: str) -> int:
    """How many events a period's stream has."""
    query = select(func.count()).where(event.c.county == county, event.c.stream_id == stream)
    return int(connection.execute(query).scalar_one())


def add(connection: Connection, county: str, seq: int, row: Mapping[str, Any]) -> None:
    """Enter the row of an edition whose event is `seq`; `files` is JSON text."""
    connection.execute(edition.insert().values(county=county, seq=seq, **row))
