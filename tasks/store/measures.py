"""What every measure counts: one table of conditions over the bitemporal spans of hazards.

A figure has two cuts: facts claimed before the period's end, and what was known at the watermark
(seq_from <= W < seq_to). A flow is a span by the fact that entered it, claimed within the scope; a
stock is the span that holds an instant: claimed before it, lasting to it or longer. The same table
counts a cell (`tasks.store.cube`) and lists its items (`tasks.store.items`): they cannot differ.

Conditions are written once for columns of any kind: of the table, where items are asked for, and of
arrays, where a whole county is counted. They use what both understand: comparisons, `&`, `|`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from sqlalchemy import ColumnElement, and_

from rules.elements import FIVE_ELEMENTS
from rules.lifecycle import OPEN_STATES
from schemas.edition import Scope
from schemas.period import DAY_MS, HOUR_MS
from schemas.tables_projections import hazard_span
from schemas.vocabulary import FACT_RANK, FactKind, Mark, Severity, State

S = hazard_span.c
REOPENING_DAYS = 90  # the base of the reopen rate (domain §5), part of the indicator's definition
_GONE = (State.REJECTED, State.MERGED, State.TRANSFERRED)  # never rectified
# The facts whose spans are counted as flows; the others move nothing that is printed.
FLOWING = (
    *(FactKind.REGISTERED, FactKind.MOVED, FactKind.CLOSED, FactKind.REOPENED),
    *(FactKind.ACCEPTANCE_PASSED, FactKind.ACCEPTANCE_FAILED),
    *(FactKind.REJECTED, FactKind.MERGED, FactKind.TRANSFERRED),
)

Columns = Any  # the table's columns, or arrays by the same names
Condition = Callable[[Columns], Any]


@dataclass(frozen=True)
class Cut:
    """What an edition counts: up to `end` in claimed time, as known at `watermark`."""

    county: str
    watermark: int
    end: int
    starts: dict[Scope, int]
    dispatch_hours: int


class Basis(StrEnum):
    """Which span of a hazard a measure looks at."""

    ENTERED = "entered"  # every span, by the fact that began it in the scope
    LATELY = "lately"  # every span that began in the days that the reopen rate looks back
    AT_END = "at_end"  # the one in force at the period's end
    AT_START = "at_start"  # the one in force when the scope began


_CELL = ("self_check", "town_code", "sector_code")
_FLOW = (*_CELL, "claimed_from", "entered_by", "town_before")
# What the conditions of a basis, and the cells, ask of a span.
ASKED: dict[Basis, tuple[str, ...]] = {
    Basis.ENTERED: _FLOW,
    Basis.LATELY: _FLOW,
    Basis.AT_START: (*_CELL, "state"),
    Basis.AT_END: (
        *(*_CELL, "town_found", "state", "severity", "elements", "marks", "backdated"),
        *("found_at", "verified_at", "assigned_at", "due_at", "original_due_at", "accepted_at"),
    ),
}


@dataclass(frozen=True)
class Measure:
    """The spans of `basis` that meet the condition, in the town of the column `town`.

    Counted each as one, or summed by `value`.
    """

    basis: Basis
    condition: Condition
    town: str = "town_code"
    value: Callable[[Columns], Any] | None = None


def visible(cut: Cut) -> ColumnElement[bool]:
    """What was known at the watermark."""
    return and_(S.county == cut.county, S.seq_from <= cut.watermark, S.seq_to > cut.watermark)


def holds(instant: int) -> ColumnElement[bool]:
    """The span in force when everything claimed before the instant has happened."""
    return and_(S.claimed_from < instant, S.claimed_to >= instant)


def looked_at(cut: Cut, scope: Scope, basis: Basis, c: Columns) -> Any:
    """The spans that a basis looks at."""
    if basis is Basis.AT_END:
        return (c.claimed_from < cut.end) & (c.claimed_to >= cut.end)
    if basis is Basis.AT_START:
        return (c.claimed_from < cut.starts[scope]) & (c.claimed_to >= cut.starts[scope])
    return (c.claimed_from >= since(cut, scope, basis)) & (c.claimed_from < cut.end)


def since(cut: Cut, scope: Scope, basis: Basis) -> int:
    """From when on facts are flows of a scope."""
    return cut.end - REOPENING_DAYS * DAY_MS if basis is Basis.LATELY else cut.starts[scope]


def is_flowing(c: Columns) -> Any:
    """Begun by a fact that is counted."""
    return _by(*FLOWING)(c)


def measures(cut: Cut, scope: Scope) -> dict[str, Measure]:
    """Every measure of a scope that is counted over hazards, by its name in MEASURES."""
    start = cut.starts[scope]
    flows = {name: Measure(Basis.ENTERED, c) for name, c in _FLOWS.items()}
    standing = _stocks(start, cut.end) | _dispatch(start, cut.dispatch_hours * HOUR_MS)
    stocks = {name: Measure(Basis.AT_END, c) for name, c in standing.items()}
    return {
        "opening": Measure(Basis.AT_START, is_open),
        **flows,
        "closures_90_days": Measure(Basis.LATELY, _by(FactKind.CLOSED)),
        "moved_out": Measure(Basis.ENTERED, _moved, "town_before"),
        **stocks,
        "overdue_days": replace(stocks["overdue"], value=lambda c: (cut.end - c.due_at) // DAY_MS),
        "found_closed": Measure(
            Basis.AT_END,
            lambda c: (c.state == int(State.CLOSED)) & (c.found_at >= start),
            "town_found",
        ),
    }


def _one_of(column: Any, values: Any) -> Any:
    return reduce(or_, [column == int(value) for value in values])


def _bits(column: Any, mask: int) -> Any:
    return column.bitwise_and(mask) if isinstance(column, ColumnElement) else column & mask


def is_open(c: Columns) -> Any:
    """Registered, and neither closed nor gone."""
    return _one_of(c.state, OPEN_STATES)


def _by(*kinds: FactKind) -> Condition:
    return lambda c: _one_of(c.entered_by, [FACT_RANK[kind] for kind in kinds])


def _moved(c: Columns) -> Any:
    return _by(FactKind.MOVED)(c) & (c.town_before != c.town_code)


# Effective moves, by the town of the hazard after the move.
_FLOWS: dict[str, Condition] = {
    "found": _by(FactKind.REGISTERED),
    "reopened": _by(FactKind.REOPENED),
    "moved_in": _moved,
    "closed": _by(FactKind.CLOSED),
    "rejected": _by(FactKind.REJECTED),
    "merged": _by(FactKind.MERGED),
    "transferred": _by(FactKind.TRANSFERRED),
    "acceptances": _by(FactKind.ACCEPTANCE_PASSED, FactKind.ACCEPTANCE_FAILED),
    "reworked": _by(FactKind.ACCEPTANCE_FAILED),
}


def _dispatch(start: int, within: int) -> dict[str, Condition]:
    """Verified in the scope, and assigned within the time for it; both in the town in charge at the
    end, as dues are: a hazard that changes towns between the two is a part of one whole only."""

    def verified(c: Columns) -> Any:
        return (c.verified_at > 0) & (c.verified_at >= start)

    def dispatched(c: Columns) -> Any:
        return verified(c) & (c.assigned_at > 0) & (c.assigned_at - c.verified_at <= within)

    return {"verified": verified, "dispatched_in_time": dispatched}


def _stocks(start: int, end: int) -> dict[str, Condition]:
    """What holds at the end; dues also ask whether they fell into the scope."""

    def due(c: Columns) -> Any:
        judged = _bits(c.marks, int(Mark.OPENING)) == 0
        return (c.due_at > start) & (c.due_at <= end) & ~_one_of(c.state, _GONE) & judged

    def kept(c: Columns) -> Any:
        return due(c) & (c.accepted_at > 0) & (c.accepted_at <= c.due_at)

    def overdue(c: Columns) -> Any:
        return is_open(c) & (c.accepted_at == 0) & (c.due_at > 0) & (c.due_at <= end)

    def major(c: Columns) -> Any:
        return c.severity == int(Severity.MAJOR)

    def original(c: Columns) -> Any:
        return due(c) & (c.accepted_at > 0) & (c.accepted_at <= c.original_due_at)

    five = int(FIVE_ELEMENTS)
    return {
        "closing": is_open,
        "due": due,
        "on_time": lambda c: kept(c) & (c.backdated == 0),
        "on_time_original": lambda c: original(c) & (c.backdated == 0),
        "backdated": lambda c: kept(c) & (c.backdated == 1),
        "overdue": overdue,
        "overdue_major": lambda c: overdue(c) & major(c),
        "major_open": lambda c: is_open(c) & major(c),
        "major_complete": lambda c: is_open(c) & major(c) & (_bits(c.elements, five) == five),
    }
