"""What the six official papers of listed supervision hold, and nothing else (domain §4).

A form is an allowlist: a paper shows only what its class names, and no class here has room for
somebody who reported, for what they wrote or for how a hazard became known. A slip that named its
channel except after public reports would tell the accused unit of a report by saying nothing, so no
slip names it. Texts are the office's own words. A value that contradicts itself raises ValueError.
"""

from dataclasses import dataclass
from datetime import date

from schemas.vocabulary import ListingLevel, Severity


def _refuse(is_wrong: bool, reason: str) -> None:
    if is_wrong:
        raise ValueError(reason)


def _check_money(fen: int | None) -> None:
    wrong = fen is not None and fen < 0
    _refuse(wrong, f"spent_fen is {fen}: money spent is not negative; give fen, or None if unknown")


def _check_some(hazards: tuple[object, ...]) -> None:
    _refuse(not hazards, "no hazard is given: a paper is about at least one; name what it is about")


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """One hazard as a paper describes it."""

    what: str
    where: str
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class ListingNotice:
    """挂牌督办通知书: the numbered notice that puts a unit's hazards under listed supervision.

    `requirement` is added to the five elements, which every notice asks for. Without `received_by`
    and `received_on` the receipt is left open to be signed.
    """

    number: str
    level: ListingLevel
    unit: str
    hazards: tuple[Hazard, ...]
    due_on: date
    plan_due_on: date
    department: str  # supervising 督办部门
    approver: str  # the leader, by name or post
    office: str
    issued_on: date
    requirement: str = ""
    received_by: str = ""
    received_on: date | None = None

    def __post_init__(self) -> None:
        _check_some(self.hazards)
        unlisted = self.level == ListingLevel.NONE
        _refuse(unlisted, f"level of {self.number!r} is NONE: a notice lists; give the level")


@dataclass(frozen=True, kw_only=True)
class ExtensionOpinion:
    """延期审批意见书: what was decided on a unit's request for more time."""

    listing_number: str
    unit: str
    hazards: tuple[Hazard, ...]
    due_on: date  # the deadline that the request wants moved
    asked_due_on: date
    asked_on: date
    reason: str
    interim_control: str
    is_granted: bool
    decider: str
    decided_on: date
    office: str
    new_due_on: date | None = None
    opinion: str = ""

    def __post_init__(self) -> None:
        _check_some(self.hazards)
        dated = self.new_due_on is not None
        both = f"is_granted is {self.is_granted} and new_due_on is {self.new_due_on}"
        _refuse(dated != self.is_granted, f"{both}: a granted extension, and no other, has a date")


@dataclass(frozen=True, kw_only=True)
class AcceptanceOpinion:
    """验收意见书: what another organisation than the rectifier's found, and what remains."""

    listing_number: str
    unit: str
    hazards: tuple[Hazard, ...]
    done: str
    spent_fen: int | None
    evidence: tuple[str, ...]
    organisation: str
    persons: tuple[str, ...]
    is_passed: bool
    accepted_on: date
    office: str
    opinion: str = ""
    remains: str = ""

    def __post_init__(self) -> None:
        _check_some(self.hazards)
        _check_money(self.spent_fen)
        silent = not self.is_passed and not self.remains
        _refuse(silent, "remains is empty: a failed acceptance says what remains to be done")


@dataclass(frozen=True, kw_only=True)
class RiskSlip:
    """风险提示单: tells a unit of a risk at its place and asks for an answer.

    `found_on` is the day on which an official saw the hazard, never the day of a report.
    """

    number: str
    unit: str
    what: str
    where: str
    found_on: date
    requirement: str
    answer_by: date
    answer_working_days: int
    office: str
    issued_on: date


@dataclass(frozen=True, kw_only=True)
class RectificationReport:
    """整改报告单: the unit's answer to a slip; what is left out stays open for a pen."""

    slip_number: str
    unit: str
    what: str
    office: str  # to whom it answers
    done: str = ""
    spent_fen: int | None = None
    evidence: tuple[str, ...] = ()
    responsible: str = ""
    reported_on: date | None = None
    review: str = ""
    reviewer: str = ""
    reviewed_on: date | None = None

    def __post_init__(self) -> None:
        _check_money(self.spent_fen)


@dataclass(frozen=True, kw_only=True)
class OverdueItem:
    """One line of a supervision letter."""

    what: str
    unit: str
    due_on: date
    days_overdue: int


@dataclass(frozen=True, kw_only=True)
class SupervisionLetter:
    """督办函: tells a town or department which of its items are overdue and asks for a reply."""

    number: str
    addressee: str
    items: tuple[OverdueItem, ...]
    counted_on: date
    reply_by: date
    office: str
    issued_on: date
    requirement: str = ""

    def __post_init__(self) -> None:
        _check_some(self.items)


Form = (
    ListingNotice
    | ExtensionOpinion
    | AcceptanceOpinion
    | RiskSlip
    | RectificationReport
    | SupervisionLetter
)
