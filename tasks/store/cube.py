"""Counts as sets: one cell per town, sector and split, every measure of `tasks.store.measures`.

The spans that a basis looks at are read once, as arrays, and every measure of every scope is
counted over them; what that costs is in docs/performance.md. The result is a frame of town, sector,
self_check and the measures.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, or_, select

from schemas.edition import MEASURES, Scope
from tasks.store.columns import Columns, columns
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
# Kinds, states and bits: far fewer than 256 of each, as `columns` makes sure.
_SMALL = ("self_check", "entered_by", "state", "severity", "elements", "marks", "backdated")
_OF_NO_SCOPE = (Basis.AT_END, Basis.LATELY)
_FLOWS = (Basis.ENTERED, Basis.LATELY)
_KEYS = ["town", "sector", "self_check"]
_NAMES = tuple(dict.fromkeys(chain(*ASKED.values(), ("claimed_from", "claimed_to"))))


def cells(connection: Connection, cut: Cut) -> dict[Scope, pd.DataFrame]:
    """All measures of every cell, for each scope. int64 columns."""
    read = _read(connection, cut)
    spans = SimpleNamespace(**read.values)
    # The same in every scope; they ask most of a span.
    shared = {b: _taken(spans, b, looked_at(cut, "period", b, spans)) for b in _OF_NO_SCOPE}
    return {scope: _of_scope(cut, scope, spans, shared, read.words) for scope in cut.starts}


def _read(connection: Connection, cut: Cut) -> Columns:
    """Every span that any basis of any scope looks at."""
    held = (looked_at(cut, scope, Basis.AT_START, S) & is_open(S) for scope in cut.starts)
    at_end = looked_at(cut, "period", Basis.AT_END, S)
    query = select(*(S[name] for name in _NAMES)).where(
        visible(cut), or_(_flowing(cut), at_end, *held)
    )
    return columns(connection, query, _TEXTS, _SMALL)


def _flowing(cut: Cut) -> ColumnElement[bool]:
    """Every span that is a flow of any scope."""
    first = min(since(cut, scope, basis) for scope in cut.starts for basis in _FLOWS)
    return (S.claimed_from >= first) & (S.claimed_from < cut.end) & is_flowing(S)


def _of_scope(
    cut: Cut,
    scope: Scope,
    spans: SimpleNamespace,
    shared: Mapping[Basis, SimpleNamespace],
    words: Sequence[str],
) -> pd.DataFrame:
    bases = (Basis.ENTERED, Basis.AT_START)
    own = {b: _taken(spans, b, looked_at(cut, scope, b, spans)) for b in bases}
    seen, size = {**shared, **own}, len(words)
    every = {name: _count(seen[m.basis], m, size) for name, m in measures(cut, scope).items()}
    keys = pd.MultiIndex.from_product([words, words, (0, 1)], names=_KEYS)
    frame = pd.DataFrame(every, keys, columns=list(MEASURES)).fillna(0).astype("int64")
    return frame[(frame != 0).any(axis=1)].reset_index()


def _taken(spans: SimpleNamespace, basis: Basis, mask: Any) -> SimpleNamespace:
    """What a basis asks of the spans that it looks at."""
    where = np.flatnonzero(mask)
    return SimpleNamespace(**{name: getattr(spans, name)[where] for name in ASKED[basis]})


def _count(c: SimpleNamespace, measure: Measure, size: int) -> np.ndarray:
    """How many (or how much) in every cell: town by sector by self-check."""
    chosen = np.flatnonzero(measure.condition(c))
    town, sector = getattr(c, measure.town)[chosen], c.sector_code[chosen]
    cell = (town * size + sector) * 2 + c.self_check[chosen]
    weights = None if measure.value is None else measure.value(c)[chosen]
    return np.bincount(cell, weights, size * size * 2)
