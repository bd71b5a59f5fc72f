"""Counts as sets: one cell per town, sector and split, every measure of `tasks.store.measures`.

The spans that an edition looks at are read once, as arrays, and every measure of every scope is
counted over them: a county's year in the time that the database takes to read it. [measured: as SQL
alone, a sum for each of eighty figures, it took three times as long] The result is a frame of town,
sector, self_check and the measures.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select, case, func, or_, select

from schemas.edition import MEASURES, Scope
from schemas.tables_projections import check_visit, place_span
from tasks.store import bulk
from tasks.store.measures import COLUMNS, Basis, Cut, Measure, S, looked_at, measures, visible

_TOWNS = ("town_code", "town_before", "town_found")
_KEYS = ["town", "sector", "self_check"]


def cells(connection: Connection, cut: Cut) -> dict[Scope, pd.DataFrame]:
    """All measures of every cell, for each scope. int64 columns."""
    spans = _Spans.read(connection, cut)
    return {scope: _of_scope(spans, cut, scope) for scope in cut.starts}


class _Spans:
    """Spans as arrays; towns and sectors as codes of `towns` and `sectors`."""

    def __init__(self, columns: dict[str, Any], towns: list[str], sectors: list[str]) -> None:
        self.columns, self.towns, self.sectors = columns, towns, sectors

    @classmethod
    def read(cls, connection: Connection, cut: Cut) -> "_Spans":
        query = select(*(S[name] for name in COLUMNS)).where(visible(cut), S.claimed_from < cut.end)
        found = bulk.arrays(connection, query, ("sector_code", *_TOWNS))
        towns = sorted(set().union(*(found[name].categories for name in _TOWNS)))
        sectors = sorted(found["sector_code"].categories)
        coded = {name: _codes(found[name], towns) for name in _TOWNS}
        return cls(
            {**found, **coded, "sector_code": _codes(found["sector_code"], sectors)}, towns, sectors
        )

    def taken(self, mask: Any) -> SimpleNamespace:
        """The columns of some spans."""
        return SimpleNamespace(**{name: column[mask] for name, column in self.columns.items()})

    def count(self, c: SimpleNamespace, measure: Measure) -> Any:
        """How many (or how much) in every cell: towns × sectors × self-check, flat."""
        chosen = measure.condition(c)
        town = getattr(c, measure.town)[chosen]
        cell = (town * len(self.sectors) + c.sector_code[chosen]) * 2 + c.self_check[chosen]
        weights = None if measure.value is None else measure.value(c)[chosen]
        size = len(self.towns) * len(self.sectors) * 2
        return np.bincount(cell, weights, size).astype(np.int64)

    def cells(self) -> pd.DataFrame:
        every = pd.MultiIndex.from_product([self.towns, self.sectors, (0, 1)], names=_KEYS)
        return every.to_frame(index=False)


def _codes(column: Any, words: list[str]) -> Any:
    """Positions in `words` of a categorical."""
    place = {word: n for n, word in enumerate(words)}
    return np.array([place[w] for w in column.categories], dtype=np.int64)[column.codes]


def _of_scope(spans: _Spans, cut: Cut, scope: Scope) -> pd.DataFrame:
    everything = SimpleNamespace(**spans.columns)
    named = measures(cut, scope)
    counted: dict[str, Any] = {}
    for basis in Basis:
        c = spans.taken(looked_at(cut, scope, basis, everything))
        own = {name: m for name, m in named.items() if m.basis is basis}
        counted |= {name: spans.count(c, m) for name, m in own.items()}
    frame = spans.cells().assign(**{name: counted[name] for name in MEASURES})
    return frame[frame[list(MEASURES)].any(axis=1)].reset_index(drop=True)


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
