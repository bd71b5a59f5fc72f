"""Editions as they were published: which one is the latest, and the documents on the shelf."""

import orjson

from schemas.edition import Edition
from schemas.period import Period
from tasks.county import County
from tasks.publication.files import DOCUMENT
from tasks.store.editions import Published, published
from tasks.store.engine import Connection


def latest(
    connection: Connection, county: str, period: Period, below: int | None = None
) -> Published | None:
    """The latest edition of a period, or the latest one below a watermark."""
    found = published(connection, county, period.kind.value, period.code)
    known = [e for e in found if below is None or e.seq <= below]
    return known[-1] if known else None


def document(county: County, edition: Published) -> Edition:
    """The edition as it was published."""
    path = county.home / edition.folder / DOCUMENT
    loaded: Edition = orjson.loads(path.read_bytes())
    return loaded
