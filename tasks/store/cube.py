"""Counts as sets: one cell per town, sector and split, every measure of `tasks.store.measures`.

The spans that a basis looks at are read once, as arrays, and every measure of every scope is
counted over them; what that costs is in docs/performance.md. The result is a frame of town, sector,
self_check and the measures.
"""

from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, or_, select

from schemas.edition import MEASURES, Scope
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
_NAMES = tuple(dict.fromkeys(chain(*ASKED.values(), ("claimed_from", "claimed_to"))))


def cells(connection: Connection, cut: Cut) -> dict[Scope, pd.DataFrame]:
    """All measures of every cell, for each scope. int64 columns."""
    spans = _read(connection, cut)
    return {scope: _of_scope(cut, scope, spans) for scope in cut.starts}


def _read(connection: Connection, cut: Cut) -> SimpleNamespace:
    """Every span that any basis of any scope looks at, as arrays; texts as categoricals."""
    held = (looked_at(cut, scope, Basis.AT_START, S) & is_open(S) for scope in cut.starts)
    at_end = looked_at(cut, "period", Basis.AT_END, S)
    query = select(*(S[name] for name in _NAMES)).where(
        visible(cut), or_(_flowing(cut), at_end, *held)
    )
    return SimpleNamespace(**bulk.arrays(connection, query, _TEXTS))


def _flowing(cut: Cut) -> ColumnElement[bool]:
    """Every span that is a flow of any scope."""
    first = min(since(cut, scope, basis) for scope in cut.starts for basis in _FLOWS)
    return (S.claimed_from >= first) & (S.claimed_from < cut.end) & is_flowing(S)


def _of_scope(cut: Cut, scope: Scope, spans: SimpleNamespace) -> pd.DataFrame:
    seen = {b: _taken(spans, b, looked_at(cut, scope, b, spans)) for b in Basis}
    every = {name: _count(seen[m.basis], m) for name, m in measures(cut, scope).items()}
    words = spans.sector_code.categories
    keys = pd.MultiIndex.from_product([words, words, (0, 1)], names=_KEYS)
    frame = pd.DataFrame(every, keys, columns=list(MEASURES)).fillna(0).astype("int64")
    return frame[(frame != 0).any(axis=1)].reset_index()


def _taken(spans: SimpleNamespace, basis: Basis, mask: Any) -> SimpleNamespace:
    """What a basis asks of the spans that it looks at."""
    return SimpleNamespace(**{name: getattr(spans, name)[mask] for name in ASKED[basis]})


def _count(c: SimpleNamespace, measure: Measure) -> np.ndarray:
    """How many (or how much) in every cell: town by sector by self-check."""
    chosen = measure.condition(c)
    sectors, size = c.sector_code, len(c.sector_code.categories)
    town = getattr(c, measure.town).codes[chosen].astype(np.int64)
    cell = (town * size + sectors.codes[chosen]) * 2 + c.self_check[chosen]
    weights = None if measure.value is None else measure.value(c)[chosen]
    return np.bincount(cell, weights, size * size * 2)
