"""Editions as they were published: which one is the latest, and the documents on the shelf."""

import orjson

from rules.annex import PERIODS
from rules.kinds import previous
from schemas.edition import Body, Edition
from schemas.period import Period
from schemas.vocabulary import EditionKind
from tasks.county import County
from tasks.publication.shelf import DOCUMENT
from tasks.store.editions import Published, published
from tasks.store.engine import Connection


def latest(
    connection: Connection, county: str, period: Period, below: int | None = None
) -> Published | None:
    """The latest edition of a period, or the latest one below a watermark."""
    found = published(connection, county, period.kind.value, period.code)
    known = [e for e in found if below is None or e.seq <= below]
    return known[-1] if known else None


def earlier(connection: Connection, county: County, period: Period, below: int) -> list[Body]:
    """The bodies that bands sum beside a period's own, the nearest first.

    Of each of the periods before it (a band's length) the latest edition below the watermark; a
    period without one is left out. Kinds that do not recur have none.
    """
    found: list[Body] = []
    before = previous(period, county.zone)
    for _ in range(PERIODS - 1):
        if before is not None:
            known = latest(connection, county.code, before, below)
            found += [document(county, known)["body"]] if known else []
            before = previous(before, county.zone)
    return found


def periods(connection: Connection, county: str, kind: EditionKind) -> list[str]:
    """Codes of the periods of a kind that have an edition, in the order they were published."""
    return list(dict.fromkeys(e.period for e in published(connection, county, kind.value)))


def document(county: County, edition: Published) -> Edition:
    """The edition as it was published."""
    path = county.home / edition.folder / DOCUMENT
    loaded: Edition = orjson.loads(path.read_bytes())
    return loaded
