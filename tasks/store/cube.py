"""What every measure counts, as SQL over the bitemporal spans: one cell per town, sector and split.

A figure has two cuts: facts claimed before the period's end, and what was known at the watermark
(seq_from <= W < seq_to). A flow is a span by the fact that entered it, claimed within the period;
a stock is the span that holds an instant: claimed before it, lasting to it or longer. Nothing is
read item by item; the result is a frame of town, sector, self_check and the measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Label, and_, case, func, or_, select

from rules.elements import FIVE_ELEMENTS
from rules.lifecycle import OPEN_STATES
from schemas.edition import MEASURES, Scope
from schemas.period import DAY_MS, HOUR_MS
from schemas.tables_projections import check_visit, hazard_span, place_span
from schemas.vocabulary import FACT_RANK, FactKind, Mark, Severity, State
from tasks.store import bulk

_S = hazard_span.c
_OPEN = _S.state.in_([int(s) for s in OPEN_STATES])
_NEVER_RECTIFIED = [int(s) for s in (State.REJECTED, State.MERGED, State.TRANSFERRED)]
_KEYS = ["town", "sector", "self_check"]
_REOPENING_DAYS = 90  # the base of the reopen rate (domain §5), part of the indicator's definition


@dataclass(frozen=True)
class Cut:
    """What an edition counts: up to `end` in claimed time, as known at `watermark`."""

    county: str
    watermark: int
    end: int
    starts: dict[Scope, int]
    dispatch_hours: int


def cells(connection: Connection, cut: Cut) -> dict[Scope, pd.DataFrame]:
    """All measures of every cell, for each scope. int64 columns."""
    flows, moved_out = _flows(connection, cut), _moved_out(connection, cut)
    stocks, cohort = _stocks(connection, cut), _cohort(connection, cut)
    found = {}
    for scope, start in cut.starts.items():
        opening = _opening(connection, cut, start)
        parts = [_of_scope(f, scope) for f in (flows, moved_out, stocks, cohort)]
        found[scope] = _joined([*parts, opening])
    return found


def visible(cut: Cut) -> ColumnElement[bool]:
    return and_(_S.county == cut.county, _S.seq_from <= cut.watermark, _S.seq_to > cut.watermark)


def holds(instant: int) -> ColumnElement[bool]:
    """The span in force when everything claimed before the instant has happened."""
    return and_(_S.claimed_from < instant, _S.claimed_to >= instant)


def _count(name: str, *conditions: ColumnElement[bool]) -> Label[Any]:
    return func.sum(case((and_(*conditions), 1), else_=0)).label(name)


def _entered(*kinds: FactKind) -> ColumnElement[bool]:
    return _S.entered_by.in_([FACT_RANK[k] for k in kinds])


def _scoped(scope: Scope, measure: str) -> str:
    return f"{scope}:{measure}"


def _flows(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Effective moves claimed in each scope, by the town of the hazard after the move."""
    closures_from = cut.end - _REOPENING_DAYS * DAY_MS
    columns = [
        _count(_scoped(scope, name), _S.claimed_from >= start, *conditions)
        for scope, start in cut.starts.items()
        for name, conditions in _flow_measures(start, cut).items()
    ]
    closures = [
        _count(
            _scoped(scope, "closures_90_days"),
            _entered(FactKind.CLOSED),
            _S.claimed_from >= closures_from,
        )
        for scope in cut.starts
    ]
    earliest = min(closures_from, *cut.starts.values())
    where = and_(visible(cut), _S.claimed_from >= earliest, _S.claimed_from < cut.end)
    return _grouped(connection, _S.town_code, [*columns, *closures], where)


def _flow_measures(start: int, cut: Cut) -> dict[str, tuple[ColumnElement[bool], ...]]:
    changed_town = _S.town_before != _S.town_code
    in_time = _S.assigned_at - _S.verified_at <= cut.dispatch_hours * HOUR_MS
    first_assigned = _S.assigned_at == _S.claimed_from
    return {
        "found": (_entered(FactKind.REGISTERED),),
        "reopened": (_entered(FactKind.REOPENED),),
        "moved_in": (_entered(FactKind.MOVED), changed_town),
        "closed": (_entered(FactKind.CLOSED),),
        "rejected": (_entered(FactKind.REJECTED),),
        "merged": (_entered(FactKind.MERGED),),
        "transferred": (_entered(FactKind.TRANSFERRED),),
        "acceptances": (_entered(FactKind.ACCEPTANCE_PASSED, FactKind.ACCEPTANCE_FAILED),),
        "reworked": (_entered(FactKind.ACCEPTANCE_FAILED),),
        "verified": (_entered(FactKind.VERIFIED),),
        "dispatched_in_time": (
            _entered(FactKind.ASSIGNED),
            first_assigned,
            _S.verified_at >= start,
            in_time,
        ),
    }


def _moved_out(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Moves between towns, by the town that was left."""
    columns = [
        _count(_scoped(scope, "moved_out"), _S.claimed_from >= start)
        for scope, start in cut.starts.items()
    ]
    where = and_(
        visible(cut),
        _entered(FactKind.MOVED),
        _S.town_before != _S.town_code,
        _S.claimed_from >= min(cut.starts.values()),
        _S.claimed_from < cut.end,
    )
    return _grouped(connection, _S.town_before, columns, where)


def _stocks(connection: Connection, cut: Cut) -> pd.DataFrame:
    """What holds at the end; dues also ask whether they fell into the scope."""
    columns = [
        _count(_scoped(scope, name), *conditions)
        for scope, start in cut.starts.items()
        for name, conditions in _stock_measures(start, cut.end).items()
    ]
    days = [
        func.sum(case((_overdue(cut.end), (cut.end - _S.due_at) / DAY_MS), else_=0)).label(
            _scoped(scope, "overdue_days")
        )
        for scope in cut.starts
    ]
    return _grouped(connection, _S.town_code, [*columns, *days], and_(visible(cut), holds(cut.end)))


def _overdue(end: int) -> ColumnElement[bool]:
    return and_(_OPEN, _S.accepted_at == 0, _S.due_at > 0, _S.due_at <= end)


def _stock_measures(start: int, end: int) -> dict[str, tuple[ColumnElement[bool], ...]]:
    judged = _S.marks.bitwise_and(int(Mark.OPENING)) == 0
    due = and_(_S.due_at > start, _S.due_at <= end, _S.state.not_in(_NEVER_RECTIFIED), judged)
    accepted, in_time = _S.accepted_at > 0, _S.accepted_at <= _S.due_at
    major, filed_in_time = _S.severity == int(Severity.MAJOR), _S.backdated == 0
    complete = _S.elements.bitwise_and(int(FIVE_ELEMENTS)) == int(FIVE_ELEMENTS)
    return {
        "closing": (_OPEN,),
        "due": (due,),
        "on_time": (due, accepted, in_time, filed_in_time),
        "on_time_original": (due, accepted, _S.accepted_at <= _S.original_due_at, filed_in_time),
        "backdated": (due, accepted, in_time, _S.backdated == 1),
        "overdue": (_overdue(end),),
        "overdue_major": (_overdue(end), major),
        "major_open": (_OPEN, major),
        "major_complete": (_OPEN, major, complete),
    }


def _cohort(connection: Connection, cut: Cut) -> pd.DataFrame:
    """Found in the scope and closed at its end, by the town that found it."""
    columns = [
        _count(_scoped(scope, "found_closed"), _S.found_at >= start)
        for scope, start in cut.starts.items()
    ]
    where = and_(visible(cut), holds(cut.end), _S.state == int(State.CLOSED))
    return _grouped(connection, _S.town_found, columns, where)


def _opening(connection: Connection, cut: Cut, start: int) -> pd.DataFrame:
    where = and_(visible(cut), holds(start), _OPEN)
    return _grouped(connection, _S.town_code, [func.count().label("opening")], where)


def _grouped(
    connection: Connection,
    town: ColumnElement[str],
    columns: Sequence[Label[Any]],
    where: ColumnElement[bool],
) -> pd.DataFrame:
    keys = (town.label("town"), _S.sector_code.label("sector"), _S.self_check)
    query = select(*keys, *columns).where(where).group_by(town, _S.sector_code, _S.self_check)
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
    """Places due and places checked in the campaign to date, by town and sector.

    Due: of the campaign's classes, active at its start and at the end, by the registry as known
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
    query = (
        select(
            p.town_code.label("town"),
            p.sector_code.label("sector"),
            func.count().label("places_due"),
            _count("places_checked", p.place_id.in_(visited)),
        )
        .where(
            p.county == cut.county,
            p.seq_from <= cut.watermark,
            p.seq_to > cut.watermark,
            p.claimed_from < cut.end,
            p.claimed_to >= cut.end,
            p.place_class.in_(list(classes)),
            p.active_from <= campaign_start,
            or_(p.active_to == 0, p.active_to >= cut.end),
        )
        .group_by(p.town_code, p.sector_code)
    )
    return bulk.select(connection, query)
