"""Counts as sets: one cell per town, sector and split, every measure of `tasks.store.measures`.

Nothing is read item by item; the result is a frame of town, sector, self_check and the measures.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)

from schemas.edition import MEASURES, Scope
from schemas.tables_projections import check_visit, place_span
from tasks.store import bulk
from tasks.store.measures import Basis, Cut, Measure, S, earliest, holds, measures, visible

_KEYS = ["town", "sector", "self_check"]


def cells(connection: Connection, cut: Cut) -> dict[Scope, pd.DataFrame]:
    """All measures of every cell, for each scope. int64 columns."""
    every = {scope: measures(cut, scope) for scope in cut.starts}
    standing = [_together(connection, cut, every, basis) for basis in (Basis.ENTERED, Basis.AT_END)]
    opened = [
        _counted(connection, _where(cut, Basis.AT_START, scope), {_scoped(scope, name): measure})
        for scope, of_scope in every.items()
        for name, measure in of_scope.items()
        if measure.basis is Basis.AT_START
    ]
    frames = [frame for found in (*standing, *opened) for frame in found]
    return {scope: _joined([_of_scope(frame, scope) for frame in frames]) for scope in cut.starts}


def _together(
    connection: Connection, cut: Cut, every: Mapping[Scope, Mapping[str, Measure]], basis: Basis
) -> list[pd.DataFrame]:
    """All measures of one basis and all scopes: one pass over the spans for each town column."""
    chosen = {
        _scoped(scope, name): measure
        for scope, of_scope in every.items()
        for name, measure in of_scope.items()
        if measure.basis is basis
    }
    return _counted(connection, _where(cut, basis, None), chosen)


def _where(cut: Cut, basis: Basis, scope: Scope | None) -> ColumnElement[bool]:
    """The spans that a basis looks at."""
    if basis is Basis.ENTERED:
        return and_(visible(cut), S.claimed_from >= earliest(cut), S.claimed_from < cut.end)
    instant = cut.end if scope is None else cut.starts[scope]
    return and_(visible(cut), holds(instant))


def _counted(
    connection: Connection, where: ColumnElement[bool], chosen: Mapping[str, Measure]
) -> list[pd.DataFrame]:
    """A frame for each column that names the town; its index is the cell."""
    towns = {str(measure.town.key): measure.town for measure in chosen.values()}
    columns = {
        key: [_column(name, measure) for name, measure in chosen.items() if measure.town.key == key]
        for key in towns
    }
    return [_grouped(connection, town, columns[key], where) for key, town in towns.items()]


def _column(name: str, measure: Measure) -> Label[Any]:
    value: Any = 1 if measure.value is None else measure.value
    return func.sum(case((and_(*measure.conditions), value), else_=0)).label(name)


def _scoped(scope: Scope, measure: str) -> str:
    return f"{scope}:{measure}"


def _grouped(
    connection: Connection,
    town: ColumnElement[str],
    columns: Sequence[Label[Any]],
    where: ColumnElement[bool],
) -> pd.DataFrame:
    keys = (town.label("town"), S.sector_code.label("sector"), S.self_check)
    query = select(*keys, *columns).where(where).group_by(town, S.sector_code, S.self_check)
    frame = bulk.select(connection, query)
    return frame.set_index(_KEYS) if len(frame) else _empty([c.name for c in columns])


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_arrays([[], [], []], names=_KEYS)
    return pd.DataFrame(columns=list(columns), index=index)


def _of_scope(frame: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    mark = _scoped(scope, "")
    chosen = frame[[c for c in frame.columns if c.startswith(mark)]]
    return chosen.rename(columns=lambda c: c.removeprefix(mark))


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    index = reduce(lambda a, b: a.union(b), (p.index for p in parts))
    columns = [p.reindex(index) for p in parts]
    cube = pd.concat(columns, axis=1).fillna(0).astype("int64").reindex(columns=list(MEASURES))
    return cube.reset_index()


def coverage(
    connection: Connection, cut: Cut, classes: Sequence[str], campaign_start: int
) -> pd.DataFrame:
    """Places due and places checked in the campaign to date, by town and sector."""
    due = _places_due(cut, classes, campaign_start).subquery("due").c
    query = select(
        due.town,
        due.sector,
        func.count().label("places_due"),
        func.sum(due.is_checked).label("places_checked"),
    ).group_by(due.town, due.sector)
    return bulk.select(connection, query)


def places(
    connection: Connection, cut: Cut, classes: Sequence[str], campaign_start: int
) -> pd.DataFrame:
    """Every place that is due: place_id, name, place_class, town, sector, is_checked (0, 1)."""
    query = _places_due(cut, classes, campaign_start).order_by(place_span.c.place_id)
    return bulk.select(connection, query)


def _places_due(cut: Cut, classes: Sequence[str], campaign_start: int) -> Select[Any]:
    """Due: of the campaign's classes, active at its start and at the end, by the registry as known
    at the watermark; checked: visited at least once in between.
    """
    p, v = place_span.c, check_visit.c
    visited = select(v.place_id).where(
        v.county == cut.county,
        v.seq_from <= cut.watermark,
        v.seq_to > cut.watermark,
        v.checked_at >= campaign_start,
        v.checked_at < cut.end,
    )
    return select(
        p.place_id,
        p.name,
        p.place_class,
        p.town_code.label("town"),
        p.sector_code.label("sector"),
        case((p.place_id.in_(visited), 1), else_=0).label("is_checked"),
    ).where(
        p.county == cut.county,
        p.seq_from <= cut.watermark,
        p.seq_to > cut.watermark,
        p.claimed_from < cut.end,
        p.claimed_to >= cut.end,
        p.place_class.in_(list(classes)),
        p.active_from <= campaign_start,
        or_(p.active_to == 0, p.active_to >= cut.end),
    )
