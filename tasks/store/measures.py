"""What every measure counts: one table of conditions over the bitemporal spans of hazards.

A figure has two cuts: facts claimed before the period's end, and what was known at the watermark
(seq_from <= W < seq_to). A flow is a span by the fact that entered it, claimed within the scope; a
stock is the span that holds an instant: claimed before it, lasting to it or longer. The same table
counts a cell (`tasks.store.cube`) and lists its items (`tasks.store.items`): they cannot differ.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_

from rules.elements import FIVE_ELEMENTS
from rules.lifecycle import OPEN_STATES
from schemas.edition import Scope
from schemas.period import DAY_MS, HOUR_MS
from schemas.tables_projections import hazard_span
from schemas.vocabulary import FACT_RANK, FactKind, Mark, Severity, State

S = hazard_span.c
OPEN = S.state.in_([int(s) for s in OPEN_STATES])
REOPENING_DAYS = 90  # the base of the reopen rate (domain §5), part of the indicator's definition
_NEVER_RECTIFIED = [int(s) for s in (State.REJECTED, State.MERGED, State.TRANSFERRED)]

Conditions = tuple[ColumnElement[bool], ...]


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

    ENTERED = "entered"  # every span, by the fact that began it
    AT_END = "at_end"  # the one in force at the period's end
    AT_START = "at_start"  # the one in force when the scope began


@dataclass(frozen=True)
class Measure:
    """The spans of `basis` that meet every condition, in the town that `town` names.

    Counted each as one, or summed by `value`.
    """

    basis: Basis
    conditions: Conditions
    town: ColumnElement[str]
    value: ColumnElement[Any] | None = None


def visible(cut: Cut) -> ColumnElement[bool]:
    """What was known at the watermark."""
    return and_(S.county == cut.county, S.seq_from <= cut.watermark, S.seq_to > cut.watermark)


def holds(instant: int) -> ColumnElement[bool]:
    """The span in force when everything claimed before the instant has happened."""
    return and_(S.claimed_from < instant, S.claimed_to >= instant)


def measures(cut: Cut, scope: Scope) -> dict[str, Measure]:
    """Every measure of a scope that is counted over hazards, by its name in MEASURES."""
    start = cut.starts[scope]
    entered = {
        name: Measure(Basis.ENTERED, (_claimed(start, cut.end), *conditions), S.town_code)
        for name, conditions in _flows(start, cut).items()
    }
    standing = {
        name: Measure(Basis.AT_END, conditions, S.town_code)
        for name, conditions in _stocks(start, cut.end).items()
    }
    closures = (_claimed(cut.end - REOPENING_DAYS * DAY_MS, cut.end), _by(FactKind.CLOSED))
    left = (_claimed(start, cut.end), *_moves())
    found_closed = (S.state == int(State.CLOSED), S.found_at >= start)
    return {
        "opening": Measure(Basis.AT_START, (OPEN,), S.town_code),
        **entered,
        "closures_90_days": Measure(Basis.ENTERED, closures, S.town_code),
        "moved_out": Measure(Basis.ENTERED, left, S.town_before),
        **standing,
        "overdue_days": replace(standing["overdue"], value=(cut.end - S.due_at) / DAY_MS),
        "found_closed": Measure(Basis.AT_END, found_closed, S.town_found),
    }


def earliest(cut: Cut) -> int:
    """No measure looks at a fact claimed before this instant, but at what holds."""
    return min(cut.end - REOPENING_DAYS * DAY_MS, *cut.starts.values())


def _by(*kinds: FactKind) -> ColumnElement[bool]:
    return S.entered_by.in_([FACT_RANK[k] for k in kinds])


def _claimed(start: int, end: int) -> ColumnElement[bool]:
    return and_(S.claimed_from >= start, S.claimed_from < end)


def _moves() -> Conditions:
    return _by(FactKind.MOVED), S.town_before != S.town_code


def _flows(start: int, cut: Cut) -> dict[str, Conditions]:
    """Effective moves, by the town of the hazard after the move."""
    in_time = S.assigned_at - S.verified_at <= cut.dispatch_hours * HOUR_MS
    first_assigned = S.assigned_at == S.claimed_from
    return {
        "found": (_by(FactKind.REGISTERED),),
        "reopened": (_by(FactKind.REOPENED),),
        "moved_in": _moves(),
        "closed": (_by(FactKind.CLOSED),),
        "rejected": (_by(FactKind.REJECTED),),
        "merged": (_by(FactKind.MERGED),),
        "transferred": (_by(FactKind.TRANSFERRED),),
        "acceptances": (_by(FactKind.ACCEPTANCE_PASSED, FactKind.ACCEPTANCE_FAILED),),
        "reworked": (_by(FactKind.ACCEPTANCE_FAILED),),
        "verified": (_by(FactKind.VERIFIED),),
        "dispatched_in_time": (
            *(_by(FactKind.ASSIGNED), first_assigned),
            *(S.verified_at >= start, in_time),
        ),
    }


def _stocks(start: int, end: int) -> dict[str, Conditions]:
    """What holds at the end; dues also ask whether they fell into the scope."""
    judged = S.marks.bitwise_and(int(Mark.OPENING)) == 0
    due = and_(S.due_at > start, S.due_at <= end, S.state.not_in(_NEVER_RECTIFIED), judged)
    accepted, in_time = S.accepted_at > 0, S.accepted_at <= S.due_at
    major, filed_in_time = S.severity == int(Severity.MAJOR), S.backdated == 0
    complete = S.elements.bitwise_and(int(FIVE_ELEMENTS)) == int(FIVE_ELEMENTS)
    overdue = (OPEN, S.accepted_at == 0, S.due_at > 0, S.due_at <= end)
    return {
        "closing": (OPEN,),
        "due": (due,),
        "on_time": (due, accepted, in_time, filed_in_time),
        "on_time_original": (due, accepted, S.accepted_at <= S.original_due_at, filed_in_time),
        "backdated": (due, accepted, in_time, S.backdated == 1),
        "overdue": overdue,
        "overdue_major": (*overdue, major),
        "major_open": (OPEN, major),
        "major_complete": (OPEN, major, complete),
    }
