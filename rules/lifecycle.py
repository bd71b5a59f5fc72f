"""The life of a hazard, declared once: which fact moves it from where to where, and what guards it.

    registered → verified → assigned → rectifying → submitted → closed      (domain §3)

One table serves whole frames (`rules.fold`) and single operator actions alike. A move that its
state does not allow is ineffective; a move that lacks data is pending and names what is missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rules.elements import FIVE_ELEMENTS, NOTHING, SUBMISSION, Need
from schemas.vocabulary import FACT_RANK, FactKind, Severity, State

OPEN_STATES = (
    State.REGISTERED,
    State.VERIFIED,
    State.ASSIGNED,
    State.RECTIFYING,
    State.SUBMITTED,
)
UNDER_WAY = (State.ASSIGNED, State.RECTIFYING, State.SUBMITTED)
EXITS = (State.CLOSED, State.REJECTED, State.MERGED, State.TRANSFERRED)


@dataclass(frozen=True)
class Move:
    """What one kind of fact does: allowed from `sources`, leads to `to` (None: state is kept).

    `needs` binds general and major hazards, `needs_major` is added for major ones.
    """

    kind: FactKind
    sources: tuple[State, ...]
    to: State | None
    needs: Need = NOTHING
    needs_major: Need = NOTHING


_TO_START = Need.RESPONSIBILITY | Need.MEASURES | Need.DEADLINE

MOVES: tuple[Move, ...] = (
    Move(FactKind.REGISTERED, (State.NONE,), State.REGISTERED),
    Move(FactKind.VERIFIED, (State.REGISTERED,), State.VERIFIED, Need.ORGANISATION),
    Move(
        FactKind.REJECTED,
        (State.REGISTERED, State.VERIFIED),
        State.REJECTED,
        Need.ORGANISATION | Need.REASON,
    ),
    Move(
        FactKind.ASSIGNED,
        (State.VERIFIED,),
        State.ASSIGNED,
        Need.RESPONSIBILITY | Need.DEADLINE,
    ),
    Move(FactKind.BOUNCED, (State.ASSIGNED,), State.VERIFIED, Need.REASON),
    Move(FactKind.ELEMENTS_FILED, OPEN_STATES, None),
    Move(
        FactKind.STARTED,
        (State.ASSIGNED,),
        State.RECTIFYING,
        _TO_START,
        FIVE_ELEMENTS | Need.INTERIM_CONTROL,
    ),
    Move(
        FactKind.EXTENDED,
        (State.ASSIGNED, State.RECTIFYING),
        None,
        Need.REASON | Need.SECOND_PERSON | Need.DUE_DATE | Need.INTERIM_CONTROL,
    ),
    Move(FactKind.MOVED, OPEN_STATES, None, Need.TOWN | Need.SECOND_PERSON),
    Move(
        FactKind.SEVERITY_CHANGED,
        OPEN_STATES,
        None,
        Need.SEVERITY,
        Need.REASON | Need.SECOND_PERSON,  # of a major hazard: it is taken down
    ),
    Move(FactKind.LISTED, OPEN_STATES, None, Need.LISTING_NUMBER),
    Move(FactKind.DELISTED, OPEN_STATES, None, Need.LISTING_LEVEL | Need.ACCEPTANCE),
    Move(FactKind.SUBMITTED, (State.RECTIFYING,), State.SUBMITTED, SUBMISSION),
    Move(FactKind.ACCEPTANCE_PASSED, (State.SUBMITTED,), None, Need.ORGANISATION),
    Move(
        FactKind.ACCEPTANCE_FAILED,
        (State.SUBMITTED,),
        State.RECTIFYING,
        Need.ORGANISATION,
    ),
    Move(
        FactKind.CLOSED,
        (State.SUBMITTED,),
        State.CLOSED,
        Need.ACCEPTANCE | Need.DELISTING,
    ),
    Move(FactKind.REOPENED, (State.CLOSED,), State.ASSIGNED, Need.REASON),
    Move(
        FactKind.MERGED,
        (State.REGISTERED, State.VERIFIED, State.ASSIGNED, State.RECTIFYING),
        State.MERGED,
        Need.TARGET,
    ),
    Move(
        FactKind.TRANSFERRED,
        (State.REGISTERED, State.VERIFIED, State.ASSIGNED),
        State.TRANSFERRED,
        Need.TARGET,
    ),
    Move(
        FactKind.EXTENSION_ASKED,
        (State.ASSIGNED, State.RECTIFYING),
        None,
        Need.REASON | Need.DUE_DATE | Need.INTERIM_CONTROL,
    ),
    Move(
        FactKind.EXTENSION_REFUSED,
        (State.ASSIGNED, State.RECTIFYING),
        None,
        Need.REASON | Need.SECOND_PERSON,
    ),
    Move(
        FactKind.SUSPENDED,
        (State.ASSIGNED, State.RECTIFYING),
        None,
        Need.REASON | Need.SECOND_PERSON,
    ),
    Move(
        FactKind.CONTINUED,
        (State.ASSIGNED, State.RECTIFYING),
        None,
        Need.ORGANISATION | Need.SECOND_PERSON,
    ),
    Move(FactKind.PRODUCTION_STOPPED, OPEN_STATES, None, Need.ORGANISATION | Need.REASON),
    Move(FactKind.RESUMPTION_ASKED, (*OPEN_STATES, State.CLOSED), None, Need.ORGANISATION),
    Move(
        FactKind.PRODUCTION_RESUMED,
        (*OPEN_STATES, State.CLOSED),
        None,
        Need.ORGANISATION | Need.REVIEW | Need.APPLICATION,
    ),
    Move(FactKind.INTERIM_CHECKED, UNDER_WAY, None, Need.ORGANISATION),
    Move(
        FactKind.VOIDED,
        tuple(state for state in State if state),
        None,
        Need.REASON | Need.SECOND_PERSON | Need.TARGET,
    ),
)

BY_KIND = {move.kind: move for move in MOVES}

# Facts that end a submission's data: what was handed in has been found wanting.
RESETS_SUBMISSION = (FactKind.ACCEPTANCE_FAILED, FactKind.REOPENED)


def allowed(state: State) -> tuple[FactKind, ...]:
    """The facts that may happen to a hazard in this state."""
    return tuple(m.kind for m in MOVES if state in m.sources)


def needs(kind: FactKind, severity: Severity) -> Need:
    move = BY_KIND[kind]
    return move.needs | (move.needs_major if severity is Severity.MAJOR else NOTHING)


def _table(values: Iterable[tuple[int, int, int]], shape: tuple[int, int], fill: int) -> np.ndarray:
    table = np.full(shape, fill, dtype=np.int64)
    for row, column, value in values:
        table[row, column] = value
    return table


_SHAPE = (len(FactKind), len(State))

# NEXT[kind, state] is the state after, or -1 where the state does not allow the fact.
NEXT = _table(
    ((FACT_RANK[m.kind], s, s if m.to is None else m.to) for m in MOVES for s in m.sources),
    _SHAPE,
    -1,
)

# NEEDS[kind, severity] is the mask a fact of this kind must find filled.
NEEDS = _table(
    ((FACT_RANK[m.kind], sev, needs(m.kind, sev)) for m in MOVES for sev in Severity),
    (len(FactKind), len(Severity)),
    0,
)
