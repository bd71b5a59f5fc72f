"""The life of a listing 挂牌督办, declared once: steps, what they need and what forbids them.

    proposed → in force → applied → passed → delisted → closed      (domain §4, Ningbo's forms)

A listing is its own entity: one unit or place, one or more hazards. Only the office's own door and
the level above make steps, so a step that is refused is not entered at all: the refusal names the
guard or what is missing. What a step means for the hazards themselves is `hazard_event`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from rules.clocks import WorkingDays
from schemas.vocabulary import FactKind, ListingLevel, ListingState, ListingStep

L, S = ListingState, ListingStep
LONGEST_TERM_DAYS = 366  # a year at most, whatever a policy says (Qingdao 2012)


@dataclass(frozen=True)
class Listing:
    """One listing as it stands; times in UTC ms, 0 for not yet; number "" before the approval."""

    listing_id: str
    unit_name: str
    town_code: str
    sector_code: str
    level: ListingLevel
    source: str
    state: ListingState = L.NONE
    number: str = ""
    proposed_at: int = 0
    listed_at: int = 0
    due_at: int = 0
    original_due_at: int = 0
    plan_due_at: int = 0
    plan_filed_at: int = 0
    progress_at: int = 0
    reported_up_at: int = 0
    published_at: int = 0
    extension_asked_at: int = 0
    applied_at: int = 0
    decided_at: int = 0
    delisted_at: int = 0
    closed_at: int = 0


@dataclass(frozen=True)
class Said:
    """What a step says; number and plan_due_at are the office's own, with the notice."""

    at: int
    person: str = ""
    second_person: str = ""
    organisation: str = ""
    reason: str = ""
    evidence: str = ""
    plan_reference: str = ""
    interim_control: str = ""
    due_at: int = 0
    plan_due_at: int = 0
    level: ListingLevel = ListingLevel.NONE
    number: str = ""


@dataclass(frozen=True)
class Circumstances:
    """What a step is judged by beside the listing: its hazards, who asked, notice and days."""

    all_accepted: bool
    all_closed: bool
    asker: str
    notice_working_days: int
    days: WorkingDays


@dataclass(frozen=True)
class Refused:
    """Why a step is not made: a guard's reason, or the names of what is missing."""

    reason: str = ""
    missing: tuple[str, ...] = ()


Guard = Callable[[Listing, Said, Circumstances], bool]


@dataclass(frozen=True)
class ListingMove:
    """One step: from which states, to which (None: it stays), what it needs, what forbids it."""

    step: ListingStep
    sources: tuple[ListingState, ...]
    to: ListingState | None
    needs: tuple[str, ...] = ()
    guards: Mapping[str, Guard] | None = None


def _expired(row: Listing, said: Said, by: Circumstances) -> bool:
    return said.at >= row.due_at


def _short_notice(row: Listing, said: Said, by: Circumstances) -> bool:
    left = by.days.count(by.days.day_of(said.at), by.days.day_of(row.due_at - 1))
    return left < by.notice_working_days


def _term_too_long(row: Listing, said: Said, by: Circumstances) -> bool:
    start = row.listed_at or said.at
    longest = by.days.day_of(start).toordinal() + LONGEST_TERM_DAYS
    return said.due_at > 0 and by.days.day_of(said.due_at - 1) > date.fromordinal(longest)


def _not_later(row: Listing, said: Said, by: Circumstances) -> bool:
    return said.due_at <= row.due_at


def _pending(row: Listing, said: Said, by: Circumstances) -> bool:
    return row.extension_asked_at > 0


def _nothing_asked(row: Listing, said: Said, by: Circumstances) -> bool:
    return row.extension_asked_at == 0


def _by_asker(row: Listing, said: Said, by: Circumstances) -> bool:
    return said.second_person in (by.asker, said.person)


def _same_person(row: Listing, said: Said, by: Circumstances) -> bool:
    return said.second_person == said.person


def _by_unit(row: Listing, said: Said, by: Circumstances) -> bool:
    return said.organisation == row.unit_name


def _not_accepted(row: Listing, said: Said, by: Circumstances) -> bool:
    return not by.all_accepted


def _not_closed(row: Listing, said: Said, by: Circumstances) -> bool:
    return not by.all_closed


def _other_level(row: Listing, said: Said, by: Circumstances) -> bool:
    return said.level != row.level


def _not_higher(row: Listing, said: Said, by: Circumstances) -> bool:
    return said.level <= row.level


_UNDER = (L.IN_FORCE, L.APPLIED, L.PASSED)
_DECIDED_APART: Mapping[str, Guard] = {"nothing_asked": _nothing_asked, "same_person": _by_asker}

MOVES: tuple[ListingMove, ...] = (
    ListingMove(S.PROPOSED, (L.NONE,), L.PROPOSED, ("level",)),
    ListingMove(
        S.APPROVED, (L.PROPOSED,), L.IN_FORCE, ("second_person", "number"),
        {"same_person": _same_person, "term_too_long": _term_too_long},
    ),
    ListingMove(S.REFUSED, (L.PROPOSED,), L.REFUSED, ("reason",)),
    ListingMove(S.ADOPTED, (L.NONE,), L.IN_FORCE, ("level", "number")),
    ListingMove(S.RECEIVED, _UNDER, None, ("person",)),
    ListingMove(S.PUBLISHED, (*_UNDER, L.DELISTED), None),
    ListingMove(S.REPORTED_UP, (L.PROPOSED, *_UNDER), None),
    ListingMove(S.PLAN_FILED, (L.IN_FORCE,), None, ("plan_reference",)),
    ListingMove(S.PROGRESS, _UNDER, None, ("reason",)),
    ListingMove(
        S.EXTENSION_ASKED, (L.IN_FORCE,), None, ("reason", "due_at", "interim_control"),
        {
            "extension_after_expiry": _expired,
            "already_asked": _pending,
            "extension_asked_too_late": _short_notice,
            "not_later": _not_later,
        },
    ),
    ListingMove(
        S.EXTENDED, (L.IN_FORCE,), None, ("second_person", "due_at"),
        {
            "extension_after_expiry": _expired,
            **_DECIDED_APART,
            "not_later": _not_later,
            "term_too_long": _term_too_long,
        },
    ),
    ListingMove(
        S.EXTENSION_REFUSED, (L.IN_FORCE,), None, ("reason", "second_person"), _DECIDED_APART
    ),
    ListingMove(S.APPLIED, (L.IN_FORCE,), L.APPLIED, ("organisation",)),
    ListingMove(
        S.PASSED, (L.APPLIED,), L.PASSED, ("organisation", "person", "evidence"),
        {"accepted_by_rectifier": _by_unit, "hazards_not_accepted": _not_accepted},
    ),
    ListingMove(
        S.FAILED, (L.APPLIED,), L.IN_FORCE, ("organisation", "reason"),
        {"accepted_by_rectifier": _by_unit},
    ),
    ListingMove(
        S.DELISTED, (L.PASSED,), L.DELISTED, ("level", "second_person"),
        {
            "delisted_by_other_level": _other_level,
            "same_person": _same_person,
            "hazards_not_accepted": _not_accepted,
        },
    ),
    ListingMove(S.LIFTED, _UNDER, L.DELISTED),
    ListingMove(
        S.RAISED, (L.IN_FORCE,), None, ("level", "number", "second_person"),
        {"not_higher": _not_higher, "same_person": _same_person},
    ),
    ListingMove(S.CLOSED, (L.DELISTED,), L.CLOSED, (), {"hazards_not_closed": _not_closed}),
)  # fmt: skip
BY_STEP = {move.step: move for move in MOVES}

# Which time of the listing a step writes; what else it changes is in `_changes`.
_TIME = {
    S.PROPOSED: "proposed_at",
    S.APPROVED: "listed_at",
    S.ADOPTED: "listed_at",
    S.PUBLISHED: "published_at",
    S.REPORTED_UP: "reported_up_at",
    S.PLAN_FILED: "plan_filed_at",
    S.PROGRESS: "progress_at",
    S.EXTENSION_ASKED: "extension_asked_at",
    S.APPLIED: "applied_at",
    S.PASSED: "decided_at",
    S.FAILED: "decided_at",
    S.DELISTED: "delisted_at",
    S.LIFTED: "delisted_at",
    S.CLOSED: "closed_at",
}

# What a step means for each of the listing's hazards.
hazard_event: Mapping[ListingStep, FactKind] = {
    S.APPROVED: FactKind.LISTED,
    S.RAISED: FactKind.LISTED,
    S.EXTENDED: FactKind.EXTENDED,
    S.DELISTED: FactKind.DELISTED,
}


def refusal(row: Listing, step: ListingStep, said: Said, by: Circumstances) -> Refused | None:
    """Why `step` cannot be made now; None when it can."""
    move = BY_STEP[step]
    if row.state not in move.sources:
        return Refused("not_from_this_state")
    for reason, refuses in (move.guards or {}).items():
        if _is_said(said, move) and refuses(row, said, by):
            return Refused(reason)
    missing = tuple(name for name in move.needs if not getattr(said, name))
    return Refused(missing=missing) if missing else None


def _is_said(said: Said, move: ListingMove) -> bool:
    """Guards speak of what is said; what is not is missing, and named as such."""
    return all(getattr(said, name) for name in move.needs)


def after(row: Listing, step: ListingStep, said: Said) -> Listing:
    """The listing once `step` was made; whether it may be made is `refusal`'s business."""
    to = BY_STEP[step].to
    row = replace(row, state=row.state if to is None else to)
    if step in _TIME:
        row = replace(row, **{_TIME[step]: said.at})  # type: ignore[arg-type]
    return _changes(row, step, said)


def _changes(row: Listing, step: ListingStep, said: Said) -> Listing:
    if step in (S.APPROVED, S.ADOPTED):
        return replace(
            row,
            number=said.number,
            due_at=said.due_at,
            original_due_at=said.due_at,
            plan_due_at=said.plan_due_at,
            level=said.level or row.level,
        )
    if step is S.EXTENDED:
        return replace(row, due_at=said.due_at, extension_asked_at=0)
    if step is S.EXTENSION_REFUSED:
        return replace(row, extension_asked_at=0)
    if step is S.RAISED:
        return replace(row, level=said.level, number=said.number)
    return row
