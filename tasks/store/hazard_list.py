"""Lists of hazards as they stand: one SQL over the present spans, the most urgent first.

Filters and order need the spans alone, read by their primary key; only what is shown is joined with
its finding. [measured: 0.4 s for 273,699 hazards] Nothing is dropped by its clock: what is overdue
stays open until it is accepted and closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from rules.element_versions import ELEMENTS, needed
from rules.elements import NOTHING, Need, names
from rules.lifecycle import OPEN_STATES
from schemas.period import FOREVER
from schemas.tables_projections import finding, hazard_span
from schemas.vocabulary import Severity, State
from tasks.store import bulk

_S, _F = hazard_span.c, finding.c
_SPAN = (
    *("root_id", "state", "severity", "town_code", "town_found", "sector_code", "self_check"),
    *("elements", "listed_level", "found_at", "verified_at", "assigned_at", "due_at"),
    *("original_due_at", "accepted_at", "closed_at", "backdated", "marks"),
)
_FINDING = ("source", "source_id", "unit_name", "category", "description", "channel")
COLUMNS = (*_SPAN, *_FINDING)
_FETCH_ROWS = 5_000


@dataclass(frozen=True)
class Filters:
    """Which hazards are asked for; empty: any. `found_*`: UTC ms, `found_to` not included."""

    states: tuple[State, ...] = OPEN_STATES
    towns: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    severity: Severity | None = None
    is_overdue: bool = False
    is_listed: bool = False
    missing: Need = NOTHING  # at least one of these is needed and missing
    unit: str = ""  # part of the name
    found_from: int = 0
    found_to: int = FOREVER


def page(
    connection: Connection, county: str, filters: Filters, now: int, limit: int | None
) -> tuple[pd.DataFrame, int]:
    """The `limit` most urgent hazards, COLUMNS, or all; and how many there are."""
    frame = bulk.select(connection, _query(county, filters, now, limit))
    total = int(frame["total"].iloc[0]) if len(frame) else 0
    return frame[list(COLUMNS)], total


def stream(
    connection: Connection, county: str, filters: Filters, now: int
) -> Iterator[pd.DataFrame]:
    """All of them in the same order, a few thousand at a time: no list is too long."""
    query = _query(county, filters, now, None).execution_options(yield_per=_FETCH_ROWS)
    result = connection.execute(query)
    names_ = list(result.keys())
    for rows in result.partitions():
        yield pd.DataFrame.from_records([tuple(r) for r in rows], columns=names_)[list(COLUMNS)]


def present(county: str) -> ColumnElement[bool]:
    """The row of each hazard that holds now."""
    return and_(_S.county == county, _S.seq_to == FOREVER, _S.claimed_to == FOREVER)


def is_overdue(now: int) -> ColumnElement[bool]:
    is_open = _S.state.in_([int(s) for s in OPEN_STATES])
    return and_(is_open, _S.accepted_at == 0, _S.due_at > 0, _S.due_at <= now)


def lacks(need: Need) -> ColumnElement[bool]:
    """This element is needed by the hazard's severity and was not filed."""
    asking = [int(s) for s in Severity if need & needed(s)]
    return and_(_S.severity.in_(asking), _S.elements.bitwise_and(int(need)) == 0)


def _query(county: str, filters: Filters, now: int, limit: int | None) -> Select[Any]:
    urgency = _urgency(now).label("urgency")
    order = (urgency, _S.due_at, _S.severity.desc(), _S.found_at, _S.root_id)
    total = func.count().over().label("total")
    keys = select(_S.root_id, _S.ordinal, _S.seq_from, urgency, total)
    if filters.unit:
        mine = and_(_F.county == _S.county, _F.stream_id == _S.root_id)
        keys = keys.join(finding, mine).where(_F.unit_name.contains(filters.unit, autoescape=True))
    keys = keys.where(present(county), *_chosen(filters, now)).order_by(*order).limit(limit)
    k = keys.subquery("chosen").c
    spans = and_(
        _S.county == county,
        _S.root_id == k.root_id,
        _S.ordinal == k.ordinal,
        _S.seq_from == k.seq_from,
    )
    findings = and_(_F.county == county, _F.stream_id == k.root_id)
    columns = [*(_S[c] for c in _SPAN), *(_F[c] for c in _FINDING), k.total]
    query = select(*columns).join_from(k.root_id.table, hazard_span, spans).join(finding, findings)
    return query.order_by(k.urgency, *order[1:])


def _chosen(filters: Filters, now: int) -> Iterator[ColumnElement[bool]]:
    if filters.states:
        yield _S.state.in_([int(s) for s in filters.states])
    if filters.towns:
        yield _S.town_code.in_(filters.towns)
    if filters.sectors:
        yield _S.sector_code.in_(filters.sectors)
    if filters.severity is not None:
        yield _S.severity == int(filters.severity)
    if filters.is_overdue:
        yield is_overdue(now)
    if filters.is_listed:
        yield _S.listed_level > 0
    if filters.missing:
        yield or_(*(lacks(n) for n in ELEMENTS if n & filters.missing))
    if filters.found_from:
        yield _S.found_at >= filters.found_from
    if filters.found_to < FOREVER:
        yield _S.found_at < filters.found_to


def _urgency(now: int) -> ColumnElement[int]:
    """0 overdue and major or listed, 1 overdue, 2 dated, 3 not dated, 4 accepted, 5 not open."""
    is_open = _S.state.in_([int(s) for s in OPEN_STATES])
    return case(
        (and_(is_overdue(now), or_(_S.severity > 0, _S.listed_level > 0)), 0),
        (is_overdue(now), 1),
        (and_(is_open, _S.accepted_at == 0, _S.due_at > 0), 2),
        (and_(is_open, _S.accepted_at == 0), 3),
        (is_open, 4),
        else_=5,
    )


def completeness(connection: Connection, county: str) -> pd.DataFrame:
    """Open hazards by town_code, sector_code and severity: open, complete, lacks_<element>.

    An element that a severity does not need is lacking nowhere. int64 columns.
    """
    counts = [
        func.sum(case((lacks(need), 1), else_=0)).label(f"lacks_{names(int(need))[0]}")
        for need in ELEMENTS
    ]
    complete = and_(*(~lacks(need) for need in ELEMENTS))
    whole = func.sum(case((complete, 1), else_=0)).label("complete")
    by = (_S.town_code, _S.sector_code, _S.severity)
    query = select(*by, func.count().label("open"), whole, *counts)
    is_open = _S.state.in_([int(s) for s in OPEN_STATES])
    return bulk.select(connection, query.where(present(county), is_open).group_by(*by))
