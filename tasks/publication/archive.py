"""Editions as the ledger knows them: the rows of `edition`, and the documents on the shelf."""

import json
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from schemas.edition import Edition
from schemas.period import Period
from schemas.tables import edition as table
from tasks.county import County
from tasks.publication.files import DOCUMENT


@dataclass(frozen=True)
class Published:
    """One published edition."""

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


def editions(
    connection: Connection, county: str, kind: str = "", period: str = ""
) -> list[Published]:
    """All editions, or those of one kind and period, oldest first."""
    query = select(table).where(table.c.county == county).order_by(table.c.seq)
    if kind:
        query = query.where(table.c.kind == kind)
    if period:
        query = query.where(table.c.period == period)
    return [_published(row) for row in connection.execute(query)]


def latest(
    connection: Connection, county: str, period: Period, below: int | None = None
) -> Published | None:
    """The latest edition of a period, or the latest one below a watermark."""
    found = editions(connection, county, period.kind.value, period.code)
    known = [e for e in found if below is None or e.seq <= below]
    return known[-1] if known else None


def document(county: County, published: Published) -> Edition:
    """The edition as it was published."""
    path = county.home / published.folder / DOCUMENT
    loaded: Edition = orjson.loads(path.read_bytes())
    return loaded


def _published(row: object) -> Published:
    values = row._asdict()  # type: ignore[attr-defined]
    values["files"] = json.loads(values["files"])
    values.pop("county")
    return Published(**values)
