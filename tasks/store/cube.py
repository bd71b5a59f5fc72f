"""Counts as sets: one cell per town, sector and split, every measure of `tasks.store.measures`.

The spans that a basis looks at are read once, as arrays, and every measure of every scope is
counted over them; what that costs is in docs/performance.md. The result is a frame of town, sector,
self_check and the measures.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from schemas.edition import MEASURES, Scope
from schemas.tables_projections import check_visit, place_span
from tasks.store import bulk
from tasks.store.measures import (
    ASKED,
    Basis,
    Cut,
    Measure,
    S,
    is_flowing,
    is_open,
    looked_at,
    measures,
    since,
    visible,
)

_TEXTS = ("town_code", "town_before", "town_found", "sector_code")
_FLOWS = (Basis.ENTERED, Basis.LATELY)
_KEYS = ["town", "sector", "self_check"]


def cells(connection: Connection, cut: Cut) -> dict[Scope, pd.DataFrame]:
    """All measures of every cell, for each scope. int64 columns."""
    flows, ends, opened = _one_vocabulary(
        _read(connection, cut, Basis.ENTERED, _flowing(cut)),
        _read(connection, cut, Basis.AT_END, looked_at(cut, "period", Basis.AT_END, S)),
        _read(connection, cut, Basis.AT_START, _opened(cut)),
    )
    return {scope: _of_scope(cut, scope, flows, ends, opened) for scope in cut.starts}


def _flowing(cut: Cut) -> ColumnElement[bool]:
    """Every span that is a flow of any scope."""
    first = min(since(cut, scope, basis) for scope in cut.starts for basis in _FLOWS)
    return (S.claimed_from >= first) & (S.claimed_from < cut.end) & is_flowing(S)


def _opened(cut: Cut) -> ColumnElement[bool]:
    """Every span that holds the beginning of any scope, of an open hazard."""
    return or_(*(looked_at(cut, scope, Basis.AT_START, S) for scope in cut.starts)) & is_open(S)


def _read(
    connection: Connection, cut: Cut, basis: Basis, where: ColumnElement[bool]
) -> SimpleNamespace:
    """What a basis asks of its spans, as arrays; towns and sectors as categoricals."""
    names = ASKED[basis]
    query = select(*(S[name] for name in names)).where(visible(cut), where)
    return SimpleNamespace(**bulk.arrays(connection, query, [n for n in names if n in _TEXTS]))


def _one_vocabulary(*spans: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The same spans, their texts coded alike: a cell has one number in all of them."""
    words = reduce(pd.Index.union, (c.sector_code.categories for c in spans))
    for c in spans:
        texts = {n: x.set_categories(words) for n, x in vars(c).items() if n in _TEXTS}
        yield SimpleNamespace(**vars(c) | texts)


def _of_scope(
    cut: Cut, scope: Scope, flows: SimpleNamespace, ends: SimpleNamespace, opened: SimpleNamespace
) -> pd.DataFrame:
    held = looked_at(cut, scope, Basis.AT_START, opened)
    spans = {Basis.AT_END: ends, Basis.AT_START: _taken(opened, held)}
    spans |= {b: _taken(flows, flows.claimed_from >= since(cut, scope, b)) for b in _FLOWS}
    every = {name: _count(spans[m.basis], m) for name, m in measures(cut, scope).items()}
    words = ends.sector_code.categories
    keys = pd.MultiIndex.from_product([words, words, (0, 1)], names=_KEYS)
    frame = pd.DataFrame(every, keys, columns=list(MEASURES)).fillna(0).astype("int64")
    return frame[(frame != 0).any(axis=1)].reset_index()


def _taken(c: SimpleNamespace, mask: Any) -> SimpleNamespace:
    return SimpleNamespace(**{name: column[mask] for name, column in vars(c).items()})


def _count(c: SimpleNamespace, measure: Measure) -> np.ndarray:
    """How many (or how much) in every cell: town by sector by self-check."""
    chosen = measure.condition(c)
    sectors, size = c.sector_code, len(c.sector_code.categories)
    town = getattr(c, measure.town).codes[chosen].astype(np.int64)
    cell = (town * size + sectors.codes[chosen]) * 2 + c.self_check[chosen]
    weights = None if measure.value is None else measure.value(c)[chosen]
    return np.bincount(cell, weights, size * size * 2)


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
