"""Objections to cells of editions: the rows of `objection`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from schemas.tables import objection
from tasks.store.engine import Connection

_O = objection.c


@dataclass(frozen=True)
class Objection:
    """One contested cell; `items` are numbers of hazards, `corrected_by` an edition, 0: none."""

    objection_id: str
    kind: str
    period: str
    edition: int
    cell: str
    items: tuple[str, ...]
    evidence: str
    filed_by: str
    filed_at: int
    decide_by: int
    state: str
    decided_at: int
    decided_by: str
    reason: str
    corrected_by: int
    seq: int


def objections(
    connection: Connection, county: str, objection_id: str = "", state: str = ""
) -> list[Objection]:
    """One, those of a state, or all; oldest first."""
    query = select(objection).where(_O.county == county).order_by(_O.seq)
    for column, value in ((_O.objection_id, objection_id), (_O.state, state)):
        query = query.where(column == value) if value else query
    return [_objection(dict(row)) for row in connection.execute(query).mappings()]


def _objection(row: dict[str, Any]) -> Objection:
    del row["county"]
    return Objection(**row | {"items": tuple(json.loads(row["items"]))})


def add(connection: Connection, county: str, seq: int, row: Mapping[str, Any]) -> None:
    connection.execute(objection.insert().values(county=county, seq=seq, **row))


def decide(
    connection: Connection, county: str, objection_id: str, values: Mapping[str, Any]
) -> None:
    mine = objection.update().where(_O.county == county, _O.objection_id == objection_id)
    connection.execute(mine.values(**values))
