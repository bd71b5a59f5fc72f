"""Rows that failed a check and were not mended yet: the rows of `quarantine`, by what they say."""

from sqlalchemy import select

from schemas.tables import quarantine
from tasks.store.engine import Connection

_Q = quarantine.c


def codes(connection: Connection, county: str, period: str, watermark: int) -> list[str]:
    """Every rule code of every row of a period's deliveries that is refused at the watermark."""
    query = select(_Q.codes).where(
        _Q.county == county,
        _Q.period == period,
        _Q.seq_from <= watermark,
        _Q.seq_to > watermark,
    )
    return [code for text in connection.execute(query).scalars() for code in text.split(",")]
