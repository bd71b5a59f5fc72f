"""Quarantine: refused rows keep the sender's own cells, and waiting rows what they wait for.

Nothing that came is lost: a row is taken into the ledger, known already, or here with its reasons.
The same bad row sent again is known, not refused twice.
"""

import hashlib
from collections.abc import Iterable

import orjson
import pandas as pd
from sqlalchemy import Connection, and_, select, update

from schemas.period import FOREVER
from schemas.tables import quarantine
from tasks.store import bulk


def rows_of(
    layouts: list[pd.DataFrame], refused: pd.DataFrame, waits_for: dict[int, str]
) -> pd.DataFrame:
    """Quarantine rows (without stamps) for refused lines; `layouts` hold the senders' cells."""
    texts: dict[int, str] = {}
    for rows in layouts:
        chosen = rows[rows["line"].isin(refused["line"])]
        texts |= dict(zip(chosen["line"], map(_cells, chosen.to_dict("records")), strict=True))
    cells = [texts[line] for line in refused["line"]]
    return refused.assign(
        cells=cells,
        cells_digest=[hashlib.sha256(c.encode()).hexdigest() for c in cells],
        waits_for=[waits_for.get(line, "") for line in refused["line"]],
    )


def _cells(record: dict[str, object]) -> str:
    filled = {str(k): v for k, v in record.items() if isinstance(v, str) and v != ""}
    return orjson.dumps(filled, option=orjson.OPT_SORT_KEYS).decode()


def is_known(connection: Connection, county: str, source: str, digests: Iterable[str]) -> pd.Series:
    """Delivery by cells digest, for the rows that are in quarantine already."""
    with bulk.keys(connection, digests) as wanted:
        query = select(quarantine.c.cells_digest, quarantine.c.delivery).join(
            wanted,
            and_(
                quarantine.c.county == county,
                quarantine.c.source == source,
                quarantine.c.cells_digest == wanted.c.key,
            ),
        )
        return bulk.select(connection, query).set_index("cells_digest")["delivery"]


def waiting_for(connection: Connection, county: str, streams: Iterable[str]) -> pd.DataFrame:
    """Rows that wait for one of these hazards: source, delivery, line."""
    with bulk.keys(connection, streams) as wanted:
        query = select(quarantine.c.source, quarantine.c.delivery, quarantine.c.line).join(
            wanted,
            and_(
                quarantine.c.county == county,
                quarantine.c.waits_for == wanted.c.key,
                quarantine.c.seq_to == FOREVER,
            ),
        )
        return bulk.select(connection, query)


def release(
    connection: Connection, county: str, delivery: str, lines: Iterable[int], seq: int
) -> None:
    """These rows have been taken as of event `seq`."""
    connection.execute(
        update(quarantine)
        .where(
            quarantine.c.county == county,
            quarantine.c.delivery == delivery,
            quarantine.c.line.in_(list(lines)),
            quarantine.c.seq_to == FOREVER,
        )
        .values(seq_to=seq)
    )
