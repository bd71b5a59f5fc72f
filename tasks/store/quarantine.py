"""The rows of `quarantine`: which refused rows are known, which wait, which have been taken."""

from collections.abc import Iterable, Iterator
from itertools import islice

import pandas as pd
from sqlalchemy import Connection, and_, select, update

from schemas.period import FOREVER
from schemas.tables import quarantine
from schemas.tables_projections import finding
from tasks.store import bulk

_Q = quarantine.c
_AT_ONCE = 500  # values in one statement


def keep(connection: Connection, rows: pd.DataFrame) -> None:
    """Store refused rows that are not there yet; rows have the table's columns but the last."""
    bulk.insert_frame(connection, quarantine, rows.assign(corrected_by=""))


def is_known(connection: Connection, county: str, source: str, digests: Iterable[str]) -> pd.Series:
    """Delivery by cells digest, for the rows that are in quarantine already."""
    query = select(_Q.cells_digest, _Q.delivery).where(_Q.county == county, _Q.source == source)
    with bulk.keys(connection, digests) as wanted:
        rows = bulk.select(connection, query.where(_Q.cells_digest.in_(wanted)))
    return rows.set_index("cells_digest")["delivery"]


def waited_enough(connection: Connection, county: str) -> pd.DataFrame:
    """Rows that wait for a hazard which has come meanwhile: source, delivery, line."""
    query = (
        select(_Q.source, _Q.delivery, _Q.line)
        .join(finding, and_(finding.c.county == _Q.county, finding.c.stream_id == _Q.waits_for))
        .where(_Q.county == county, _Q.waits_for != "", _Q.seq_to == FOREVER)
    )
    return bulk.select(connection, query)


def release(
    connection: Connection, county: str, delivery: str, lines: Iterable[int], seq: int
) -> None:
    """These rows have been taken as of event `seq`."""
    connection.execute(
        update(quarantine)
        .where(
            _Q.county == county,
            _Q.delivery == delivery,
            _Q.line.in_(list(lines)),
            _Q.seq_to == FOREVER,
        )
        .values(seq_to=seq)
    )


def batched(lines: Iterable[int], size: int) -> Iterator[list[int]]:
    left = iter(lines)
    while part := [int(line) for line in islice(left, size)]:
        yield part


def settle(
    connection: Connection,
    county: str,
    delivery: str,
    lines: Iterable[int],
    correction: str,
    seq: int,
) -> None:
    """These rows of `delivery` came again with `correction` and are not refused as they were: taken
    as of event `seq`, or refused anew in the correction's own rows."""
    for part in batched(lines, _AT_ONCE):
        connection.execute(
            update(quarantine)
            .where(
                _Q.county == county,
                _Q.delivery == delivery,
                _Q.line.in_(part),
                _Q.seq_to == FOREVER,
            )
            .values(seq_to=seq, corrected_by=correction)
        )


def standing(
    connection: Connection, county: str, source: str = "", delivery: str = ""
) -> pd.DataFrame:
    """Rows that are refused at present, of one source or delivery (a beginning of its digest is
    enough), by delivery and line."""
    query = select(
        _Q.source,
        _Q.delivery,
        _Q.period,
        _Q.line,
        _Q.record,
        _Q.source_id,
        _Q.codes,
        _Q.faults,
        _Q.cells,
        _Q.cells_digest,
        _Q.received_at,
    ).where(_Q.county == county, _Q.seq_to == FOREVER)
    if source:
        query = query.where(_Q.source == source)
    if delivery:
        query = query.where(_Q.delivery.startswith(delivery, autoescape=True))
    return bulk.select(connection, query.order_by(_Q.source, _Q.delivery, _Q.line))


def codes(connection: Connection, county: str, period: str, watermark: int) -> list[str]:
    """Every rule code of every row of a period's deliveries that is refused at the watermark."""
    query = select(_Q.codes).where(
        _Q.county == county,
        _Q.period == period,
        _Q.seq_from <= watermark,
        _Q.seq_to > watermark,
    )
    return [code for text in connection.execute(query).scalars() for code in text.split(",")]
