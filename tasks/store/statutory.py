"""What the statutory table counts: one cell per town and sector, set-wise, at a cut.

Found in the period and how it stands at its end, in the town where it was found; listed hazards
that are open then and money spent, in the town where the hazard then is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select, true

from rules.elements import FIVE_ELEMENTS
from rules.statutory import COUNTED
from schemas.tables import event
from schemas.tables_projections import fact_note
from schemas.vocabulary import FactKind, ListingLevel, Severity, State
from tasks.store import bulk, duties
from tasks.store.measures import Cut, S, holds, is_open, visible
from tasks.store.roots import roots_at

_KEYS = ["town", "sector"]
_E = event.c


def cells(connection: Connection, cut: Cut, classes: Sequence[str]) -> pd.DataFrame:
    """town, sector and every measure of COUNTED. int64 columns; `classes`: of the places due."""
    start = cut.starts["period"]
    units = duties.coverage(connection, cut, classes, start).rename(
        columns={"places_due": "units_due", "places_checked": "units_checked"}
    )
    parts = [
        units,
        _counted(connection, cut, S.town_found, S.found_at >= start, _found()),
        _counted(connection, cut, S.town_code, and_(is_open(S), S.listed_level > 0), _listed()),
        _spent(connection, cut),
    ]
    together = pd.concat([p for p in parts if len(p)] or [units], ignore_index=True)
    columns = together.reindex(columns=[*_KEYS, *COUNTED]).fillna(dict.fromkeys(COUNTED, 0))
    return columns.astype(dict.fromkeys(COUNTED, "int64"))


def items(connection: Connection, cut: Cut, measure: str) -> pd.DataFrame:
    """The hazards behind a count of the table, `in_plan` and `listed` too: root_id, town, sector,
    at, value (1, or fen). By the conditions that counted them."""
    if measure == "funds_fen":
        return _spent_by_hazard(connection, cut).rename(columns={"funds_fen": "value"})
    found, open_ones = _found(), _listed()
    found["in_plan"] = and_(S.severity == int(Severity.MAJOR), S.state != int(State.CLOSED))
    town, where = S.town_found, and_(S.found_at >= cut.starts["period"], found.get(measure, true()))
    if measure not in found:
        town, where = S.town_code, and_(is_open(S), S.listed_level > 0)
        where = and_(where, open_ones.get(measure, true()))  # "listed": of any level
    columns = (S.root_id, town.label("town"), S.sector_code.label("sector"))
    query = select(*columns, S.claimed_from.label("at"), literal(1).label("value"))
    chosen = query.where(visible(cut), holds(cut.end), where)
    return bulk.select(connection, chosen.order_by(S.root_id))


def _found() -> dict[str, ColumnElement[bool]]:
    general, major = (S.severity == int(s) for s in (Severity.GENERAL, Severity.MAJOR))
    closed = S.state == int(State.CLOSED)
    complete = S.elements.bitwise_and(int(FIVE_ELEMENTS)) == int(FIVE_ELEMENTS)
    return {
        "general_found": general,
        "general_closed": and_(general, closed),
        "major_found": major,
        "major_closed": and_(major, closed),
        "five": and_(major, S.state != int(State.CLOSED), complete),
    }


def _listed() -> dict[str, ColumnElement[bool]]:
    levels = (ListingLevel.PROVINCE, ListingLevel.CITY, ListingLevel.COUNTY)
    return {f"listed_{level.name.lower()}": S.listed_level == int(level) for level in levels}


def _counted(
    connection: Connection,
    cut: Cut,
    town: ColumnElement[str],
    where: ColumnElement[bool],
    measures: Mapping[str, ColumnElement[bool]],
) -> pd.DataFrame:
    """Hazards as they stand at the cut, by town and sector."""
    columns = [func.sum(case((c, 1), else_=0)).label(name) for name, c in measures.items()]
    query = select(town.label("town"), S.sector_code.label("sector"), *columns)
    chosen = query.where(visible(cut), holds(cut.end), where)
    return bulk.select(connection, chosen.group_by(town, S.sector_code))


def _spent(connection: Connection, cut: Cut) -> pd.DataFrame:
    return _spent_by_hazard(connection, cut).groupby(_KEYS)[["funds_fen"]].sum().reset_index()


def _spent_by_hazard(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Money that submissions for acceptance told of, which were claimed in the period and applied.

    A hazard submitted twice counts both: each tells of what was spent for it.
    """
    told = bulk.select(connection, _submissions(cut))
    fen = [orjson.loads(p).get("funding_spent_fen") or 0 for p in told["payload"].tolist()]
    spent = told[["stream_id"]].assign(funds_fen=fen)
    spent = spent[spent["funds_fen"] > 0]
    if spent.empty:
        return pd.DataFrame(columns=["root_id", *_KEYS, "at", "funds_fen"])
    spent = spent.assign(root_id=roots_at(connection, cut, spent["stream_id"]))
    with bulk.keys(connection, spent["root_id"]) as wanted:
        units = (S.town_code.label("town"), S.sector_code.label("sector"))
        query = select(S.root_id, *units, S.claimed_from.label("at"))
        own = query.where(visible(cut), holds(cut.end), S.root_id.in_(wanted))
        standing = bulk.select(connection, own)
    return spent.drop(columns="stream_id").merge(standing, on="root_id")


def _submissions(cut: Cut) -> Any:
    """Those in force at the watermark: the last revision of each, and no note against it."""
    noted = select(fact_note.c.event_seq).where(
        fact_note.c.county == cut.county,
        fact_note.c.event_seq == _E.seq,
        fact_note.c.seq_from <= cut.watermark,
        fact_note.c.seq_to > cut.watermark,
    )
    return select(_E.stream_id, _E.payload).where(
        _E.county == cut.county,
        _E.kind == FactKind.SUBMITTED.value,
        _E.seq <= cut.watermark,
        _E.claimed_at >= cut.starts["period"],
        _E.claimed_at < cut.end,
        ~noted.exists(),
        ~_revised(cut).exists(),
    )


def _revised(cut: Cut) -> Any:
    """A later revision by (sent, digest), as in rules.facts."""
    later = event.alias("later").c
    after = or_(
        later.sent_at > _E.sent_at,
        and_(later.sent_at == _E.sent_at, later.row_digest > _E.row_digest),
    )
    return select(later.seq).where(
        later.county == _E.county,
        later.source == _E.source,
        later.record == _E.record,
        later.source_id == _E.source_id,
        later.seq <= cut.watermark,
        after,
    )
