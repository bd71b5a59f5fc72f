"""Drafts that wait for a signature: the rows of `draft`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from schemas.edition import DraftState
from schemas.tables import draft
from tasks.store.engine import Connection

_D = draft.c


@dataclass(frozen=True)
class Draft:
    """One draft; `edition` is what it will be of its period, `folder` relative to the home."""

    kind: str
    period: str
    number: int
    edition: int
    watermark: int
    body_digest: str
    folder: str
    files: dict[str, str]
    state: str
    made_at: int
    decided_at: int
    decided_by: str
    reason: str
    seq: int


def drafts(
    connection: Connection, county: str, kind: str = "", period: str = "", state: str = ""
) -> list[Draft]:
    """Drafts, oldest first; of one kind, period or state, or all."""
    query = select(draft).where(_D.county == county).order_by(_D.seq)
    for column, value in ((_D.kind, kind), (_D.period, period), (_D.state, state)):
        query = query.where(column == value) if value else query
    return [_draft(dict(row)) for row in connection.execute(query).mappings()]


def _draft(row: dict[str, Any]) -> Draft:
    del row["county"]
    return Draft(**row | {"files": json.loads(row["files"])})


def add(connection: Connection, county: str, seq: int, row: Mapping[str, Any]) -> None:
    """Enter a draft whose event is `seq`; one that was open for its period gives way."""
    open_ones = draft.update().where(
        *(_D.county == county, _D.kind == row["kind"], _D.period == row["period"]),
        _D.state == DraftState.OPEN.value,
    )
    connection.execute(open_ones.values(state=DraftState.REPLACED.value))
    connection.execute(draft.insert().values(county=county, seq=seq, **row))


def decide(
    connection: Connection, county: str, one: Draft, state: DraftState, by: str, why: str, at: int
) -> None:
    """Say what became of a draft."""
    mine = draft.update().where(
        *(_D.county == county, _D.kind == one.kind, _D.period == one.period),
        _D.number == one.number,
    )
    values = {"state": state.value, "decided_by": by, "reason": why, "decided_at": at}
    connection.execute(mine.values(**values))
